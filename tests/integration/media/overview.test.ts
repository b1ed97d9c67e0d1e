import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFfmpegTools } from '../../../src/adapters/ffmpeg/ffmpeg-tools.ts';
import { bufferSource } from '../../support/media.ts';

const tools = createFfmpegTools();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emanet-overview-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const ffmpeg = (args: readonly string[], input?: Uint8Array) => {
  const made = spawnSync('ffmpeg', ['-y', '-v', 'error', ...args], { ...(input ? { input } : {}), maxBuffer: 2 ** 27 });
  expect(made.stderr.toString()).toBe('');
  return made.stdout;
};
async function made(name: string, ...args: string[]) {
  const file = join(folder, name);
  ffmpeg([...args, file]);
  const source = bufferSource(await readFile(file));
  return { source, probe: await tools.probe(source) };
}
/** Ten seconds red and silent, then ten seconds blue; a tone in the second half. */
const halves = () =>
  made(
    'halves.mp4',
    ...['-f', 'lavfi', '-i', 'color=red:size=320x240:rate=10:duration=10'],
    ...['-f', 'lavfi', '-i', 'color=blue:size=320x240:rate=10:duration=10'],
    ...['-f', 'lavfi', '-i', "aevalsrc='0.5*sin(2*PI*440*t)*gte(t,10)':s=48000:d=20"],
    ...['-filter_complex', '[0:v][1:v]concat=n=2[v]', '-map', '[v]', '-map', '2:a', '-g', '10', '-c:v', 'libx264'],
  );

describe('the waveform', () => {
  test('is silent where the recording is, and loud where it is', async () => {
    const { source, probe } = await halves();
    const { durationMs, stepMs, peaks } = await tools.waveform(source, probe);
    expect(Math.abs(durationMs - 20_000)).toBeLessThan(100);
    const between = (fromMs: number, toMs: number) => peaks.slice(fromMs / stepMs, toMs / stepMs);
    expect(Math.max(...between(0, 9_800))).toBeLessThanOrEqual(1);
    expect(Math.min(...between(10_200, 19_800))).toBeGreaterThan(40);
    expect(Math.max(...between(10_200, 19_800))).toBeLessThan(60);
  });
  test('hears every sound stream', async () => {
    const { source, probe } = await made(
      'two.mkv',
      ...['-f', 'lavfi', '-i', 'anullsrc=r=48000:d=4', '-f', 'lavfi', '-i', 'sine=440:d=4,volume=8'],
      ...['-map', '0:a', '-map', '1:a', '-t', '4'],
    );
    const { peaks } = await tools.waveform(source, probe);
    expect(Math.min(...peaks.slice(20, 380))).toBeGreaterThan(50);
  });
  test('of what has no sound is not found', async () => {
    const { source, probe } = await made('mute.mp4', '-f', 'lavfi', '-i', 'color=red:duration=2', '-c:v', 'libx264');
    await expect(tools.waveform(source, probe)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('the thumbnails', () => {
  test('are one picture of a hundred places, and each shows what stands at its time', async () => {
    const { source, probe } = await halves();
    const { jpeg, ...place } = await tools.thumbnails(source, probe, 20_000);
    expect(place).toEqual({ stepMs: 1_000, count: 20, columns: 10, rows: 10, width: 160, height: 90 });
    const pixels = ffmpeg(['-f', 'mjpeg', '-i', '-', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'], jpeg);
    expect(pixels).toHaveLength(1_600 * 900 * 3);
    const colourOf = (tile: number) => {
      const [x, y] = [(tile % 10) * 160 + 80, Math.floor(tile / 10) * 90 + 45];
      const [red = 0, , blue = 0] = pixels.subarray((y * 1_600 + x) * 3);
      return red > 150 && blue < 100 ? 'red' : blue > 150 && red < 100 ? 'blue' : 'other';
    };
    expect(Array.from({ length: 20 }, (_, tile) => colourOf(tile))).toEqual([
      ...Array.from({ length: 10 }, () => 'red'),
      ...Array.from({ length: 10 }, () => 'blue'),
    ]);
  });
  test('of a long recording are further apart, and of what has no picture there are none', async () => {
    const { source, probe } = await halves();
    expect(await tools.thumbnails(source, probe, 3_600_000)).toMatchObject({ stepMs: 36_000, count: 100 });
    const sound = await made('sound.ogg', '-f', 'lavfi', '-i', 'sine=440:d=2');
    await expect(tools.thumbnails(sound.source, sound.probe, 2_000)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

test('one runs at a time, and who gives up while waiting is not served', async () => {
  const { source, probe } = await halves();
  let open = 0;
  let most = 0;
  /** Counts the runs that read it. */
  const counted = () => {
    let isOpen = false;
    return {
      bytes: source.bytes,
      read: (...range: Parameters<typeof source.read>) => {
        if (!isOpen) most = Math.max(most, ++open);
        isOpen = true;
        return source.read(...range);
      },
    };
  };
  const gone = new AbortController();
  const end = () => void open--;
  const runs = [
    tools.waveform(counted(), probe).finally(end),
    tools.thumbnails(counted(), probe, 20_000).finally(end),
    tools.waveform(counted(), probe).finally(end),
  ];
  const waiting = tools.waveform(source, probe, { signal: gone.signal });
  gone.abort(new Error('went away'));
  await expect(waiting).rejects.toThrow('went away');
  await Promise.all(runs);
  expect(most).toBe(1);
});
