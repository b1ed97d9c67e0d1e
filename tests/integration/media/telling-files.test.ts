import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFfmpegTools } from '../../../src/adapters/ffmpeg/ffmpeg-tools.ts';
import { Refusal } from '../../../src/domain/errors.ts';
import { languageTags } from '../../../src/domain/language.ts';
import { reasonText } from '../../../src/language/reason-text.ts';
import type { MediaProbe } from '../../../src/pipeline/ports/media.ts';
import { bufferSource, fileSource, makeMedia } from '../../support/media.ts';

const tools = createFfmpegTools();
let folder: string;
const path = (name: string) => join(folder, name);
const bytesOf = async (name: string) => bufferSource(await readFile(path(name)));
const lesson = ['-f', 'lavfi', '-i', 'testsrc=s=320x240:r=15:d=6', '-f', 'lavfi', '-i', 'sine=f=440:d=6:r=44100'];
const encoded = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emanet-test-'));
  await makeMedia(...lesson, ...encoded, path('plain.mp4'));
  await Promise.all([
    makeMedia(...lesson, ...encoded, '-map', '0:v', '-map', '1:a', '-map', '1:a', path('two-tracks.mkv')),
    makeMedia(
      ...lesson,
      ...encoded,
      '-metadata',
      'location=+41.0082+028.9784/',
      '-metadata',
      'artist=Ayşe <a@okul.example>',
      path('gps.mp4'),
    ),
    makeMedia('-f', 'lavfi', '-i', 'color=s=64x64', '-frames:v', '1', path('picture.png')),
    makeMedia('-i', path('plain.mp4'), '-c', 'copy', '-movflags', '+faststart', path('faststart.mp4')),
    makeMedia('-i', path('plain.mp4'), '-vn', '-c:a', 'libmp3lame', path('sound.mp3')),
  ]);
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The codes of a refusal; fails when there is none. */
async function refusal(probing: Promise<MediaProbe>): Promise<{ code: string; reason: string | undefined }> {
  const error = await probing.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (!(error instanceof Refusal)) throw new Error(`expected a refusal, got ${error}`);
  for (const reason of error.reasons)
    for (const language of languageTags) expect(reasonText(reason, language)).not.toMatch(/^$|[{}]/);
  return { code: error.code, reason: error.reasons[0]?.code };
}

