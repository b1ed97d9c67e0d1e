import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFfmpegTools } from '../../../src/adapters/ffmpeg/ffmpeg-tools.ts';
import type { Edit } from '../../../src/domain/decision.ts';
import type { RenditionCaptions, RenditionLayout } from '../../../src/pipeline/ports/media.ts';
import { collect, decodeLog, ffprobe, fileSource, hasMedia, makeMedia, mediaDir } from '../../support/media.ts';

const tools = createFfmpegTools();
let folder: string;
const path = (name: string) => join(folder, name);
const rate = 25;
/** Two frames of an encoder's delay: the picture of a rendition of these files begins so late, and its sound with it. */
const delay = 2 / rate;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emanet-test-'));
  const sound = ['-f', 'lavfi', '-i', 'aevalsrc=0.3*sin(2*PI*1500*t):d=16:s=48000'];
  const h264 = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-bf',
    '2',
    '-b_strategy',
    '0',
    '-g',
    '50',
    '-pix_fmt',
    'yuv420p',
  ];
  await Promise.all([
    // A fine chequerboard: half black, half white wherever one looks, unless it is covered or blurred.
    makeMedia(
      ...[
        '-f',
        'lavfi',
        '-i',
        `color=s=320x240:r=${rate}:d=16,geq=lum='if(mod(floor(X/8)+floor(Y/8),2),235,16)':cb=128:cr=128`,
      ],
      ...[...sound, ...h264, '-preset', 'fast', '-c:a', 'aac', path('board.mp4')],
    ),
    makeMedia(
      ...[
        '-f',
        'lavfi',
        '-i',
        `color=gray:s=320x240:r=${rate}:d=60,drawbox=color=white:t=fill:enable='lt(mod(t,5),0.2)'`,
      ],
      ...[
        '-f',
        'lavfi',
        '-i',
        `aevalsrc='if(lt(mod(t,5),0.2),0.8*sin(2*PI*1000*t),0.001*sin(2*PI*200*t))':d=60:s=48000`,
      ],
      ...[...h264, '-preset', 'fast', '-c:a', 'aac', path('flash.mp4')],
    ),
  ]);
  // The same in a container that is edited in one pass.
  await makeMedia('-i', path('flash.mp4'), '-c', 'copy', path('flash.mkv'));
  await writeFile(
    path('lines.srt'),
    [
      ['00:00:01,000', '00:00:02,000', 'Kept & <b>plain</b>'],
      ['00:00:05,500', '00:00:06,500', 'Words of a song'],
      ['00:00:12,000', '00:00:13,000', 'After the cut'],
    ]
      .map(([from, until, text], at) => `${at + 1}\n${from} --> ${until}\n${text}\n`)
      .join('\n'),
  );
  await writeFile(
    path('chapters.txt'),
    `;FFMETADATA1\n${[0, 6, 12].map((at) => `[CHAPTER]\nTIMEBASE=1/1\nSTART=${at}\nEND=${at + 4}\ntitle=Ada Example, 0555\n`).join('')}`,
  );
  await makeMedia(
    ...['-i', path('board.mp4'), '-i', path('lines.srt'), '-i', path('chapters.txt')],
    ...['-map', '0', '-map', '1', '-map_chapters', '2', '-c', 'copy', '-c:s', 'srt', '-metadata:s:s:0', 'language=tur'],
    path('told.mkv'),
  );
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function render(
  name: string,
  edits: readonly Edit[],
  captions: readonly RenditionCaptions[] = [],
): Promise<{ file: string; layout: RenditionLayout; bytes: Buffer }> {
  await using source = await fileSource(name.startsWith('/') ? name : path(name));
  const { output, layout } = tools.render(source, await tools.probe(source), edits, { captions });
  const file = path(`${name.split('/').at(-1)}.${edits.map(({ kind }) => kind).join('-')}.mp4`);
  const bytes = await collect(output);
  await writeFile(file, bytes);
  return { file, layout: layout(), bytes };
}

