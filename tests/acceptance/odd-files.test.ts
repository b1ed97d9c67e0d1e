import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient } from '../../src/client/api-client.ts';
import { hasMedia, listenAsCanary, mediaDir } from '../support/media.ts';
import { createPermittedLesson, createSchool, ok, type School, until } from '../support/school.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/**
 * Every line of `odd/EXPECTED.tsv` through the whole server: uploaded by a teacher, sealed or refused, checked, reported.
 * What the media tools make of each file in detail is tested in tests/integration/media/odd-files.test.ts.
 */
const refusedOnPurpose = new Set(['make_sparse_gt4g.py', 'zoom_playback.m3u', 'ffx_video-overhang.ogg']);
const lines = hasMedia
  ? readFileSync(join(mediaDir, 'odd/EXPECTED.tsv'), 'utf8')
      .split('\n')
      .filter((line) => line.includes('\t'))
      .map((line) => line.split('\t') as [string, string])
  : [];

describe.skipIf(!hasMedia)('odd files through the server (needs the media folder: EMANET_MEDIA_DIR)', () => {
  let server: TestServer;
  let school: School;
  let lesson: string;
  let canary: Awaited<ReturnType<typeof listenAsCanary>>;

  beforeAll(async () => {
    server = await startTestServer();
    school = await createSchool(server);
    lesson = (await createPermittedLesson(school)).id;
    canary = await listenAsCanary(18_080);
  });
  afterAll(async () => {
    await canary?.[Symbol.asyncDispose]();
    await server?.stop();
  });

  test.each(lines)('%s: %s', { timeout: 620_000 }, async (name, expectation) => {
    const answer = await school.teacher.upload(lesson, await readFile(join(mediaDir, 'odd', name)), {
      name,
      type: 'application/octet-stream',
    });
    expect([201, 415, 422]).toContain(answer.status);
    expect(canary.hits()).toBe(0);
    expect(JSON.stringify(answer.body)).not.toMatch(/root:[^:]*:0:0/);
    if (answer.status !== 201) {
      expect(['NOT_MEDIA', 'MEDIA_NOT_ALLOWED']).toContain(answer.body.code);
      expect(answer.body.reasons.length).toBeGreaterThan(0);
      if (/^ACCEPT(;|-UNSCANNABLE)|^type decided/.test(expectation)) expect(refusedOnPurpose).toContain(name);
      const { rows } = {
        rows: await server.context.outside.database.read.recording.count({ where: { state: 'receiving' } }),
      };
      expect(rows).toBe(0);
      return;
    }
    expect(expectation).not.toMatch(/^REJECT/);
    const checked = await until(
      school.reviewer,
      answer.body.id,
      (r) => r.check.state === 'done' || r.check.state === 'failed',
      // A hundred hours take a minute on a machine that does nothing else, and as long as they like on a busy one.
      600_000,
    );
    expect(checked.check.state).toBe('done');
    expect(checked.state).toBe('in_review');
    const sources = checked.segments.map((segment: { source: string }) => segment.source);
    if (/UNSCANNABLE|WITH WARNING/.test(expectation)) expect(sources).toContain('not_analysed');
    if (/copyright notice/.test(expectation)) expect(sources).toEqual(expect.arrayContaining(['tag', 'subtitle']));
    if (/^ACCEPT; location/.test(expectation))
      expect(checked.warnings.map((warning: { code: string }) => warning.code)).toContain('PERSONAL_METADATA');
    expect(canary.hits()).toBe(0);
  });

  test('a film of more than 4 GiB', { timeout: 600_000 }, async ({ skip }) => {
    const folder = await mkdtemp(join(tmpdir(), 'emanet-large-'));
    try {
      const file = join(folder, 'large.mp4');
      try {
        execFileSync('python3', [join(mediaDir, 'odd/make_sparse_gt4g.py'), join(mediaDir, 'odd/faststart.mp4'), file]);
      } catch {
        skip('python3 is not here to make the file');
      }
      const bytes = (await stat(file)).size;
      expect(bytes).toBeGreaterThan(2 ** 32);
      const { token } = ok(await school.teacher.post('/api/tokens', { name: 'large' }));
      const client = createClient({ baseUrl: server.url, token });
      const before = process.memoryUsage().rss;
      const recording = await client.upload('uploadRecording', {
        params: { lessonId: lesson },
        fields: { bytes },
        file: { path: file },
      });
      expect(recording).toMatchObject({ state: 'sealed', bytes });
      // Client and server share this process; neither may hold the file.
      expect(process.memoryUsage().rss - before).toBeLessThan(700 * 2 ** 20);
      const checked = await until(
        school.reviewer,
        recording.id,
        (r) => r.check.state !== 'waiting' && r.check.state !== 'running',
        500_000,
      );
      expect(checked.check.state).toBe('done');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
