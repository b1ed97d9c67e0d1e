import type { RenditionLayout } from '../../pipeline/ports/media.ts';
import { childBoxes, findBox } from './box-tree.ts';

/** Fragments are joined into segments of at least this length: fewer requests, and still quick to seek. */
const segmentMs = 10_000;
const headerBytes = 8;

interface Track {
  readonly id: number;
  readonly timescale: number;
  readonly isVideo: boolean;
}

interface Fragment {
  readonly at: number;
  /** Whether it can be decoded without the samples before it. */
  readonly isKey: boolean;
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * Notes where the fragments of a fragmented MP4 begin while its bytes go by in pieces of any size. Keeps a box header,
 * or one `moov` or `moof`, never media. Reads only what our own ffmpeg writes: `default_base_moof`, 32-bit box sizes,
 * and a new fragment at every key frame. ISO/IEC 14496-12 sections 8.8.4 to 8.8.12.
 */
export class FragmentIndex {
  #at = 0;
  /**
   * The box that is being read: its type and the bytes of it that have arrived, or how many are still to be skipped.
   */
  #kept: Buffer = Buffer.alloc(0);
  #skip = 0;
  #initBytes = 0;
  #tracks: readonly Track[] = [];
  /** By track: length of a sample and its flags, for a fragment that does not state them. */
  #defaults = new Map<number, { duration: number; flags: number }>();
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

  /** @throws Error if the bytes were no rendition, or the last box was cut short. */
  end(): Pick<RenditionLayout, 'durationMs' | 'initBytes' | 'segments'> {
    let [first] = this.#fragments;
    if (this.#kept.length > 0 || this.#skip > 0 || this.#tracks.length === 0 || !first)
      throw new Error('the rendition is cut short');
    const segments: [at: number, bytes: number, durationMs: number][] = [];
    for (const [index, { endMs }] of this.#fragments.entries()) {
      const next = this.#fragments[index + 1];
      const untilMs = next?.startMs ?? endMs;
      if (next !== undefined && (!next.isKey || untilMs - first.startMs < segmentMs)) continue;
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
      if (type === 'trex')
        this.#defaults.set(body.readUInt32BE(4), { duration: body.readUInt32BE(12), flags: body.readUInt32BE(20) });
  }

  /** A fragment begins with its picture, to which a player seeks. A fragment of sound alone joins those before it. */
  #readFragment(fragment: Buffer): void {
    const parts = childBoxes(fragment, headerBytes)
      .filter(({ type }) => type === 'traf')
      .map(({ body }) => this.#readTrack(body));
    const hasPicture = this.#tracks.some(({ isVideo }) => isVideo);
    const leading = hasPicture ? parts.find(({ isVideo }) => isVideo) : parts[0];
    if (leading !== undefined) this.#fragments.push({ ...leading, at: this.#at });
    else if (this.#fragments.length === 0) throw new Error('the rendition begins without its picture');
  }

  #readTrack(fragment: Buffer): Omit<Fragment, 'at'> & { isVideo: boolean } {
    const header = readHeader(findBox(fragment, 'tfhd'));
    const track = this.#tracks.find((each) => each.id === header.id);
    if (track === undefined) throw new Error(`a fragment of an unknown track ${header.id} in the rendition`);
    const defaults = this.#defaults.get(header.id);
    const duration = header.duration ?? defaults?.duration ?? 0;
    const time = findBox(fragment, 'tfdt');
    const start = time[0] === 1 ? Number(time.readBigUInt64BE(4)) : time.readUInt32BE(4);
    const runs = childBoxes(fragment).flatMap(({ type, body }) => (type === 'trun' ? [readRun(body, duration)] : []));
    const units = runs.reduce((sum, run) => sum + run.units, 0);
    const flags = runs[0]?.firstFlags ?? header.flags ?? defaults?.flags ?? 0;
    const toMs = (value: number) => (value / track.timescale) * 1000;
    return {
      isVideo: track.isVideo,
      isKey: (flags & notSync) === 0,
      startMs: toMs(start),
      endMs: toMs(start + units),
    };
  }
}

/** `sample_is_non_sync_sample`. */
const notSync = 0x1_00_00;

const flagsOf = (box: Buffer): number => box.readUInt32BE(0) & 0xff_ff_ff;

/** `tfhd`: optional fields stand in the order of their flags. */
function readHeader(header: Buffer): { id: number; duration: number | undefined; flags: number | undefined } {
  const present = flagsOf(header);
  let at = 8 + ((present & 0x1) === 0 ? 0 : 8) + ((present & 0x2) === 0 ? 0 : 4);
  const read = (flag: number, skipped = false): number | undefined => {
    if ((present & flag) === 0) return undefined;
    at += 4;
    return skipped ? undefined : header.readUInt32BE(at - 4);
  };
  const duration = read(0x8);
  read(0x10, true);
  return { id: header.readUInt32BE(4), duration, flags: read(0x20) };
}

/** One `trun`: its length in time, and the flags of its first sample if it states them. */
function readRun(run: Buffer, eachByDefault: number): { units: number; firstFlags: number | undefined } {
  const present = flagsOf(run);
  const has = (flag: number): boolean => (present & flag) !== 0;
  const samples = run.readUInt32BE(4);
  const afterOffset = 8 + (has(0x1) ? 4 : 0);
  const first = afterOffset + (has(0x4) ? 4 : 0);
  const step = 4 * [0x100, 0x200, 0x400, 0x800].filter(has).length;
  let units = has(0x100) ? 0 : samples * eachByDefault;
  if (has(0x100)) for (let sample = 0; sample < samples; sample++) units += run.readUInt32BE(first + sample * step);
  const ownFlags =
    has(0x400) && samples > 0 ? run.readUInt32BE(first + (has(0x100) ? 4 : 0) + (has(0x200) ? 4 : 0)) : undefined;
  return { units, firstFlags: has(0x4) ? run.readUInt32BE(afterOffset) : ownFlags };
}
