import type { GreyPicture } from '../picture-hash.ts';

/** Bits of a descriptor, and words of 32 bits. */
export const descriptorBits = 128;
export const descriptorWords = descriptorBits / 32;

/** A square around a place is described: this many pixels a side, as the means of cells of two pixels. */
export const patch = 32;
const cell = 2;
const cells = patch / cell;

/** Frequencies of the square, lowest first; the mean is left out. */
const order = Array.from({ length: cells * cells }, (_, at) => ({ v: Math.floor(at / cells), u: at % cells }))
  .sort((a, b) => a.u ** 2 + a.v ** 2 - b.u ** 2 - b.v ** 2 || a.u - b.u)
  .slice(1, descriptorBits + 1);
const frequencies = Math.max(...order.map(({ u, v }) => Math.max(u, v))) + 1;
const cosines = Float32Array.from({ length: frequencies * cells }, (_, at) =>
  Math.cos((Math.PI * Math.floor(at / cells) * (2 * (at % cells) + 1)) / (2 * cells)),
);

const means = new Float32Array(cells * cells);
const rows = new Float32Array(frequencies * cells);

/**
 * The signs of the lowest frequencies (a cosine transform) of the square around a place: bits that a change of
 * brightness and contrast, blur and coding leave mostly as they are. Beyond the picture its border is repeated.
 */
export function describe(picture: GreyPicture, x: number, y: number, into: Uint32Array, at: number): void {
  shrink(picture, x - patch / 2, y - patch / 2);
  for (let row = 0; row < cells; row++) {
    for (let u = 0; u < frequencies; u++) {
      let sum = 0;
      for (let column = 0; column < cells; column++) sum += means[row * cells + column]! * cosines[u * cells + column]!;
      rows[u * cells + row] = sum;
    }
  }
  into.fill(0, at, at + descriptorWords);
  for (let bit = 0; bit < descriptorBits; bit++) {
    const { u, v } = order[bit]!;
    let sum = 0;
    for (let row = 0; row < cells; row++) sum += rows[u * cells + row]! * cosines[v * cells + row]!;
    if (sum > 0) into[at + (bit >> 5)]! |= 1 << (bit & 31);
  }
}

function shrink({ width, height, pixels }: GreyPicture, left: number, top: number): void {
  for (let row = 0; row < cells; row++) {
    const y = Math.min(height - cell, Math.max(0, top + row * cell));
    for (let column = 0; column < cells; column++) {
      const at = y * width + Math.min(width - cell, Math.max(0, left + column * cell));
      means[row * cells + column] = pixels[at]! + pixels[at + 1]! + pixels[at + width]! + pixels[at + width + 1]!;
    }
  }
}