/** Darkest and brightest tenth of a part of the picture, frame by frame. */
async function brightness(file: string, crop = 'iw:ih:0:0'): Promise<{ at: number; low: number; high: number }[]> {
  const log = await decodeLog(file, '-an', '-vf', `crop=${crop},signalstats,metadata=print`);
  return [...log.matchAll(/pts_time:([\d.]+)[\s\S]*?YLOW=(\d+)[\s\S]*?YHIGH=(\d+)/g)].map(([, at, low, high]) => ({
    at: Number(at) - delay,
    low: Number(low),
    high: Number(high),
  }));
}
/** First and last frame, by number, that differ from the chequerboard there. */
async function changedFrames(file: string, crop: string, isChanged: (frame: { low: number; high: number }) => boolean) {
  const frames = (await brightness(file, crop)).filter(isChanged).map(({ at }) => Math.round(at * rate));
  return { first: frames[0], last: frames.at(-1), count: frames.length };
}
const isBlack = ({ high }: { high: number }) => high < 30;
const isBlurred = ({ low, high }: { low: number; high: number }) => low > 90 && high < 160;

/** Loudest sample between two moments of the recording, in dB. */
async function loudness(file: string, from: number, until: number, filter = 'anull'): Promise<number> {
  const log = await decodeLog(file, '-vn', '-af', `${filter},atrim=${from + delay}:${until + delay},volumedetect`);
  return Number(/max_volume: (-?[\d.]+) dB/.exec(log)?.[1]);
}

/** When it flashes and when it beeps, in seconds. */
async function marks(file: string) {
  const pictures = await decodeLog(file, '-an', '-vf', 'lutyuv=y=255-val,blackdetect=d=0.05:pix_th=0.2:pic_th=0.9');
  const log = await decodeLog(file, '-vn', '-af', 'silencedetect=n=-20dB:d=0.5');
  return {
    flashes: [...pictures.matchAll(/black_start:([\d.]+)/g)].map((match) => Number(match[1])),
    beeps: [...log.matchAll(/silence_end: ([\d.]+)/g)].map((match) => Number(match[1])),
  };
}

