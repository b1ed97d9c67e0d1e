import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { createFaceFinder } from '../../src/adapters/jsfeat/face-finder.ts';
import type { GreyPicture } from '../../src/detection/picture-hash.ts';
import { hasMedia, mediaDir, wholeLessonFile } from '../support/media.ts';

const finding = createFaceFinder().open();
afterAll(() => finding.close());

/** A moment of a file, 640 wide. */
async function greyOf(path: string, atSeconds = 0): Promise<GreyPicture> {
  const width = 640;
  const at = atSeconds === 0 ? [] : ['-ss', String(atSeconds)];
  const { stdout } = await promisify(execFile)(
    'ffmpeg',
    [
      ...['-v', 'error', ...at, '-i', path, '-frames:v', '1', '-vf', `scale=${width}:-2,format=gray`],
      ...['-f', 'rawvideo', '-'],
    ],
    { encoding: 'buffer', maxBuffer: 16 * 1024 ** 2 },
  );
  return { width, height: stdout.length / width, pixels: new Uint8Array(stdout) };
}

// The photograph is among the shared media, which are not part of the repository.
describe.skipIf(!hasMedia)('with the shared media', () => {
  test('a face is found where it is', async () => {
    const [face, ...others] = await finding.find(await greyOf(join(mediaDir, 'images/messi5.jpg')));
    expect(others).toEqual([]);
    const { x, y, width, height } = face!;
    expect([x + width / 2, y + height / 2].map((place) => Math.round(place / 20))).toEqual([14, 7]);
  });

  test('an empty room has none, but for one pattern at most: it warns, and decides nothing', async () => {
    const room = await greyOf(join(mediaDir, 'lectures/empty_lecture_room_20s.ogv'), 5);
    expect((await finding.find(room)).length).toBeLessThanOrEqual(1);
  });
});

test('a screen with writing has no faces', async () => {
  expect(await finding.find(await greyOf(wholeLessonFile, 30))).toEqual([]);
});

test('pictures of any size are answered, one after the other', async () => {
  const sizes = [
    [1, 1],
    [47, 400],
    [48, 48],
    [640, 48],
    [641, 359],
  ] as const;
  const answers = await Promise.all(
    sizes.map(([width, height]) =>
      finding.find({ width, height, pixels: new Uint8Array(width * height).map((_, at) => (at * 7) % 251) }),
    ),
  );
  expect(answers).toHaveLength(sizes.length);
});

test('a finder that was closed fails, and does not hang', async () => {
  const closed = createFaceFinder().open();
  await closed.close();
  await expect(closed.find({ width: 64, height: 64, pixels: new Uint8Array(4_096) })).rejects.toThrow('ended');
});
