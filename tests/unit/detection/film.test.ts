import { describe, expect, it } from 'vitest';
import { createFilmFinder } from '../../../src/detection/film.ts';
import type { Box, GreyPicture } from '../../../src/detection/picture-hash.ts';
import { seeded } from '../../eval/sound.ts';

const [width, height] = [320, 180];
const whole: Box = { x: 0, y: 0, width, height };

/** A scene of soft blobs that moves by `move` pixels; each seed is another shot. */
function scene(seed: number, move: number): GreyPicture {
  const random = seeded(seed);
  const blobs = Array.from({ length: 14 }, () => [
    random() * width,
    random() * height,
    15 + random() * 40,
    random() * 240 - 120,
  ]);
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let value = 128;
      for (const [cx, cy, r, level] of blobs as [number, number, number, number][]) {
        const distance = ((x - cx - move) ** 2 + (y - cy) ** 2) / r ** 2;
        if (distance < 4) value += level * Math.exp(-distance);
      }
      pixels[y * width + x] = Math.max(0, Math.min(255, value));
    }
  return { width, height, pixels };
}

/** Four pictures a second: which shot, and how far it has moved. */
function look(shots: readonly (readonly [shot: number, seconds: number, speed: number])[]) {
  const finder = createFilmFinder();
  let at = 0;
  for (const [shot, seconds, speed] of shots)
    for (let n = 0; n < seconds * 4; n++) finder.push(scene(shot, n * speed), [whole], 250 * at++);
  return finder.end();
}

describe('films that nobody registered', () => {
  it('are told by motion with cuts, from the first shot to the last', () => {
    const [film, ...others] = look([
      [1, 4, 3],
      [2, 4, 3],
      [3, 5, 3],
    ]);
    expect(others).toEqual([]);
    expect(film).toMatchObject({ cuts: 2, confidence: 0.5, place: { x: 0, y: 0, width: 1, height: 1 } });
    expect(film!.startMs).toBeLessThan(1_000);
    expect(film!.endMs).toBeGreaterThan(12_000);
  });

  it('are told by one cut, when they begin or end on a screen that stands', () => {
    const [film] = look([
      [7, 4, 0],
      [1, 4, 3],
      [2, 4, 3],
      [7, 4, 0],
    ]);
    expect(film!.startMs).toBeGreaterThan(3_000);
    expect(film!.endMs).toBeLessThan(13_000);
  });

  it.each(['over each other', 'over black'])('are told by shots that are dissolved %s', (how) => {
    const finder = createFilmFinder();
    const mix = (a: GreyPicture, b: GreyPicture, share: number): GreyPicture => ({
      ...a,
      pixels: a.pixels.map((value, at) => {
        if (how === 'over each other') return value * (1 - share) + b.pixels[at]! * share;
        return share < 0.5 ? value * (1 - 2 * share) : b.pixels[at]! * (2 * share - 1);
      }),
    });
    let at = 0;
    for (let shot = 1; shot < 5; shot++) {
      for (let n = 0; n < 14; n++) finder.push(scene(shot, 3 * n), [whole], 250 * at++);
      for (let step = 1; step < 4; step++)
        finder.push(mix(scene(shot, 39), scene(shot + 1, 0), step / 4), [whole], 250 * at++);
    }
    expect(finder.end()).toMatchObject([{ place: { x: 0, y: 0, width: 1, height: 1 } }]);
  });

  it('are told in a part of the screen that becomes known after they began', () => {
    const finder = createFilmFinder();
    const part: Box = { x: 160, y: 88, width: 160, height: 92 };
    for (let at = 0; at < 60; at++) {
      const isFilm = at >= 20 && at < 40;
      const shown = isFilm ? scene(2, 3 * at) : scene(1, 0);
      const pixels = scene(1, 0).pixels.slice();
      for (let y = part.y; y < part.y + part.height; y++)
        for (let x = part.x; x < part.x + part.width; x++) pixels[y * width + x] = shown.pixels[y * width + x]!;
      finder.push({ width, height, pixels }, at >= 24 ? [whole, part] : [whole], 250 * at);
    }
    const [film] = finder.end();
    expect(film!.place).toEqual({ x: 0.5, y: 88 / 180, width: 0.5, height: 92 / 180 });
    expect(Math.abs(film!.startMs - 5_000)).toBeLessThanOrEqual(500);
  });

  it.each([2, 7, 31])('are no page of writing that is scrolled by %i rows a picture', (rows) => {
    const random = seeded(3);
    const page = Uint8Array.from({ length: width * 4_000 }, () => 240);
    for (let line = 0; line < 4_000; line += 9)
      for (let word = 10; word < width - 30; word += 6 + Math.floor(random() * 18)) {
        const ink = random() * 120;
        for (let y = line; y < line + 5; y++) page.fill(ink, y * width + word, y * width + word + 4);
      }
    const finder = createFilmFinder();
    for (let at = 0; at < 80; at++) {
      const from = ((rows * at) % 3_800) * width;
      finder.push({ width, height, pixels: page.slice(from, from + width * height) }, [whole], 250 * at);
    }
    expect(finder.end()).toEqual([]);
  });

  it.each([
    [
      'slides that are turned',
      [
        [1, 4, 0],
        [2, 4, 0],
        [3, 4, 0],
        [4, 4, 0],
      ],
    ],
    ['a camera without a cut', [[1, 20, 3]]],
    [
      'a picture that flickers',
      [
        [1, 2, 0],
        [2, 0.5, 0],
        [1, 2, 0],
        [2, 0.5, 0],
        [1, 2, 0],
      ],
    ],
    [
      'a moving picture that flickers',
      [
        [1, 2, 3],
        [2, 1, 3],
        [1, 2, 3],
        [2, 1, 3],
        [1, 2, 3],
      ],
    ],
    [
      'shots of half a minute',
      [
        [1, 30, 3],
        [2, 30, 3],
      ],
    ],
  ] as const)('are not %s', (_, shots) => {
    expect(look(shots)).toEqual([]);
  });
});
