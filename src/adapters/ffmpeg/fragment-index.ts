import type { RenditionLayout } from '../../pipeline/ports.ts';
import { childBoxes, findBox } from './box-tree.ts';

/** Fragments are put together to segments of at least this length: fewer requests, and still quick to seek. */
const segmentMs = 10_000;
const headerBytes = 8;

interface Track {
  readonly id: number;
  readonly timescale: number;
  readonly isVideo: boolean;
}

interface Fragment {
  readonly at: number;
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * Notes where the fragments of a fragmented MP4 begin while its bytes go by in pieces of any size. Keeps a box header, or
 * one `moov` or `moof`, never media. For what our own ffmpeg writes: `default_base_moof`, 32-bit box sizes, one fragment
 * for each key frame. ISO/IEC 14496-12 sections 8.8.4 to 8.8.12.
 */
export class FragmentIndex {
  #at = 0;
  /** The box that is being read: its type and what of it has arrived, or how much of it is to be skipped. */
  #kept: Buffer = Buffer.alloc(0);
  #skip = 0;
  #initBytes = 0;
  #tracks: readonly Track[] = [];
  #defaults = new Map<number, number>();
  readonly #fragments: Fragment[] = [];

  push(piece: Uint8Array): void {
    let bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    while (bytes.length > 0) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, bytes.length);
        this.#skip -= skipped;
        this.#at += skipped;
        bytes = bytes.subarray(skipped);
        continue;
      }
      const wanted = this.#kept.length < headerBytes ? headerBytes : this.#kept.readUInt32BE(0);
      const taken = bytes.subarray(0, wanted - this.#kept.length);
      this.#kept = Buffer.concat([this.#kept, taken]);
      bytes = bytes.subarray(taken.length);
      this.#readBox();
    }
  }

  /** @throws Error when what went by was no rendition, or its last box was cut short. */
  end(): Pick<RenditionLayout, 'durationMs' | 'initBytes' | 'segments'> {
    if (this.#kept.length > 0 || this.#skip > 0 || this.#tracks.length === 0 || this.#fragments.length === 0)
      throw new Error('the rendition is cut short');
    const segments: [at: number, bytes: number, durationMs: number][] = [];
    let first = this.#fragments[0]!;
    for (const [index, { endMs }] of this.#fragments.entries()) {
      const next = this.#fragments[index + 1];
      const untilMs = next?.startMs ?? endMs;
      if (next !== undefined && untilMs - first.startMs < segmentMs) continue;
      segments.push([first.at, (next?.at ?? this.#at) - first.at, Math.round(untilMs - first.startMs)]);
      if (next !== undefined) first = next;
    }
    const durationMs = Math.round(Math.max(...this.#fragments.map(({ endMs }) => endMs)));
    return { durationMs, initBytes: this.#initBytes, segments };
  }

  #readBox(): void {
    if (this.#kept.length < headerBytes) return;
    const size = this.#kept.readUInt32BE(0);
    const type = this.#kept.toString('latin1', 4, 8);
    if (size < headerBytes) throw new Error(`a box of ${size} bytes in the rendition`);
    if (type !== 'moov' && type !== 'moof') {
      this.#skip = size - headerBytes;
      this.#at += headerBytes;
      this.#kept = Buffer.alloc(0);
      return;
    }
    if (this.#kept.length < size) return;
    if (type === 'moov') this.#readMovie(this.#kept, this.#at + size);
    else this.#readFragment(this.#kept);
    this.#at += size;
    this.#kept = Buffer.alloc(0);
  }

  #readMovie(movie: Buffer, end: number): void {
    this.#initBytes = end;
    const boxes = childBoxes(movie, headerBytes);
    this.#tracks = boxes
      .filter(({ type }) => type === 'trak')
      .map(({ body }) => {
        const header = findBox(body, 'tkhd');
        const media = findBox(body, 'mdia', 'mdhd');
        const handler = findBox(body, 'mdia', 'hdlr');
        return {
          id: header.readUInt32BE(header[0] === 1 ? 20 : 12),
          timescale: media.readUInt32BE(media[0] === 1 ? 20 : 12),
          isVideo: handler.toString('latin1', 8, 12) === 'vide',
        };
      });
    const extended = boxes.find(({ type }) => type === 'mvex');
    for (const { type, body } of extended ? childBoxes(extended.body) : [])
      if (type === 'trex') this.#defaults.set(body.readUInt32BE(4), body.readUInt32BE(12));
  }

  /** A fragment begins with its picture where there is one: that is what a player seeks to. */
  #readFragment(fragment: Buffer): void {
    const parts = childBoxes(fragment, headerBytes)
      .filter(({ type }) => type === 'traf')
      .map(({ body }) => this.#readTrack(body));
    const leading = parts.find(({ isVideo }) => isVideo) ?? parts[0];
    if (leading === undefined) throw new Error('a fragment without a track in the rendition');
    this.#fragments.push({ at: this.#at, startMs: leading.startMs, endMs: leading.endMs });
  }

  #readTrack(fragment: Buffer): { isVideo: boolean; startMs: number; endMs: number } {
    const header = findBox(fragment, 'tfhd');
    const id = header.readUInt32BE(4);
    const track = this.#tracks.find((each) => each.id === id);
    if (track === undefined) throw new Error(`a fragment of an unknown track ${id} in the rendition`);
    const time = findBox(fragment, 'tfdt');
    const start = time[0] === 1 ? Number(time.readBigUInt64BE(4)) : time.readUInt32BE(4);
    const units = childBoxes(fragment)
      .filter(({ type }) => type === 'trun')
      .reduce((sum, { body }) => sum + runLength(body, defaultDuration(header) ?? this.#defaults.get(id) ?? 0), 0);
    const toMs = (value: number) => (value / track.timescale) * 1000;
    return { isVideo: track.isVideo, startMs: toMs(start), endMs: toMs(start + units) };
  }
}

const flagsOf = (box: Buffer): number => box.readUInt32BE(0) & 0xff_ff_ff;

/** `tfhd`: optional fields stand in the order of their flags. */
function defaultDuration(header: Buffer): number | undefined {
  const flags = flagsOf(header);
  if ((flags & 0x8) === 0) return undefined;
  return header.readUInt32BE(8 + ((flags & 0x1) === 0 ? 0 : 8) + ((flags & 0x2) === 0 ? 0 : 4));
}

/** Length in time of one `trun`. */
function runLength(run: Buffer, eachByDefault: number): number {
  const flags = flagsOf(run);
  const samples = run.readUInt32BE(4);
  if ((flags & 0x100) === 0) return samples * eachByDefault;
  const first = 8 + ((flags & 0x1) === 0 ? 0 : 4) + ((flags & 0x4) === 0 ? 0 : 4);
  const step = 4 * [0x100, 0x200, 0x400, 0x800].filter((flag) => (flags & flag) !== 0).length;
  let units = 0;
  for (let sample = 0; sample < samples; sample++) units += run.readUInt32BE(first + sample * step);
  return units;
}
