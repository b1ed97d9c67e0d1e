import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { createPictureWriter } from '../../../src/adapters/png/grey-png.ts';

const { png } = createPictureWriter();

/** The pixels of a PNG, by another program. */
function pixelsOf(file: Buffer): Buffer {
  const run = spawnSync('ffmpeg', ['-v', 'error', '-i', 'pipe:0', '-f', 'rawvideo', '-pix_fmt', 'gray', 'pipe:1'], {
    input: file,
    maxBuffer: 64 * 1024 ** 2,
  });
  expect(run.stderr.toString()).toBe('');
  return run.stdout;
}

const made = (width: number, height: number, value: (x: number, y: number) => number) => ({
  width,
  height,
  pixels: Uint8Array.from({ length: width * height }, (_, at) => value(at % width, Math.floor(at / width))),
});

test.each([
  ['one pixel', made(1, 1, () => 77)],
  ['noise', made(61, 47, (x, y) => (x * 7919 + y * 104_729 + x * y * 31) % 256)],
  ['a slope to the right', made(300, 20, (x) => x % 256)],
  ['a slope down', made(20, 300, (_, y) => y % 256)],
  ['black on white', made(200, 200, (x, y) => (x % 9 < 4 !== y % 7 < 3 ? 0 : 255))],
])('%s comes back as it was', async (_, picture) => {
  expect(pixelsOf(await png(picture)).equals(Buffer.from(picture.pixels))).toBe(true);
});

test('a page without ink takes almost nothing', async () => {
  expect((await png(made(1697, 2400, () => 255))).length).toBeLessThan(20_000);
});

test('what is no picture is not written', async () => {
  await expect(png({ width: 2, height: 2, pixels: new Uint8Array(3) })).rejects.toThrow('no picture to write');
});
