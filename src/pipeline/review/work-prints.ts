import { descriptorWords } from '../../detection/keypoints/descriptor.ts';
import type { WorkKeypoints } from '../../detection/keypoints/work-keypoints.ts';
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

const keypointWords = 1 + descriptorWords;

/** Of each keypoint its size, grounds and place, a byte each, and its descriptor. */
export function keypointsToBytes({ steps, grounds, xs, ys, words }: WorkKeypoints): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(steps.length * keypointWords * 4);
  const view = new DataView(bytes.buffer);
  for (const [keypoint, step] of steps.entries()) {
    const at = keypoint * keypointWords * 4;
    bytes.set([step, grounds[keypoint] ?? 0, xs[keypoint] ?? 0, ys[keypoint] ?? 0], at);
    const descriptor = words.subarray(keypoint * descriptorWords, (keypoint + 1) * descriptorWords);
    for (const [word, bits] of descriptor.entries()) view.setUint32(at + 4 + 4 * word, bits, true);
  }
  return bytes;
}

export function keypointsFromBytes(bytes: Uint8Array): WorkKeypoints {
  const all = fromBytes(bytes);
  const heads = all.filter((_, at) => at % keypointWords === 0);
  return {
    steps: Uint8Array.from(heads),
    grounds: Uint8Array.from(heads, (head) => head >>> 8),
    xs: Int8Array.from(heads, (head) => head >>> 16),
    ys: Int8Array.from(heads, (head) => head >>> 24),
    words: all.filter((_, at) => at % keypointWords !== 0),
  };
}
