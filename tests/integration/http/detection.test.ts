import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Finding } from '../../../src/detection/finding.ts';
import { defaultDetectionRules } from '../../../src/domain/detection-rules.ts';
import type { Caller } from '../../../src/pipeline/ports/caller.ts';
import { addFindings } from '../../../src/pipeline/review/add-findings.ts';
import { finding } from '../../support/findings.ts';
import { hasMedia, mediaDir } from '../../support/media.ts';
import { createPermittedLesson, createSchool, ok, type School, until } from '../../support/school.ts';
import { createSealedRecording } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let school: School;
beforeAll(async () => {
  server = await startTestServer({ READ_PAGES_PER_HOUR: '120' });
  school = await createSchool(server);
});
afterAll(() => server?.stop());

const machine: Caller = { actor: { kind: 'system', id: 'test' } };
describe('findings become segments', () => {
  const add = (id: string, ...findings: Finding[]) =>
    server.context.outside.database.transact(machine, (tx) =>
      addFindings(tx, id, findings, { gapMs: 3_000, wholeMs: 600_000 }),
    );
  const segmentsOf = async (id: string) =>
    ok(await school.reviewer.get(`/api/recordings/${id}`)).segments.filter(
      ({ source }: { source: string }) => source !== 'subtitle',
    ) as {
      id: string;
      startMs: number;
      endMs: number;
      findings: { source: string }[];
      decision: object | null;
      declaredBy: object[];
    }[];
  const shapes = async (id: string) =>
    (await segmentsOf(id)).map(({ startMs, endMs, findings }) => [startMs / 1000, endMs / 1000, findings.length]);

  test('of which an undecided one takes in what touches it, and a decided one stays as it is', async () => {
    const lesson = await createPermittedLesson(school);
    const { id } = await createSealedRecording(server.context.outside, lesson.id, school.teacher.id);
    await add(id, finding('music', 100, 130), finding('music', 200, 230), finding('film', 100, 130));
    expect(await shapes(id)).toEqual([
      [100, 130, 1],
      [100, 130, 1],
      [200, 230, 1],
    ]);
    const heard = (await segmentsOf(id)).find(
      ({ startMs, findings }) => startMs === 100_000 && findings[0]!.source === 'music',
    )!;
    ok(await school.reviewer.post(`/api/segments/${heard.id}/decisions`, { kind: 'mute' }));
    // A newer detector sees the same music a little longer, and a work that was registered meanwhile in two places.
    const again = await add(
      id,
      finding('music', 99, 131),
      finding('music', 198, 229),
      finding('audio_match', 105, 125, { title: 'Song' }),
      finding('audio_match', 225, 240, { title: 'Song' }),
    );
    expect(again.map(({ source }) => source)).toEqual(['audio_match', 'audio_match']);
    expect((await shapes(id)).toSorted()).toEqual(
      [
        [100, 130, 1],
        [100, 130, 1],
        [105, 125, 1],
        [200, 240, 2],
      ].toSorted(),
    );
    expect((await segmentsOf(id)).filter(({ decision }) => decision !== null)).toMatchObject([
      { id: heard.id, decision: { kind: 'mute' } },
    ]);
    expect(await add(id, finding('music', 99, 131))).toEqual([]);
  });

  test('and declared material that covers one is named on it', async () => {
    const lesson = await createPermittedLesson(school);
    const { id } = await createSealedRecording(server.context.outside, lesson.id, school.teacher.id);
    await add(id, finding('music', 100, 130), finding('music', 300, 330));
    const declared = { title: 'A song that we paid for', startMs: 101_000, endMs: 140_000, ground: 'licence' };
    ok(await school.teacher.post(`/api/recordings/${id}/segments`, declared));
    const segments = await segmentsOf(id);
    expect(segments.map(({ declaredBy }) => declaredBy)).toEqual([
      [{ segmentId: segments[1]!.id, title: declared.title, claimedGround: 'licence' }],
      [],
      [],
    ]);
  });
});

