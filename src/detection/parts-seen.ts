import { type Box, hashPart, hashWords, type PictureHash } from './picture-hash.ts';
import type { Part } from './picture-parts.ts';

/** A place in the picture: shares of its width and height, 0 to 1. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const placeOf = (box: Box, picture: { readonly width: number; readonly height: number }): Place => ({
  x: box.x / picture.width,
  y: box.y / picture.height,
  width: box.width / picture.width,
  height: box.height / picture.height,
});

/** Size of the pictures, and the words of each part. */
export interface PartsKept {
  readonly width: number;
  readonly height: number;
  readonly words: Uint32Array<ArrayBuffer>;
}

/** Hashes of the parts of a video, with their times and boxes: 44 bytes each, some 15 MB for an hour with a camera. */
export class PartsSeen {
  readonly #times: number[] = [];
  #words = new Uint32Array(1_024 * wordsEach);
  #count = 0;
  #width = 1;
  #height = 1;

  get count(): number {
    return this.#count;
  }

  /** All that is known of the parts, as `from` takes it. */
  get kept(): PartsKept {
    const words = this.#words.subarray(0, this.#count * wordsEach);
    return { width: this.#width, height: this.#height, words };
  }

  /** @throws RangeError for words that are no whole number of parts. */
  static from({ width, height, words }: PartsKept): PartsSeen {
    if (words.length % wordsEach !== 0) throw new RangeError('a part is cut');
    const seen = new PartsSeen();
    [seen.#width, seen.#height, seen.#words, seen.#count] = [width, height, words, words.length / wordsEach];
    return seen;
  }

  /** Time at which a picture was shown; parts of it may come later. */
  seePicture(atMs: number): void {
    this.#times.push(atMs);
  }

  /** Leaves out parts that identify nothing (one colour, too small). */
  add({ picture, sums, box }: Part): void {
    const hash = hashPart(sums, box);
    if (hash === null) return;
    if ((this.#count + 1) * wordsEach > this.#words.length) {
      const grown = new Uint32Array(this.#words.length * 2);
      grown.set(this.#words);
      this.#words = grown;
    }
    [this.#width, this.#height] = [sums.width, sums.height];
    const at = this.#count * wordsEach;
    this.#words[at] = this.#times[picture]!;
    this.#words[at + 1] = (box.x << 16) | box.y;
    this.#words[at + 2] = (box.width << 16) | box.height;
    this.#words.set(hash, at + 3);
    this.#count += 1;
  }

  atMs(part: number): number {
    return this.#words[part * wordsEach]!;
  }

  hash(part: number): PictureHash {
    return this.#words.subarray(part * wordsEach + 3, (part + 1) * wordsEach);
  }

  place(part: number): Place {
    const [corner, size] = [this.#words[part * wordsEach + 1]!, this.#words[part * wordsEach + 2]!];
    const box: Box = { x: corner >>> 16, y: corner & 0xffff, width: size >>> 16, height: size & 0xffff };
    const inParts = (value: number, whole: number) => Math.round((value / whole) * 1_000) / 1_000;
    return {
      x: inParts(box.x, this.#width),
      y: inParts(box.y, this.#height),
      width: inParts(box.width, this.#width),
      height: inParts(box.height, this.#height),
    };
  }
}

/** Words of one part: time, corner, size, hash. */
export const wordsEach = 3 + hashWords;
