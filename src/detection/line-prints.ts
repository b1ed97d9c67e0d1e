import type { Box, GreyPicture } from './picture-hash.ts';

/** Radius of the square around a pixel whose mean is its ground: strokes of letters are thinner. */
const radius = 8;
/** Edges of a picture stand out further than letters; they count no more than these. Levels of grey. */
const mostLevels = 60;
/** A box in which nothing stands out by this much tells nothing. Levels of grey, root mean square. */
const leastLevels = 2;

/** How far the pixels of a box stand out from their surroundings: dark ones below zero, bright ones above. */
export function printOf({ width: rowLength, pixels }: GreyPicture, { x, y, width, height }: Box): Int8Array {
  const print = new Int8Array(width * height);
  // Sums over rectangles, of the box alone.
  const sums = new Float64Array((width + 1) * (height + 1));
  for (let row = 0; row < height; row++) {
    let sum = 0;
    for (let column = 0; column < width; column++) {
      sum += pixels[(y + row) * rowLength + x + column]!;
      sums[(row + 1) * (width + 1) + column + 1] = sums[row * (width + 1) + column + 1]! + sum;
    }
  }
  for (let row = 0; row < height; row++) {
    const [top, bottom] = [Math.max(0, row - radius), Math.min(height, row + radius + 1)];
    for (let column = 0; column < width; column++) {
      const [left, right] = [Math.max(0, column - radius), Math.min(width, column + radius + 1)];
      const sum =
        sums[bottom * (width + 1) + right]! -
        sums[top * (width + 1) + right]! -
        sums[bottom * (width + 1) + left]! +
        sums[top * (width + 1) + left]!;
      const level = pixels[(y + row) * rowLength + x + column]! - sum / ((bottom - top) * (right - left));
      print[row * width + column] = Math.max(-mostLevels, Math.min(mostLevels, level));
    }
  }
  return print;
}

/** How alike two prints of one box are: 1 the same, 0 unrelated, also if one of them shows nothing. */
export function likeness(a: Int8Array, b: Int8Array): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let at = 0; at < a.length; at++) {
    ab += a[at]! * b[at]!;
    aa += a[at]! ** 2;
    bb += b[at]! ** 2;
  }
  return aa < leastOf(a) || bb < leastOf(b) / 4 ? 0 : ab / Math.sqrt(aa * bb);
}

/** Whether a print shows anything by which its line could be known. */
export const isTelling = (print: Int8Array): boolean =>
  print.reduce((sum, value) => sum + value ** 2, 0) >= leastOf(print);

const leastOf = ({ length }: Int8Array): number => leastLevels ** 2 * length;
