import type { GreyPicture } from '../picture-hash.ts';

/** A corner of a picture, in its pixels. */
export interface Corner {
  readonly x: number;
  readonly y: number;
  readonly strength: number;
}

/** Corners are looked for in squares of this many pixels a side. */
export const tile = 16;
/** Reach of the window whose gradients are summed, and of the gradient itself, in pixels. */
const windowReach = 2;
const reach = windowReach + 1;
/** The strongest within so many pixels counts. */
const apart = 4;
/** Minimum strength: the smaller eigenvalue for each pixel of the window, in squared levels of grey for two pixels. */
const leastStrength = 25;

/**
 * Finds corners as Shi and Tomasi do ("Good features to track", CVPR 1994): places where the smaller eigenvalue of the
 * summed gradients is largest. Strengths are kept, so that only the tiles that are asked for are computed.
 */
export class CornerFinder {
  readonly #width: number;
  readonly #strength: Float32Array;

  constructor({ width, height }: Pick<GreyPicture, 'width' | 'height'>) {
    this.#width = width;
    this.#strength = new Float32Array(width * height);
  }

  /** Corners in the tiles that are marked, row by row. */
  find(picture: GreyPicture, marked: Uint8Array): Corner[] {
    const { width, height } = picture;
    const columns = Math.ceil(width / tile);
    const runs: { x0: number; x1: number; y0: number; y1: number }[] = [];
    for (let at = 0; at < marked.length; at++) {
      if (marked[at] === 0) continue;
      const [row, first] = [Math.floor(at / columns), at % columns];
      let last = first;
      while (last + 1 < columns && marked[row * columns + last + 1] !== 0) last++;
      at += last - first;
      const [x1, y1] = [Math.min(width, (last + 1) * tile), Math.min(height, (row + 1) * tile)];
      runs.push({ x0: first * tile, x1, y0: row * tile, y1 });
    }
    for (const { x0, x1, y0, y1 } of runs)
      this.#measure(
        picture,
        Math.max(reach, x0),
        Math.min(width - reach, x1),
        Math.max(reach, y0),
        Math.min(height - reach, y1),
      );
    const found: Corner[] = [];
    for (const { x0, x1, y0, y1 } of runs)
      for (let y = y0; y < y1; y++)
        for (let x = x0; x < x1; x++)
          if (this.#strength[y * width + x]! >= leastStrength && this.#isStrongest(x, y, height))
            found.push({ x, y, strength: this.#strength[y * width + x]! });
    return found;
  }

  #measure({ width, pixels }: GreyPicture, x0: number, x1: number, y0: number, y1: number): void {
    const [across, down] = [x1 - x0 + 2 * windowReach, y1 - y0 + 2 * windowReach];
    if (x1 <= x0 || y1 <= y0) return;
    const size = 2 * windowReach + 1;
    /** Sums over the last rows of the window, column by column. */
    const sums = new Int32Array(3 * across);
    const rows = new Int32Array(3 * across * size);
    for (let row = 0; row < down; row++) {
      const y = y0 - windowReach + row;
      const slot = (row % size) * 3 * across;
      for (let column = 0; column < across; column++) {
        const at = y * width + x0 - windowReach + column;
        const dx = pixels[at + 1]! - pixels[at - 1]!;
        const dy = pixels[at + width]! - pixels[at - width]!;
        const xx = dx * dx;
        const xy = dx * dy;
        const yy = dy * dy;
        const to = 3 * column;
        sums[to]! += xx - rows[slot + to]!;
        sums[to + 1]! += xy - rows[slot + to + 1]!;
        sums[to + 2]! += yy - rows[slot + to + 2]!;
        rows[slot + to] = xx;
        rows[slot + to + 1] = xy;
        rows[slot + to + 2] = yy;
      }
      if (row < size - 1) continue;
      let a = 0;
      let b = 0;
      let c = 0;
      for (let column = 0; column < across; column++) {
        a += sums[3 * column]!;
        b += sums[3 * column + 1]!;
        c += sums[3 * column + 2]!;
        if (column < size - 1) continue;
        const smaller = (a + c - Math.sqrt((a - c) * (a - c) + 4 * b * b)) / 2;
        this.#strength[(y - windowReach) * width + x0 + column - size + 1] = smaller / size ** 2;
        const left = 3 * (column - size + 1);
        a -= sums[left]!;
        b -= sums[left + 1]!;
        c -= sums[left + 2]!;
      }
    }
  }

  #isStrongest(x: number, y: number, height: number): boolean {
    const width = this.#width;
    const own = this.#strength[y * width + x]!;
    const [left, right] = [Math.max(0, x - apart), Math.min(width - 1, x + apart)];
    for (let row = Math.max(0, y - apart); row <= Math.min(height - 1, y + apart); row++) {
      for (let at = row * width + left; at <= row * width + right; at++) {
        const other = this.#strength[at]!;
        // Of two that are as strong, the first counts.
        if (other > own || (other === own && at < y * width + x)) return false;
      }
    }
    return true;
  }
}
