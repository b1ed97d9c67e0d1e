import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFfmpegTools } from '../../../src/adapters/ffmpeg/ffmpeg-tools.ts';
import type { Edit } from '../../../src/domain/decision.ts';
import { bufferSource, collect, decodeLog, ffprobe, makeMedia } from '../../support/media.ts';

const tools = createFfmpegTools();
let folder: string;
const path = (name: string) => join(folder, name);
const encoded = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];

/** White flash and beep together at 8 s, on a grey picture with a quiet hum. */
const flashAndBeep = [
  ...['-f', 'lavfi', '-i', `color=gray:s=320x240:r=25:d=10,drawbox=color=white:t=fill:enable='between(t,8,8.4)'`],
  ...['-f', 'lavfi', '-i', `aevalsrc='if(between(t,8,8.4),0.8*sin(2*PI*1000*t),0.02*sin(2*PI*200*t))':d=10:s=48000`],
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emanet-test-'));
  await Promise.all([
    makeMedia(
      ...[...flashAndBeep, ...encoded],
      ...['-metadata', 'location=+41.0082+028.9784/', '-metadata', 'title=9-B Fizik', '-metadata', 'make=Apple'],
      ...[
        '-metadata:s:a:0',
        'handler_name=Ayse',
        '-metadata',
        'creation_time=2021-01-01T00:00:00Z',
        path('lesson.mp4'),
      ],
    ),
    makeMedia(
      '-f',
      'lavfi',
      '-i',
      'testsrc=s=321x241:d=3',
      '-f',
      'lavfi',
      '-i',
      'sine=d=3',
      '-c:v',
      'libvpx',
      '-c:a',
      'libopus',
      path('odd.webm'),
    ),
    makeMedia('-f', 'lavfi', '-i', 'sine=d=6', '-c:a', 'libopus', path('sound.webm')),
    makeMedia(
      '-f',
      'lavfi',
      '-i',
      'sine=d=6',
      '-f',
      'lavfi',
      '-i',
      'sine=f=900:d=6',
      '-map',
      '0',
      '-map',
      '1',
      '-c:a',
      'aac',
      path('two.mkv'),
    ),
  ]);
  await makeMedia('-i', path('lesson.mp4'), '-c', 'copy', '-metadata:s:v', 'rotate=90', path('turned.mp4'));
  // One frame that stands for seconds, as screen sharing makes them.
  await makeMedia(
    '-f',
    'lavfi',
    '-i',
    'color=white:s=320x240:r=1/4:d=12',
    '-fps_mode',
    'vfr',
    '-c:v',
    'libx264',
    path('still.mkv'),
  );
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function render(name: string, edits: readonly Edit[] = []): Promise<{ file: string; mediaType: string }> {
  const source = bufferSource(await readFile(path(name)));
  const { mediaType, output } = tools.render(source, await tools.probe(source), edits);
  const file = path(`${name}.${edits.map(({ kind }) => kind).join('-')}.rendition.mp4`);
  await writeFile(file, await collect(output));
  return { file, mediaType };
}

const maxVolume = async (file: string, fromSeconds: number, toSeconds: number, stream = 0): Promise<number> => {
  const log = await decodeLog(file, '-map', `0:a:${stream}`, '-af', `atrim=${fromSeconds}:${toSeconds},volumedetect`);
  return Number(/max_volume: (-?[\d.]+) dB/.exec(log)?.[1]);
};

/** When picture and sound each become bright or loud, in seconds. */
async function flashAt(file: string): Promise<{ picture: number; sound: number }> {
  const picture = await decodeLog(file, '-vf', 'lutyuv=y=255-val,blackdetect=d=0.1:pix_th=0.2:pic_th=0.9', '-an');
  const sound = await decodeLog(file, '-af', 'silencedetect=n=-20dB:d=1', '-vn');
  return {
    picture: Number(/black_start:([\d.]+)/.exec(picture)?.[1]),
    sound: Number(/silence_end: ([\d.]+)/.exec(sound)?.[1]),
  };
}

describe('a rendition', () => {
  it('has no tag of the original, and is copied where nothing has to change', async () => {
    const { file, mediaType } = await render('lesson.mp4');
    expect(mediaType).toBe('video/mp4');
    const bytes = await readFile(file);
    for (const trace of ['41.0082', '9-B Fizik', 'Apple', 'Ayse', 'Lavf', 'x264'])
      expect(bytes.includes(trace), trace).toBe(false);
    const { format, streams, chapters } = await ffprobe(file, '-show_format', '-show_streams', '-show_chapters');
    expect(streams.map((stream) => stream.codec_name)).toEqual(['h264', 'aac']);
    expect(JSON.stringify([format.tags, streams[0]!.tags, streams[1]!.tags])).not.toMatch(
      /location|title|make|creation|encoder/i,
    );
    expect(chapters).toEqual([]);
    expect(Number(format.duration)).toBeCloseTo(10, 0);
  });

  it.each([
    ['odd.webm', 'video/mp4', ['h264', 'aac']],
    ['sound.webm', 'audio/mp4', ['aac']],
  ])('of %s is %s', async (name, mediaType, codecs) => {
    const rendition = await render(name);
    const { streams } = await ffprobe(rendition.file, '-show_streams');
    expect(rendition.mediaType).toBe(mediaType);
    expect(streams.map((stream) => stream.codec_name)).toEqual(codecs);
    if (codecs.length === 2)
      expect([streams[0]!.width, streams[0]!.height, streams[0]!.pix_fmt]).toEqual([322, 242, 'yuv420p']);
    expect((await readFile(rendition.file)).includes('x264')).toBe(false);
  });

  it('stands upright', async () => {
    const { streams } = await ffprobe((await render('turned.mp4')).file, '-show_streams');
    expect([streams[0]!.width, streams[0]!.height]).toEqual([240, 320]);
    expect(JSON.stringify(streams[0])).not.toContain('rotation');
  });

  it('is silent exactly where it is muted, on every track', async () => {
    const { file } = await render('two.mkv', [{ kind: 'mute', startMs: 2_000, endMs: 4_000 }]);
    for (const track of [0, 1]) {
      expect(await maxVolume(file, 2.05, 3.95, track)).toBeLessThan(-80);
      expect(await maxVolume(file, 0.2, 1.9, track)).toBeGreaterThan(-30);
      expect(await maxVolume(file, 4.1, 5.5, track)).toBeGreaterThan(-30);
    }
  });

  it('is black exactly where it is blacked out', async () => {
    const { file } = await render('lesson.mp4', [{ kind: 'black_out', startMs: 3_000, endMs: 5_000 }]);
    const log = await decodeLog(file, '-vf', 'blackdetect=d=0.1:pix_th=0.05:pic_th=0.9', '-an');
    const [start, end, ...more] = [...log.matchAll(/black_(?:start|end):([\d.]+)/g)].map((match) => Number(match[1]));
    expect(more).toEqual([]);
    // The time of the first picture in the file is that of the encoder's delay, two frames.
    expect(start).toBeCloseTo(3 + 0.08, 2);
    expect(end).toBeCloseTo(5 + 0.08, 2);
  });

  it('is black inside a frame that began before the range', async () => {
    const { file } = await render('still.mkv', [{ kind: 'black_out', startMs: 5_000, endMs: 7_000 }]);
    const log = await decodeLog(file, '-vf', 'blackdetect=d=0.1:pix_th=0.05:pic_th=0.9', '-an');
    expect(Number(/black_start:([\d.]+)/.exec(log)?.[1])).toBeLessThanOrEqual(5.2);
    expect(Number(/black_end:([\d.]+)/.exec(log)?.[1])).toBeGreaterThanOrEqual(7);
  });

  it('is shorter by what was cut but for the slate, and sound stays with the picture', async () => {
    const cuts = [
      { kind: 'cut', startMs: 1_000, endMs: 3_000 },
      { kind: 'cut', startMs: 2_500, endMs: 4_000 },
      { kind: 'cut', startMs: 5_000, endMs: 6_000 },
    ] as const;
    const { file } = await render('lesson.mp4', cuts);
    const { format } = await ffprobe(file, '-show_format');
    // Of 3 s, half stays as a slate; of 1 s as well: to whole frames, 13 of 25.
    const removed = (75 - 38 + (25 - 13)) / 25;
    expect(Number(format.duration)).toBeCloseTo(10 - removed + 0.1, 1);
    const { picture, sound } = await flashAt(file);
    expect(picture).toBeCloseTo(8 - removed + 0.08, 2);
    expect(Math.abs(picture - sound)).toBeLessThan(0.02);
  });

  it('keeps sound and picture together when it is copied', async () => {
    const { picture, sound } = await flashAt((await render('lesson.mp4')).file);
    expect(Math.abs(picture - sound)).toBeLessThan(0.02);
  });

  it('fails when there is nothing in it, instead of ending early', async () => {
    const source = bufferSource(await readFile(path('lesson.mp4')));
    const probe = await tools.probe(source);
    const { output } = tools.render(bufferSource(Buffer.alloc(2000)), probe, []);
    await expect(collect(output)).rejects.toThrow();
    const undecodable = { ...probe, streams: probe.streams.map((stream) => ({ ...stream, decodable: false })) };
    await expect(collect(tools.render(source, undecodable, []).output)).rejects.toMatchObject({ code: 'NOT_MEDIA' });
  });

  it('throws the fault of its source in the middle of the output', async () => {
    const source = bufferSource(await readFile(path('lesson.mp4')));
    const probe = await tools.probe(source);
    const fault = new Error('chunk 2 does not verify');
    let calls = 0;
    const failing = {
      bytes: source.bytes,
      async *read(start: number, end: number) {
        calls += 1;
        yield* source.read(start, end);
        if (calls > 4) throw fault;
      },
    };
    await expect(
      collect(tools.render(failing, probe, [{ kind: 'mute', startMs: 0, endMs: 1000 }]).output),
    ).rejects.toBe(fault);
  });

  it('stops ffmpeg when nobody reads on', async () => {
    const source = bufferSource(await readFile(path('lesson.mp4')));
    for await (const chunk of tools.render(source, await tools.probe(source), []).output) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
  });
});