describe('what is a recording', () => {
  it.each([
    ['', 'EMPTY_FILE'],
    ['Bugünkü dersin notları\nTürev ve integral\n', 'IS_TEXT'],
    ['<!doctype html><script>alert(1)</script>', 'IS_MARKUP'],
    ['#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:1/x.ts\n', 'IS_PLAYLIST'],
    ['\uFEFF#EXTM3U\nfile:///etc/passwd\n', 'IS_PLAYLIST'],
    ['ffconcat version 1.0\nfile /etc/passwd\n', 'IS_PLAYLIST'],
    ['v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n', 'IS_PLAYLIST'],
    ['<?xml version="1.0"?>\n<MPD></MPD>', 'IS_PLAYLIST'],
    ['PK\x03\x04aaaaaaaa', 'IS_ARCHIVE'],
    ['%PDF-1.7\n', 'IS_DOCUMENT'],
    ['MZ\x90\x00\x03\x00', 'IS_PROGRAM'],
    ['\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2', 'NO_MOVIE_HEADER'],
    ['\x00\x01\x02\x03'.repeat(3000), 'UNKNOWN_CONTENT'],
  ])('refuses %j: %s', async (content, reason) => {
    const file = bufferSource(Buffer.from(content, content.startsWith('\uFEFF') ? 'utf8' : 'latin1'));
    const probing = tools.probe(file, { fileName: 'ders.mp4', declaredType: 'video/mp4' });
    expect(await refusal(probing)).toEqual({ code: 'NOT_MEDIA', reason });
  });

  it('refuses a picture that is called a video', async () => {
    const probing = tools.probe(await bytesOf('picture.png'), { fileName: 'ders.mp4' });
    expect(await refusal(probing)).toEqual({ code: 'NOT_MEDIA', reason: 'IS_PICTURE' });
  });

  it.each(['text/html', 'image/png', 'application/pdf', 'video/', 'multipart/mixed'])(
    'refuses the declared type %s before it reads a byte',
    async (declaredType) => {
      const file = await bytesOf('plain.mp4');
      expect((await refusal(tools.probe(file, { declaredType }))).code).toBe('MEDIA_NOT_ALLOWED');
      expect(file.reads).toEqual([]);
    },
  );

  it('refuses an MP4 that was cut before its table of contents', async () => {
    const whole = await readFile(path('plain.mp4'));
    const probing = tools.probe(bufferSource(whole.subarray(0, Math.floor(whole.length * 0.6))));
    expect(await refusal(probing)).toEqual({ code: 'NOT_MEDIA', reason: 'NO_MOVIE_HEADER' });
  });

  it('refuses a picture size that would fill the memory', async () => {
    await makeMedia(
      '-f',
      'lavfi',
      '-i',
      'color=s=16384x8704:d=0.04:r=25',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      path('bomb.mp4'),
    );
    expect(await refusal(tools.probe(await bytesOf('bomb.mp4')))).toEqual({
      code: 'MEDIA_NOT_ALLOWED',
      reason: 'PICTURE_TOO_LARGE',
    });
  });

  it('accepts an MP4 whose table of contents is at the end, and warns of nothing', async () => {
    const probe = await tools.probe(await bytesOf('plain.mp4'), {
      fileName: 'ders.mp4',
      declaredType: 'video/mp4; codecs="avc1"',
    });
    expect(probe).toMatchObject({ container: 'mp4', mediaType: 'video/mp4', warnings: [] });
    expect(probe.declaredDurationMs).toBeGreaterThan(5_900);
  });

  it('accepts an MP3 behind 100 kB of rubbish, and says so', async () => {
    const rubbish = Buffer.alloc(100_000, Buffer.from('deadbeef', 'hex'));
    const probe = await tools.probe(bufferSource(Buffer.concat([rubbish, await readFile(path('sound.mp3'))])));
    expect(probe).toMatchObject({ container: 'mp3', mediaType: 'audio/mpeg' });
    expect(probe.warnings.map(({ code }) => code)).toContain('TRAILING_DATA');
  });

  it.each([
    ['two-tracks.mkv', { fileName: 'ders.mp4' }, 'TYPE_DIFFERS_FROM_DECLARED'],
    ['plain.mp4', { declaredType: 'video/webm' }, 'TYPE_DIFFERS_FROM_DECLARED'],
    ['two-tracks.mkv', {}, 'HIDDEN_STREAM'],
    ['gps.mp4', {}, 'PERSONAL_METADATA'],
    ['sound.mp3', {}, 'NO_VIDEO'],
  ])('warns about %s with %j: %s', async (name, options, code) => {
    const { warnings } = await tools.probe(await bytesOf(name), options);
    expect(warnings.map((warning) => warning.code)).toContain(code);
  });

  it('names no place and no person in a warning', async () => {
    const { warnings } = await tools.probe(await bytesOf('gps.mp4'));
    expect(JSON.stringify(warnings)).not.toMatch(/41\.0082|okul\.example|Ayşe/);
  });

  it.each([
    ['a web page', '<html><script>1</script></html>'],
    ['an archive', 'PK\x03\x04 something PK\x05\x06'],
    ['a second recording', null],
  ])('warns about %s behind an MP4', async (_, behind) => {
    const whole = await readFile(path('faststart.mp4'));
    const file = bufferSource(Buffer.concat([whole, behind === null ? whole : Buffer.from(behind, 'latin1')]));
    expect((await tools.probe(file)).warnings.map(({ code }) => code)).toContain('TRAILING_DATA');
  });
});