test('nothing is shown of a segment in quarantine, and no look is on the log', async () => {
  const lesson = await createPermittedLesson(school);
  const { database } = server.context.outside;
  const { id } = await createSealedRecording(server.context.outside, lesson.id, school.teacher.id);
  const { id: segment } = await database.read.segment.findFirstOrThrow({ where: { recordingId: id } });
  await database.read.recording.update({ where: { id }, data: { state: 'quarantined' } });
  for (const what of ['picture', 'spectrogram'])
    expect((await school.reviewer.get(`/api/segments/${segment}/${what}`)).status).toBe(409);
  for (const what of ['waveform', 'thumbnails'])
    expect((await school.reviewer.get(`/api/recordings/${id}/${what}`)).status).toBe(409);
  for (const action of ['segment.shown', 'recording.overview_shown']) {
    const { entries } = ok(await school.auditor.get(`/api/audit?recording=${id}&action=${action}&outcome=done`));
    expect(entries).toEqual([]);
  }
});

test('an administrator says what is looked for, and everybody else reads it at most', async () => {
  const delivered = ok(await school.reviewer.get('/api/detection'));
  expect(delivered).toEqual(defaultDetectionRules);
  const watchedNames = [{ name: 'Örnek Ajansı', kind: 'agency' }];
  const changed = ok(await school.admin.patch('/api/detection', { watchedNames, least: { music: 0.7 } }));
  expect(changed).toEqual({ ...delivered, watchedNames, least: { ...delivered.least, music: 0.7 } });
  expect(ok(await school.admin.patch('/api/detection', { gapMs: 5_000 }))).toEqual({ ...changed, gapMs: 5_000 });
  expect((await school.reviewer.patch('/api/detection', { gapMs: 0 })).status).toBe(403);
  expect((await school.teacher.get('/api/detection')).status).toBe(403);
  expect((await school.admin.patch('/api/detection', { least: { music: 2 } })).status).toBe(400);
  const { entries } = ok(await school.auditor.get('/api/audit?action=detection.changed'));
  expect(entries).toHaveLength(2);
  expect(ok(await school.admin.delete('/api/detection'))).toEqual(delivered);
});

describe.skipIf(!hasMedia)('a lesson with music and a notice (needs the media folder: EMANET_MEDIA_DIR)', () => {
  test('has both pointed at, says where, and shows them to a reviewer, which is on the log', async () => {
    const lesson = await createPermittedLesson(school);
    const media = await readFile(`${mediaDir}/eval/D3_tr_image_notice_music_under.mp4`);
    const { id } = ok(await school.teacher.upload(lesson.id, media));
    const { segments } = await until(school.reviewer, id, (r) => r.state === 'in_review', 240_000);
    const bySource = (source: string) =>
      segments.filter(({ findings }: { findings: { source: string }[] }) =>
        findings.some((each) => each.source === source),
      );
    // 60 to 85 s, five dB under a voice; the picture with the notice stands from 25 to 45 s.
    const [music, ...others] = bySource('music');
    expect(others).toEqual([]);
    expect(Math.abs(music.startMs - 60_000)).toBeLessThan(5_000);
    expect(Math.abs(music.endMs - 85_000)).toBeLessThan(5_000);
    const [notice] = bySource('notice');
    const read = notice.findings.find(({ source }: { source: string }) => source === 'notice');
    expect(read).toMatchObject({ evidence: { kind: 'rights_notice', text: expect.stringMatching(/hakları/) } });
    expect(read.startMs).toBeGreaterThan(20_000);
    expect(read.endMs).toBeLessThan(55_000);
    for (const [path, type] of [
      [`${notice.id}/picture`, 'image/jpeg'],
      [`${music.id}/spectrogram`, 'image/png'],
    ] as const) {
      const shown = await school.reviewer.get(`/api/segments/${path}`);
      expect([shown.status, shown.headers.get('content-type'), shown.headers.get('cache-control')]).toEqual([
        200,
        type,
        'private, no-store',
      ]);
      expect(shown.body.length).toBeGreaterThan(2_000);
    }
    expect((await school.teacher.get(`/api/segments/${notice.id}/picture`)).status).toBe(403);
    const { entries } = ok(await school.auditor.get(`/api/audit?recording=${id}&action=segment.shown`));
    expect(entries).toHaveLength(2);
  }, 300_000);
});
