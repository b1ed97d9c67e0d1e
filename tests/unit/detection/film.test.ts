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
