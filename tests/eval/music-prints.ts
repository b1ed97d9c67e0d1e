import { readFile } from 'node:fs/promises';
import { loadSource } from './music-material.ts';
import { type Kind, kinds, type MusicSources, type Source } from './music-sources.ts';
import { mixRate, throughFfmpeg } from './sound.ts';

/** Every so many of Chromaprint's items is kept, chosen by its value: two copies of a sound keep the same ones. */
const keptOf: Readonly<Record<Kind, number>> = { music: 32, speech: 8, noise: 8 };
/** Copies of a sound share this many kept items at least, all the same time apart. */
const leastShared = 3;
const leastShare = 0.12;
const valueBits = 24;

/** What the sounds of a package sound like, kept small. */
export interface SourcePrint {
  readonly package: string;
  readonly version: string;
  readonly kind: Kind;
  /** Where the kept items stand and the lowest 24 bits of each: base64 of [step to the next, value] in 4 bytes. */
  readonly items: string;
}

/** `tests/eval/music-prints.json`. */
export interface MusicPrints {
  readonly sources: readonly SourcePrint[];
  /** A package that once was trained on although the evaluation holds one of its works: the comparison must tell it. */
  readonly knownOverlap: SourcePrint;
}

export const readMusicPrints = async (): Promise<MusicPrints> =>
  JSON.parse(await readFile(new URL('music-prints.json', import.meta.url), 'utf8'));

export interface PlacedItem {
  readonly at: number;
  readonly value: number;
}

/** Chromaprint's items of a sound, an eighth of a second each. */
export async function chromaprintOf(input: readonly string[], bytes?: Uint8Array): Promise<Uint32Array> {
  const raw = await throughFfmpeg(
    [...input, '-vn', '-ac', '1', '-f', 'chromaprint', '-fp_format', 'raw', '-algorithm', '1', '-'],
    bytes,
  );
  return new Uint32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + (raw.length & ~3)));
}

/** The items to keep. What stands still (silence, a tone) is the same in every sound, and is left out. */
export function keptItems(print: Uint32Array, of: number): PlacedItem[] {
  const kept: PlacedItem[] = [];
  for (let at = 1; at < print.length; at++) {
    if (print[at] === print[at - 1]) continue;
    const mixed = Math.imul(print[at]! ^ (print[at]! >>> 15), 0x2c1b3c6d) >>> 0;
    if ((mixed >>> 8) % of === 0) kept.push({ at, value: print[at]! & (2 ** valueBits - 1) });
  }
  return kept;
}

/** Whether two prints hold the same sound somewhere: kept items in common, the same time apart. */
export function shareSound(one: readonly PlacedItem[], other: readonly PlacedItem[]): boolean {
  const places = Map.groupBy(other, ({ value }) => value);
  const votes = new Map<number, number>();
  for (const { at, value } of one) {
    for (const { at: there } of places.get(value) ?? []) {
      const apart = there - at;
      for (const near of [apart, apart + 1]) votes.set(near, (votes.get(near) ?? 0) + 1);
    }
  }
  const most = Math.max(0, ...votes.values());
  return most >= Math.max(leastShared, leastShare * one.length);
}

export function packItems(items: readonly PlacedItem[]): string {
  const bytes: number[] = [];
  let before = 0;
  for (const { at, value } of items) {
    // A step of 255 says that nothing stands there and the way goes on.
    for (let step = at - before; ; step -= 255) {
      const isLast = step < 255;
      bytes.push(isLast ? step : 255, ...(isLast ? [value & 255, (value >> 8) & 255, value >> 16] : []));
      if (isLast) break;
    }
    before = at;
  }
  return Buffer.from(bytes).toString('base64');
}

export function unpackItems(packed: string): PlacedItem[] {
  const bytes = Buffer.from(packed, 'base64');
  const items: PlacedItem[] = [];
  let place = 0;
  for (let at = 0; at < bytes.length; ) {
    const step = bytes[at++]!;
    place += step;
    if (step === 255) continue;
    items.push({ at: place, value: bytes.readUIntLE(at, 3) });
    at += 3;
  }
  return items;
}

export const keptOfKind = (kind: Kind): number => keptOf[kind];

/** Prints of all that the model is made and reported with, from the cache of `npm run train:music`. */
export async function printSources({ groups, leftOut }: MusicSources, cache: string): Promise<SourcePrint[]> {
  const prints: SourcePrint[] = [];
  for (const group of [...Object.values(groups), leftOut])
    for (const kind of kinds) for (const source of group[kind]) prints.push(await printSource(source, kind, cache));
  return prints;
}

async function printSource(source: Source, kind: Kind, cache: string): Promise<SourcePrint> {
  const { samples } = await loadSource(source, kind, cache);
  const input = ['-f', 's16le', '-ar', String(mixRate), '-ac', '1', '-i', 'pipe:0'];
  const print = await chromaprintOf(input, new Uint8Array(samples.buffer));
  const { package: name, version } = source;
  return { package: name, version, kind, items: packItems(keptItems(print, keptOf[kind])) };
}
