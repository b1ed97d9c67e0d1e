import type { Box, GreyPicture } from './picture-hash.ts';

/** Parts are searched for on cells of this many pixels a side. */
const cell = 4;
/** Minimum difference of a pixel from the ground of a slide, in levels of grey. */
const apartLevels = 10;
/** A photograph fills its box; writing and lines do not. */
const leastFill = 0.7;
const leastArea = 0.03;
const mostBoxes = 4;

/**
 * Boxes with content on a ground of one colour, such as a photograph on a slide or a page, the largest first. Two that
 * touch are one box.
 */
export function stillRegions(picture: GreyPicture): Box[] {
  const { width, height, pixels } = picture;
  const ground = groundOf(picture);
  const [columns, rows] = [Math.floor(width / cell), Math.floor(height / cell)];
  const apart = new Uint8Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let count = 0;
      for (let y = row * cell; y < (row + 1) * cell; y++)
        for (let at = y * width + column * cell; at < y * width + (column + 1) * cell; at++)
          if (Math.abs(pixels[at]! - ground) > apartLevels) count += 1;
      if (count >= cell ** 2 / 2) apart[row * columns + column] = 1;
    }
  }
  return components(apart, columns, rows)
    .filter(({ box, cells }) => cells >= leastArea * columns * rows && cells >= leastFill * box.width * box.height)
    .filter(({ box }) => box.width < columns || box.height < rows)
    .toSorted((a, b) => b.cells - a.cells)
    .slice(0, mostBoxes)
    .map(({ box }) => toPixels(picture, ground, box));
}

/** The commonest grey of the outer frame, in steps of eight levels. */
function groundOf({ width, height, pixels }: GreyPicture): number {
  const counts = new Uint32Array(32);
  const sums = new Uint32Array(32);
  const add = (value: number) => {
    counts[value >> 3]! += 1;
    sums[value >> 3]! += value;
  };
  for (let y = 0; y < height; y++) {
    const isEdge = y < cell || y >= height - cell;
    for (let x = 0; x < width; x++) if (isEdge || x < cell || x >= width - cell) add(pixels[y * width + x]!);
  }
  const most = counts.indexOf(Math.max(...counts));
  return sums[most]! / counts[most]!;
}

/** Cells that touch by a side, and the box around them, in cells. */
function components(marks: Uint8Array, columns: number, rows: number): { box: Box; cells: number }[] {
  const left = marks.slice();
  const found: { box: Box; cells: number }[] = [];
  const open: number[] = [];
  const take = (at: number) => {
    if (at < 0 || at >= left.length || left[at] === 0) return;
    left[at] = 0;
    open.push(at);
  };
  for (let start = 0; start < left.length; start++) {
    if (left[start] === 0) continue;
    take(start);
    let [cells, x0, x1, y0, y1] = [0, columns, 0, rows, 0];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const x = at % columns;
      const y = Math.floor(at / columns);
      cells += 1;
      x0 = Math.min(x0, x);
      x1 = Math.max(x1, x);
      y0 = Math.min(y0, y);
      y1 = Math.max(y1, y);
      if (x > 0) take(at - 1);
      if (x + 1 < columns) take(at + 1);
      take(at - columns);
      take(at + columns);
    }
    found.push({ box: { x: x0, y: y0, width: x1 - x0 + 1, height: y1 - y0 + 1 }, cells });
  }
  return found;
}

/**
 * The same box in pixels: each side moves out or in to the place where most pixels along it begin to differ from the
 * ground.
 */
function toPixels({ width, height, pixels }: GreyPicture, ground: number, box: Box): Box {
  let [x0, x1] = [box.x * cell, (box.x + box.width) * cell - 1];
  let [y0, y1] = [box.y * cell, (box.y + box.height) * cell - 1];
  const differs = (from: number, step: number, count: number) => {
    let apart = 0;
    for (let i = 0; i < count; i++) if (Math.abs(pixels[from + i * step]! - ground) > apartLevels) apart += 1;
    return apart > count / 2;
  };
  const isColumn = (x: number) => differs(y0 * width + x, width, y1 - y0 + 1);
  const isRow = (y: number) => differs(y * width + x0, 1, x1 - x0 + 1);
  while (x0 > 0 && isColumn(x0 - 1)) x0--;
  while (x1 < width - 1 && isColumn(x1 + 1)) x1++;
  while (y0 > 0 && isRow(y0 - 1)) y0--;
  while (y1 < height - 1 && isRow(y1 + 1)) y1++;
  while (x0 < x1 && !isColumn(x0)) x0++;
  while (x1 > x0 && !isColumn(x1)) x1--;
  while (y0 < y1 && !isRow(y0)) y0++;
  while (y1 > y0 && !isRow(y1)) y1--;
  return { x: x0, y: y0, width: x1 - x0 + 1, height: y1 - y0 + 1 };
}