describe('analysing', () => {
  it('decodes all of a sound file, with a fingerprint of every track and nothing left out', async () => {
    const file = await bytesOf('two-tracks.mkv');
    const done: number[] = [];
    const features = await tools.analyse(file, await tools.probe(file), { onProgress: (ms) => done.push(ms) });
    expect(features.fingerprints.map(({ stream, silent }) => ({ stream, silent }))).toEqual([
      { stream: 1, silent: false },
      { stream: 2, silent: false },
    ]);
    expect(features.notAnalysed).toEqual([]);
    expect(features.analysedDurationMs).toBeGreaterThan(5_800);
    expect(done.length).toBeGreaterThan(0);
  });

  it('knows a silent track', async () => {
    await makeMedia('-f', 'lavfi', '-i', 'anullsrc=d=6', '-c:a', 'aac', path('silent.m4a'));
    const file = await bytesOf('silent.m4a');
    const features = await tools.analyse(file, await tools.probe(file));
    expect(features.fingerprints).toMatchObject([{ silent: true }]);
  });

  it('reports the part that a cut file lost', async () => {
    const whole = await readFile(path('faststart.mp4'));
    const cut = bufferSource(whole.subarray(0, Math.floor(whole.length * 0.6)));
    const { notAnalysed } = await tools.analyse(cut, await tools.probe(cut));
    expect(Math.max(...notAnalysed.map(({ endMs }) => endMs))).toBeGreaterThan(5_900);
  });

  it('reports a file whose last box claims more than there is, although every frame that is there decodes', async () => {
    const bytes = await readFile(path('faststart.mp4'));
    const at = bytes.indexOf('mdat') - 4;
    bytes.writeUInt32BE(bytes.readUInt32BE(at) + 50_000, at);
    const lying = bufferSource(bytes);
    const { notAnalysed } = await tools.analyse(lying, await tools.probe(lying));
    expect(notAnalysed.map(({ why }) => why)).toEqual(['ENDS_TOO_EARLY']);
  });

  it('reports the damaged part of a file', async () => {
    const bytes = await readFile(path('faststart.mp4'));
    const at = Math.floor(bytes.length * 0.5);
    for (let place = at; place < at + 4000; place++) bytes[place] = (bytes[place]! * 7 + 13) & 0xff;
    const damaged = bufferSource(bytes);
    const { notAnalysed } = await tools.analyse(damaged, await tools.probe(damaged));
    expect(notAnalysed.length).toBeGreaterThan(0);
  });

  it('stops at the time limit and reports the rest as not analysed', async () => {
    await makeMedia(
      '-f',
      'lavfi',
      '-i',
      'testsrc=s=1280x720:r=30:d=60',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      path('long.mp4'),
    );
    await using file = await fileSource(path('long.mp4'));
    // It gets twelve times as long while it makes headway. In the second the decoder does not listen yet, and is killed.
    for (const wallMs of [30, 5]) {
      const hurried = createFfmpegTools({
        limits: { analyse: { wallMs, cpuSeconds: 60, memoryBytes: 4 * 1024 ** 3, outputBytes: 1e8 } },
      });
      const { notAnalysed } = await hurried.analyse(file, await hurried.probe(file));
      expect(notAnalysed.map(({ why }) => why)).toContain('TIME_LIMIT');
      expect(Math.max(...notAnalysed.map(({ endMs }) => endMs))).toBe(60_000);
    }
  });

  it('says of a file that the machine had no time for that it had none, and nothing of the file', async () => {
    const hurried = createFfmpegTools({
      limits: { probe: { wallMs: 3, cpuSeconds: 20, memoryBytes: 2 * 1024 ** 3, outputBytes: 1e7 } },
    });
    await expect(hurried.probe(await bytesOf('faststart.mp4'))).rejects.toMatchObject({
      code: 'PROCESSOR_UNAVAILABLE',
      reasons: [],
    });
  });

  it('throws the fault of the source instead of calling the file damaged', async () => {
    const good = await bytesOf('faststart.mp4');
    const probe = await tools.probe(good);
    const fault = new Error('chunk 3 does not verify');
    const half = good.bytes / 2;
    const failing = {
      bytes: good.bytes,
      async *read(start: number, end: number) {
        yield* good.read(start, Math.min(end, half));
        if (end > half) throw fault;
      },
    };
    await expect(tools.analyse(failing, probe)).rejects.toBe(fault);
    await expect(tools.probe({ bytes: good.bytes, read: () => failing.read(half, good.bytes) })).rejects.toBe(fault);
  });

  it('ends at once when it is aborted', async () => {
    const file = await bytesOf('plain.mp4');
    const probe = await tools.probe(file);
    const slow = {
      bytes: file.bytes,
      async *read(start: number, end: number, signal?: AbortSignal) {
        yield* file.read(start, Math.min(end, start + 1000), signal);
        if (end > start + 1000)
          await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
      },
    };
    const signal = AbortSignal.timeout(500);
    await expect(
      tools.analyse(
        { ...slow, read: (start, end, inner) => (end <= 65_536 && start === 0 ? file : slow).read(start, end, inner) },
        probe,
        { signal },
      ),
    ).rejects.toThrow(/abort|timeout/i);
  });
});
