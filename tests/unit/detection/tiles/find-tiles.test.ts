import { expect, test } from 'vitest';
import type { Box, GreyPicture } from '../../../../src/detection/picture-hash.ts';
import { createTileFinder } from '../../../../src/detection/tiles/find-tiles.ts';

const findTiles = (picture: GreyPicture) => createTileFinder()(picture);

/** A picture of one colour with boxes of noise on it. */
function drawn(width: number, height: number, ground: number, boxes: readonly Box[], noise = noiseOf): GreyPicture {
  const pixels = new Uint8Array(width * height).fill(ground);
  for (const { x, y, width: wide, height: high } of boxes)
    for (let row = y; row < y + high; row++)
      for (let column = x; column < x + wide; column++) pixels[row * width + column] = noise(column, row);
  return { width, height, pixels };
}

/** Between 60 and 250, and the same each time. */
const noiseOf = (x: number, y: number): number =>
  60 + (Math.imul(x * 374761393 + y * 668265263, 1274126177) >>> 24) * 0.74;

const grid = (columns: number, rows: number, size: { width: number; height: number }, gap: number): Box[] =>
  Array.from({ length: columns * rows }, (_, at) => ({
    x: gap + (at % columns) * (size.width + gap),
    y: gap + Math.floor(at / columns) * (size.height + gap),
    ...size,
  }));

test.each([
  ['4 tiles, gaps of 8', 2, 2, 300, 168, 8, 26],
  ['25 tiles, gaps of 2', 5, 5, 120, 66, 2, 26],
  ['9 tiles on a light ground', 3, 3, 200, 112, 6, 245],
])('%s', (_, columns, rows, wide, high, gap, ground) => {
  const tiles = grid(columns, rows, { width: wide, height: high }, gap);
  expect(findTiles(drawn(columns * (wide + gap) + gap, rows * (high + gap) + gap, ground, tiles))).toEqual(tiles);
});

test('a last row in the middle, and a screen beside a strip', () => {
  const middle = [...grid(2, 1, { width: 300, height: 168 }, 8), { x: 162, y: 184, width: 300, height: 168 }];
  expect(findTiles(drawn(640, 360, 26, middle))).toEqual(middle);
  const screen = { x: 8, y: 8, width: 900, height: 700 };
  const strip = [0, 1, 2, 3].map((at) => ({ x: 924, y: 20 + at * 170, width: 280, height: 158 }));
  const found = findTiles(drawn(1220, 720, 32, [screen, ...strip]));
  for (const box of [screen, ...strip]) expect(found).toContainEqual(box);
});

test('a tile that is partly as dark as the ground gets the size of the others', () => {
  const tiles = grid(3, 2, { width: 200, height: 112 }, 6);
  const dark = tiles[4]!;
  const picture = drawn(624, 242, 26, tiles);
  // Its left half cannot be told from the ground.
  for (let row = dark.y; row < dark.y + dark.height; row++)
    picture.pixels.fill(26, row * 624 + dark.x, row * 624 + dark.x + 100);
  expect(findTiles(picture)).toEqual(tiles);
});

test('a layout that stays is found again, and one that changes too', () => {
  const find = createTileFinder();
  const [four, one] = [grid(2, 2, { width: 300, height: 168 }, 8), [{ x: 8, y: 8, width: 608, height: 344 }]];
  expect(find(drawn(624, 360, 26, four))).toEqual(four);
  expect(find(drawn(624, 360, 26, four.slice(0, 3)))).toEqual(four.slice(0, 3));
  expect(find(drawn(624, 360, 26, one))).toEqual(one);
});

test('what is no gallery has no tiles', () => {
  expect(findTiles(drawn(640, 360, 26, []))).toEqual([]);
  expect(findTiles(drawn(640, 360, 26, [{ x: 0, y: 0, width: 640, height: 360 }]))).toEqual([]);
  expect(findTiles({ width: 1, height: 1, pixels: new Uint8Array(1) })).toEqual([]);
  // Lines of writing are no tiles.
  const lines = Array.from({ length: 12 }, (_, at) => ({ x: 40, y: 20 + at * 28, width: 400, height: 14 }));
  expect(findTiles(drawn(640, 360, 255, lines, () => 0))).toEqual([]);
});
