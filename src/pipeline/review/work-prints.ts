import { hashWords } from '../../detection/picture-hash.ts';
import type { WorkPictures } from '../../detection/picture-match.ts';
import type { Peak } from '../../detection/sound-map.ts';
import type { WorkSound } from '../../detection/sound-match.ts';

/** How the prints of a work are kept in its row: little-endian words of 32 bits. */
function toBytes(words: Iterable<number>): Uint8Array<ArrayBuffer> {
  const values = [...words];
  const view = new DataView(new ArrayBuffer(values.length * 4));
  for (const [at, word] of values.entries()) view.setUint32(at * 4, word, true);
  return new Uint8Array(view.buffer);
}

/** A search reads thousands of prints: in one piece. Every machine that Node runs on today is little-endian. */
const fromBytes = (bytes: Uint8Array): Uint32Array =>
  // A copy: words have to begin at an even address.
  new Uint32Array(new Uint8Array(bytes).buffer, 0, bytes.length >> 2);

export const chromaprintToBytes = (fingerprint: Uint32Array) => toBytes(fingerprint);

/** A peak in one word: its frame, and its pitch in the lowest seven bits. */
export const soundToBytes = (peaks: readonly Peak[]) => toBytes(peaks.map(({ frame, pitch }) => (frame << 7) | pitch));

export function soundFromBytes(bytes: Uint8Array): WorkSound {
  const words = fromBytes(bytes);
  return { frames: words.map((word) => word >>> 7), pitches: Uint8Array.from(words, (word) => word & 127) };
}

/** The times in milliseconds, then the hashes of eight words each. */
export const picturesToBytes = ({ timesMs, hashes }: WorkPictures) => toBytes([...timesMs, ...hashes]);

export function picturesFromBytes(bytes: Uint8Array): WorkPictures {
  const words = fromBytes(bytes);
  const count = words.length / (hashWords + 1);
  return { timesMs: words.slice(0, count), hashes: words.slice(count) };
}
