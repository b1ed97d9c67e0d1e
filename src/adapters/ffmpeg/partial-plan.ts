import type { Edit } from '../../domain/decision.ts';
import { mustHave } from '../../domain/must-have.ts';

/** One packet of the picture, in the order of decoding; seconds from the beginning of the file. */
export interface PicturePacket {
  readonly pts: number;
  readonly dts: number;
  readonly isKey: boolean;
}

/** A stretch of the picture from one clean key frame to the next one named, or to the end. */
export interface PicturePart {
  readonly kind: 'copy' | 'encode';
  readonly start: number;
  /** Infinite for the last one. */
  readonly end: number;
  readonly packets: number;
}

export interface PartialPlan {
  readonly parts: readonly PicturePart[];
  /** By how many frames decoding runs ahead of showing. Encoded parts must do the same, or time stamps would cross. */
  readonly delayFrames: 0 | 1 | 2;
}

/** Greatest share of the picture to encode in parts. Beyond it, one pass over all of it is as good and simpler. */
const mostEncoded = 0.6;

/**
 * Which stretches of the picture have to be encoded again, each from a key frame to a key frame, and which can be
 * copied. A key frame is clean when everything decoded after it is also shown after it. Null if that is impossible: no
 * clean key frames, stamps that do not rise, another delay than an encoder can be told, or too much to encode.
 */
export function planParts(
  packets: readonly PicturePacket[],
  edits: readonly Edit[],
  frameRate: number,
): PartialPlan | null {
  const first = packets[0];
  if (!first?.isKey || packets.some(({ pts, dts }) => !Number.isFinite(pts) || !Number.isFinite(dts))) return null;
  const clean = cleanKeys(packets);
  if (clean[0] !== 0) return null;
  const packetAt = (index: number) => mustHave(packets[index], 'packet of this number');
  const startOf = (index: number) => packetAt(index).pts;
  const frame = 1 / frameRate;
  const dirty = new Map<number, number>();
  for (const { startMs, endMs } of edits.toSorted((a, b) => a.startMs - b.startMs)) {
    const from = clean.findLast((index) => startOf(index) <= startMs / 1000 - frame) ?? 0;
    const until = clean.find((index) => startOf(index) >= endMs / 1000 + frame) ?? packets.length;
    const [lastFrom, lastUntil] = [...dirty].at(-1) ?? [-1, -1];
    if (from <= lastUntil) dirty.set(lastFrom, Math.max(lastUntil, until));
    else dirty.set(from, until);
  }
  const parts: PicturePart[] = [];
  const add = (kind: PicturePart['kind'], from: number, until: number) => {
    if (from >= until) return;
    const end = until === packets.length ? Number.POSITIVE_INFINITY : startOf(until);
    parts.push({ kind, start: startOf(from), end, packets: until - from });
  };
  let at = 0;
  for (const [from, until] of dirty) {
    add('copy', at, from);
    add('encode', from, until);
    at = until;
  }
  add('copy', at, packets.length);
  const encoded = parts.reduce((sum, part) => sum + (part.kind === 'encode' ? part.packets : 0), 0);
  if (encoded > mostEncoded * packets.length) return null;
  const delayFrames = commonDelay(clean.map(packetAt), frameRate);
  return delayFrames === null ? null : { parts, delayFrames };
}

/** Key frames before which no later packet is shown, by index. */
function cleanKeys(packets: readonly PicturePacket[]): number[] {
  const clean: number[] = [];
  let earliestAfter = Number.POSITIVE_INFINITY;
  for (let index = packets.length - 1; index >= 0; index--) {
    const { pts, isKey } = mustHave(packets[index], 'packet of this number');
    if (isKey && earliestAfter >= pts) clean.push(index);
    earliestAfter = Math.min(earliestAfter, pts);
  }
  return clean.reverse();
}

function commonDelay(keys: readonly PicturePacket[], frameRate: number): 0 | 1 | 2 | null {
  const delays = keys.map(({ pts, dts }) => (pts - dts) * frameRate);
  const [first] = delays;
  if (first === undefined) return null;
  const whole = Math.round(first);
  if (delays.some((delay) => Math.abs(delay - whole) > 0.25)) return null;
  return whole === 0 || whole === 1 || whole === 2 ? whole : null;
}

/** The encoded part in which a moment lies; frames are counted from its key frame. */
export function encodedPartAt({ parts }: PartialPlan, seconds: number): PicturePart | undefined {
  return parts.find(({ kind, start, end }) => kind === 'encode' && seconds >= start && seconds < end);
}
