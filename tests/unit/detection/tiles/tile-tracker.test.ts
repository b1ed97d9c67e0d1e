import { expect, test } from 'vitest';
import type { Box, GreyPicture } from '../../../../src/detection/picture-hash.ts';
import type { ReadLine } from '../../../../src/detection/text/read-line.ts';
import { createTileTracker } from '../../../../src/detection/tiles/tile-tracker.ts';

const [width, height] = [640, 360];
const [left, right] = [
  { x: 8, y: 96, width: 308, height: 168 },
  { x: 324, y: 96, width: 308, height: 168 },
];

/** Labels here are upright bars, and who is who is told by their number. */
const bars = { Ada: 6, Efe: 9 };
type Name = keyof typeof bars;
const barHeight = 12;

interface Shown {
  readonly box: Box;
  readonly name: Name | null;
}

/** Tiles of one grey with a label at their foot. */
function drawn(tiles: readonly Shown[]): GreyPicture {
  const pixels = new Uint8Array(width * height).fill(26);
  for (const { box, name } of tiles) {
    for (let y = box.y; y < box.y + box.height; y++)
      pixels.fill(90 + (y % 3), y * width + box.x, y * width + box.x + box.width);
    for (let bar = 0; bar < (name === null ? 0 : bars[name]); bar++)
      for (let y = 0; y < barHeight; y++) {
        const at = (box.y + box.height - 6 - barHeight + y) * width + box.x + 10 + bar * (name === 'Ada' ? 7 : 9);
        pixels.fill(255, at, at + 3);
      }
  }
  return { width, height, pixels };
}

/** Counts the bars of every line of them. */
function readBars({ width: wide, height: high, pixels }: GreyPicture): ReadLine[] {
  const isBright = (x: number, y: number) => pixels[y * wide + x]! > 180;
  for (let y = high - 1; y >= 0; y--) {
    const starts = Array.from({ length: wide - 1 }, (_, x) => x).filter((x) => isBright(x + 1, y) && !isBright(x, y));
    if (starts.length < 3) continue;
    const name = Object.entries(bars).find(([, count]) => count === starts.length)?.[0] ?? '?';
    const tall = Math.round((barHeight * wide) / 308);
    const box = {
      x: starts[0]!,
      y: Math.max(0, y - tall + 1),
      width: starts.at(-1)! - starts[0]! + 8,
      height: Math.min(tall, y + 1),
    };
    return [{ text: name, confidence: 0.9, box }];
  }
  return [];
}

function follow() {
  let reads = 0;
  const tracker = createTileTracker<Name>(
    async (picture) => {
      reads += 1;
      return readBars(picture);
    },
    (line) => (line in bars ? (line as Name) : null),
    (a, b) => a === b,
  );
  return { tracker, reads: () => reads };
}

const seconds = (from: number, until: number) => Array.from({ length: until - from }, (_, n) => (from + n) * 1_000);

test('two tiles of one size that swap are seen, with a second around the moment', async () => {
  const { tracker } = follow();
  for (const atMs of seconds(0, 5))
    await tracker.push(
      drawn([
        { box: left, name: 'Ada' },
        { box: right, name: 'Efe' },
      ]),
      atMs,
    );
  for (const atMs of seconds(5, 10))
    await tracker.push(
      drawn([
        { box: left, name: 'Efe' },
        { box: right, name: 'Ada' },
      ]),
      atMs,
    );
  const ofAda = tracker.end(10_000).filter(({ name }) => name === 'Ada');
  expect(ofAda).toMatchObject([
    { startMs: 0, endMs: 5_000, box: left },
    { startMs: 4_000, endMs: 10_000, box: right },
  ]);
});

test('a label is read once, and recognised after that', async () => {
  const { tracker, reads } = follow();
  for (const atMs of seconds(0, 60))
    await tracker.push(
      drawn([
        { box: left, name: 'Ada' },
        { box: right, name: 'Efe' },
      ]),
      atMs,
    );
  expect(reads()).toBe(2);
  expect(tracker.end(60_000)).toHaveLength(2);
});

test('whoever was in the box before their label could be read is not taken for them', async () => {
  const { tracker } = follow();
  const empty = drawn([
    { box: left, name: null },
    { box: right, name: 'Efe' },
  ]);
  for (const atMs of seconds(0, 4)) await tracker.push(empty, atMs);
  for (const atMs of seconds(4, 12))
    await tracker.push(
      drawn([
        { box: left, name: 'Ada' },
        { box: right, name: 'Efe' },
      ]),
      atMs,
    );
  expect(tracker.end(12_000).find(({ name }) => name === 'Ada')).toMatchObject({ startMs: 3_000, endMs: 12_000 });
});

test('a box with two names is nobody’s', async () => {
  const { tracker } = follow();
  const both = { x: 8, y: 8, width: 308, height: 340 };
  const upper = { ...both, height: 160 };
  const picture = drawn([{ box: both, name: 'Ada' }]);
  const second = drawn([{ box: upper, name: 'Efe' }]);
  // The label of the upper one stands in the same box, without a gap between.
  for (let y = upper.y + upper.height - 20; y < upper.y + upper.height; y++)
    picture.pixels.set(second.pixels.subarray(y * width + 8, y * width + 316), y * width + 8);
  const seen: ReadLine[] = [];
  const strict = createTileTracker<Name>(
    async (part) => {
      const lower = readBars(part);
      const whole = part.height > part.width / 2 ? [...lower, { ...lower[0]!, text: 'Efe' }] : lower;
      seen.push(...whole);
      return whole;
    },
    (line) => (line in bars ? (line as Name) : null),
    (a, b) => a === b,
  );
  await tracker.push(picture, 0);
  for (const atMs of seconds(0, 5)) await strict.push(picture, atMs);
  expect(seen.some(({ text }) => text === 'Efe')).toBe(true);
  expect(strict.end(5_000)).toEqual([]);
});

test('a film of ever new boxes is not read without end', async () => {
  const { tracker, reads } = follow();
  const long = 120;
  for (const atMs of seconds(0, long)) {
    const shift = (atMs / 1_000) * 7;
    const boxes = Array.from({ length: 20 }, (_, n) => ({
      box: {
        x: 5 + (((n % 5) * 125 + shift) % 500),
        y: 5 + Math.floor(n / 5) * 88 + (shift % 13),
        width: 90,
        height: 56,
      },
      name: null,
    }));
    await tracker.push(drawn(boxes), atMs);
  }
  // Forty at once and two a second after that, each of which may look twice.
  expect(reads()).toBeLessThanOrEqual(2 * (40 + 2 * long));
  expect(tracker.end(long * 1_000)).toEqual([]);
});