describe('redaction', () => {
  it('covers a region to the frame and leaves the rest of the picture', async () => {
    const region = { x: 0.5, y: 0.25, width: 0.5, height: 0.5 };
    // Frame 127 is shown from 5.08 s and frame 164 until 6.6 s.
    const { file } = await render('board.mp4', [{ kind: 'black_out', startMs: 5_100, endMs: 6_590, region }]);
    expect(await changedFrames(file, '140:30:170:62', isBlack)).toEqual({ first: 127, last: 164, count: 38 });
    expect((await changedFrames(file, '150:240:0:0', isBlack)).count).toBe(0);
    expect((await changedFrames(file, '320:56:0:0', isBlack)).count).toBe(0);
  });

  it('blurs a region to the frame so that no square is left of it', async () => {
    const region = { x: 0, y: 0, width: 0.5, height: 1 };
    const { file } = await render('board.mp4', [{ kind: 'blur', startMs: 5_000, endMs: 6_000, region }]);
    expect(await changedFrames(file, '150:230:4:4', isBlurred)).toEqual({ first: 125, last: 149, count: 25 });
    expect((await changedFrames(file, '150:240:168:0', isBlurred)).count).toBe(0);
  });

  it('says in both languages why the picture is black', async () => {
    const { file } = await render('board.mp4', [{ kind: 'black_out', startMs: 5_000, endMs: 6_000 }]);
    const letters = (crop: string) =>
      decodeLog(file, '-an', '-vf', `trim=5.5:5.6,crop=${crop},signalstats,metadata=print`).then((log) =>
        Number(/YMAX=(\d+)/.exec(log)?.[1]),
      );
    // One line above the middle and one below it, nothing between them and nothing else.
    expect(await letters('280:20:20:98')).toBeGreaterThan(200);
    expect(await letters('280:20:20:124')).toBeGreaterThan(200);
    expect(await letters('320:60:0:0')).toBeLessThan(20);
    expect(await letters('320:60:0:180')).toBeLessThan(20);
  });

  it('puts a tone in place of a sound of which nothing is left', async () => {
    const { file } = await render('board.mp4', [{ kind: 'tone', startMs: 5_000, endMs: 6_000 }]);
    const original = 'bandpass=f=1500:width_type=h:w=50,bandpass=f=1500:width_type=h:w=50';
    expect(await loudness(file, 3, 4, original)).toBeGreaterThan(-15);
    expect(await loudness(file, 5.2, 5.8, original)).toBeLessThan(-50);
    expect(await loudness(file, 5.1, 5.9)).toBeGreaterThan(-30);
    expect(await loudness(file, 6.1, 7)).toBeGreaterThan(-15);
  });

  it('is silent to the hundredth of a second', async () => {
    const { file } = await render('board.mp4', [{ kind: 'mute', startMs: 5_000, endMs: 6_000 }]);
    const log = await decodeLog(file, '-vn', '-af', 'silencedetect=n=-50dB:d=0.3');
    // The picture is copied with its delay; the sound begins with what its own encoder needs.
    const start = Number(/silence_start: ([\d.]+)/.exec(log)?.[1]) - delay;
    const end = Number(/silence_end: ([\d.]+)/.exec(log)?.[1]) - delay;
    expect(start).toBeGreaterThan(4.97);
    expect(start).toBeLessThanOrEqual(5.005);
    expect(end).toBeGreaterThanOrEqual(5.995);
    expect(end).toBeLessThan(6.03);
  });

  it('encodes the picture from the key frame before an edit to the one after it, and copies every other packet', async () => {
    const { file } = await render('board.mp4', [{ kind: 'black_out', startMs: 5_000, endMs: 5_500 }]);
    const sums = async (name: string) =>
      [...(await decodeLog(name, '-an', '-vf', 'showinfo')).matchAll(/ checksum:(\w+) /g)].map((match) => match[1]);
    const [before, after] = [await sums(path('board.mp4')), await sums(file)];
    expect(after.length).toBe(before.length);
    const differing = after.flatMap((sum, at) => (sum === before[at] ? [] : [at]));
    // Key frames stand every two seconds.
    expect(Math.min(...differing)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...differing)).toBeLessThan(150);
    const { streams } = await ffprobe(file, '-show_streams');
    expect(streams.map((stream) => stream.codec_name)).toEqual(['h264', 'aac']);
  });

  it.each(['flash.mp4', 'flash.mkv'])('keeps sound and picture together through many cuts of %s', async (name) => {
    const cuts = [2_010, 12_345, 22_222, 31_007, 41_333].map(
      (startMs, at): Edit => ({ kind: 'cut', startMs, endMs: startMs + 2_001 + 37 * at }),
    );
    const { file } = await render(name, cuts);
    const { flashes, beeps } = await marks(file);
    // No silence ends at the first flash, which is the very start; the last one ends with the file.
    expect(flashes).toHaveLength(12);
    expect(beeps).toHaveLength(12);
    const apart = beeps.slice(0, 11).map((beep, at) => Math.abs(beep - flashes[at + 1]!));
    console.info(
      `${name}: sound and picture at most ${Math.round(Math.max(...apart) * 1000)} ms apart after five cuts`,
    );
    expect(Math.max(...apart)).toBeLessThan(0.02);
  });

  it('takes captions and chapters along, without what was removed and without titles', async () => {
    await using source = await fileSource(path('told.mkv'));
    const { subtitles } = await tools.analyse(source, await tools.probe(source));
    const captions = {
      language: 'tr',
      cues: subtitles.map((cue) => ({ ...cue, speaker: null })),
      showsSpeakers: false,
    };
    const { layout, bytes, file } = await render(
      'told.mkv',
      [{ kind: 'cut', startMs: 4_000, endMs: 10_000 }],
      [captions],
    );
    // Two seconds of the cut stay as a slate.
    expect(layout.chaptersMs).toEqual([0, 6_000, 8_000]);
    expect(layout.subtitles).toMatchObject([{ language: 'tr' }]);
    const { at, bytes: length } = layout.subtitles[0]!;
    // The file begins with what its sound encoder needs, 21 ms before its first picture.
    expect(bytes.toString('utf8', at, at + length)).toBe(
      'WEBVTT\n\n00:00:01.021 --> 00:00:02.021\nKept &amp; plain\n\n00:00:08.021 --> 00:00:09.021\nAfter the cut\n',
    );
    expect(bytes.includes('Ada Example')).toBe(false);
    expect(bytes.includes('song')).toBe(false);
    const { format } = await ffprobe(file, '-show_format');
    expect(Number(format.duration)).toBeCloseTo(16 - 4 + delay, 1);
  });

  it('knows where its segments are: each decodes alone, and together they are all of it', async () => {
    const { layout, bytes } = await render('flash.mp4', []);
    expect(layout.segments.length).toBeGreaterThan(4);
    expect(layout.segments[0]![0]).toBe(layout.initBytes);
    let passedMs = 0;
    for (const [at, length, durationMs] of layout.segments) {
      const alone = path('segment.mp4');
      await writeFile(alone, Buffer.concat([bytes.subarray(0, layout.initBytes), bytes.subarray(at, at + length)]));
      const frames = (await decodeLog(alone, '-an', '-vf', 'showinfo=checksum=0')).match(/ n: *\d+ /g) ?? [];
      expect(frames).toHaveLength(Math.round((durationMs * rate) / 1000));
      passedMs += durationMs;
    }
    expect(passedMs).toBe(layout.durationMs);
    expect(layout.segments.reduce((sum, [, length]) => sum + length, layout.initBytes)).toBe(bytes.length);
  });

  it('has every box whole, however far apart key frames are', async () => {
    const sound = ['-f', 'lavfi', '-i', 'sine=d=400'];
    const picture = ['-f', 'lavfi', '-i', 'color=s=64x48:r=25:d=400'];
    await makeMedia(...picture, ...sound, '-c:v', 'libx264', '-g', '10000', '-c:a', 'aac', path('long.mp4'));
    const { layout, bytes } = await render('long.mp4', []);
    const [[at, length]] = layout.segments as [[number, number, number]];
    expect(layout.segments).toHaveLength(1);
    expect(at + length).toBe(bytes.length);
    expect(layout.durationMs).toBeCloseTo(400_000, -2);
  });

  it('is as long as the recording after three quarters of an hour of uneven time stamps', async () => {
    // Sound and picture of a repetition are not equally long, so the stamps have a seam at each.
    await makeMedia(
      ...['-f', 'lavfi', '-i', 'color=s=64x48:r=25:d=64', '-f', 'lavfi', '-i', 'anoisesrc=d=64:c=pink:r=48000:a=0.2'],
      ...[
        '-c:v',
        'libx264',
        '-preset',
        'veryfast',
        '-bf',
        '0',
        '-g',
        '250',
        '-c:a',
        'aac',
        '-ac',
        '1',
        path('round.mp4'),
      ],
    );
    await makeMedia('-stream_loop', '44', '-i', path('round.mp4'), '-t', '2800', '-c', 'copy', path('looped.mp4'));
    const { file } = await render('looped.mp4', [{ kind: 'mute', startMs: 100_000, endMs: 101_000 }]);
    const { streams } = await ffprobe(file, '-show_streams');
    for (const { duration } of streams) expect(Number(duration)).toBeCloseTo(2_800, 0);
  }, 180_000);

  it.skipIf(!hasMedia)('edits a real lesson of a VC tool in parts, every frame readable', async () => {
    const lesson = `${mediaDir}/lectures/zoom_ruby_gem_walkthrough_mit.mp4`;
    const { file, layout } = await render(lesson, [{ kind: 'cut', startMs: 20_000, endMs: 30_000 }]);
    const { format } = await ffprobe(lesson, '-show_format');
    expect(layout.durationMs / 1000).toBeCloseTo(Number(format.duration) - 8, 0);
    expect(await decodeLog(file, '-v', 'error')).not.toMatch(/error|missing|non-existing/i);
  });
});
