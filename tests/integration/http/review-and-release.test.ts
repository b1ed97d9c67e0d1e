import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordingText } from '../../../src/cli/show-recording.ts';
import { integrateLog } from '../../../src/pipeline/oversight/integrate-log.ts';
import { expirePermissions } from '../../../src/pipeline/permission/expire-permissions.ts';
import { searchAgain } from '../../../src/pipeline/review/search-again.ts';
import { shortLesson, wholeLessonFile } from '../../support/media.ts';
import { createPermittedLesson, createSchool, eraseBy, inDays, ok, type School, until } from '../../support/school.ts';
import { createSealedRecording } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { asViewer, readSlowly } from '../../support/watching.ts';
import { forgetWorks } from '../../support/works.ts';

let server: TestServer;
let school: School;
const media = shortLesson();
/** For what is about length, or about where in a file something is. */
let whole: Buffer;

beforeAll(async () => {
  server = await startTestServer();
  school = await createSchool(server);
  whole = await readFile(wholeLessonFile);
});
afterAll(() => server?.stop());

/** Sixteen-bit stereo noise of 44.1 kHz. */
function wav(bytes: number): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(bytes + 36, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(2, 22);
  head.writeUInt32LE(44_100, 24);
  head.writeUInt32LE(176_400, 28);
  head.writeUInt16LE(4, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(bytes, 40);
  return Buffer.concat([head, randomBytes(bytes)]);
}

async function reviewed() {
  const lesson = await createPermittedLesson(school);
  const { id } = ok(await school.teacher.upload(lesson.id, media));
  const recording = await until(school.reviewer, id, (r) => r.state === 'in_review');
  for (const segment of recording.segments)
    ok(await school.reviewer.post(`/api/segments/${segment.id}/decisions`, { kind: 'permitted', ground: 'own_work' }));
  return { id: id as string, lesson };
}
async function cleared() {
  const recording = await reviewed();
  ok(await school.reviewer.post(`/api/recordings/${recording.id}/clear`));
  return recording;
}
async function released() {
  const recording = await cleared();
  ok(await school.admin.post(`/api/recordings/${recording.id}/approve`));
  await until(school.admin, recording.id, (r) => r.rendition?.state === 'ready');
  const release = ok(
    await school.admin.post(`/api/recordings/${recording.id}/releases`, { audience: 'class', endsAt: inDays(7) }),
  );
  const link = ok(await school.teacher.post(`/api/releases/${release.id}/links`, { viewerName: 'Ada' }));
  return { ...recording, release: release.id as string, link: link as { id: string; token: string } };
}

test('of two administrators who approve at the same instant one does, and the log has it once', async () => {
  const { id } = await cleared();
  const answers = await Promise.all([
    school.admin.post(`/api/recordings/${id}/approve`),
    school.otherAdmin.post(`/api/recordings/${id}/approve`),
  ]);
  expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409]);
  const { entries } = ok(await school.auditor.get(`/api/audit?recording=${id}&action=recording.approved`));
  expect(entries).toHaveLength(1);
});

test('nobody approves what they uploaded or reviewed, nor reviews what they uploaded', async () => {
  const both = { post: school.admin.post };
  const lesson = await createPermittedLesson(school, school.admin);
  const { id } = ok(await school.admin.upload(lesson.id, media));
  const recording = await until(school.reviewer, id, (r) => r.state === 'in_review');
  for (const segment of recording.segments)
    ok(await school.reviewer.post(`/api/segments/${segment.id}/decisions`, { kind: 'permitted', ground: 'own_work' }));
  ok(await school.reviewer.post(`/api/recordings/${id}/clear`));
  expect(await both.post(`/api/recordings/${id}/approve`)).toMatchObject({
    status: 403,
    body: { code: 'SAME_PERSON', reasons: [{ code: 'APPROVER_IS_UPLOADER' }] },
  });
  ok(await school.otherAdmin.post(`/api/recordings/${id}/approve`));
});

describe('a withdrawal', () => {
  test('stops what is being watched', async () => {
    // Large enough that the operating system's buffers do not hold all of it.
    const lesson = await createPermittedLesson(school);
    const { id } = ok(
      await school.teacher.upload(lesson.id, wav(32 * 2 ** 20), { type: 'audio/wav', name: 'long.wav' }),
    );
    await until(school.reviewer, id, (r) => r.state === 'in_review');
    const response = await fetch(`${server.url}/api/recordings/${id}/media`, { headers: school.reviewer.headers });
    const reader = response.body!.getReader();
    await reader.read();
    ok(await school.teacher.post(`/api/permissions/${lesson.permissions.minor}/withdraw`));
    expect((await readSlowly(reader)).end).toBe('broken');
    const { entries } = ok(await school.auditor.get(`/api/audit?recording=${id}&action=media.stopped`));
    expect(entries).toHaveLength(1);
    expect(entries[0].entry.details.served.bytes[1]).toBeLessThan(32 * 2 ** 20);
  });
  test('is asked for at every request, as are the end of the link and of the release', async () => {
    const first = await released();
    const { path, headers } = asViewer(first.link);
    expect((await fetch(server.url + path, { method: 'HEAD', headers })).status).toBe(200);
    ok(await school.teacher.delete(`/api/links/${first.link.id}`));
    expect(await school.nobody.get(path, headers)).toMatchObject({ status: 404, body: { code: 'LINK_NOT_VALID' } });
    const again = ok(await school.teacher.post(`/api/releases/${first.release}/links`, { viewerName: 'Ada' }));
    expect(
      (await fetch(server.url + asViewer(again).path, { method: 'HEAD', headers: asViewer(again).headers })).status,
    ).toBe(200);
    ok(await school.admin.delete(`/api/releases/${first.release}`));
    expect(await school.nobody.get(asViewer(again).path, asViewer(again).headers)).toMatchObject({ status: 404 });
    expect(ok(await school.admin.get(`/api/recordings/${first.id}`)).state).toBe('approved');
  });
  test('can be renewed by the same signer: the recording goes back into review, not back on air', async () => {
    const { id, lesson, link } = await released();
    ok(await school.teacher.post(`/api/permissions/${lesson.permissions.adult}/withdraw`));
    expect(await school.admin.post(`/api/recordings/${id}/lift-quarantine`)).toMatchObject({
      status: 403,
      body: { code: 'PERMISSION_MISSING' },
    });
    expect((await school.reviewer.get(`/api/recordings/${id}/media`)).status).toBe(409);
    ok(
      await school.teacher.post(`/api/lessons/${lesson.id}/permissions`, {
        status: 'granted',
        participantId: lesson.lesson.participants[0].id,
        purposes: ['record', 'keep', 'release'],
        releaseTo: ['class'],
        route: 'paper',
        signerName: 'Tuna Teacher',
        signerCapacity: 'self',
        signedAt: new Date().toISOString(),
      }),
    );
    expect(ok(await school.admin.post(`/api/recordings/${id}/lift-quarantine`)).state).toBe('in_review');
    expect(await school.nobody.get(asViewer(link).path, asViewer(link).headers)).toMatchObject({ status: 404 });
  });
});

test('a permission that runs out puts the recording out of reach by itself', async () => {
  const { id, lesson, link } = await released();
  const { database } = server.context.outside;
  await database.read.permission.update({ where: { id: lesson.permissions.site }, data: { validUntil: new Date() } });
  expect(await school.nobody.get(asViewer(link).path, asViewer(link).headers)).toMatchObject({ status: 404 });
  expect(await expirePermissions(server.context.outside)).toBe(1);
  expect(ok(await school.admin.get(`/api/recordings/${id}`)).state).toBe('quarantined');
});

test('a changed reason voids the permissions given for the old one', async () => {
  const { id, lesson } = await reviewed();
  ok(await school.teacher.patch(`/api/lessons/${lesson.id}`, { reason: 'For our website' }));
  expect(await school.reviewer.post(`/api/recordings/${id}/clear`)).toMatchObject({
    status: expect.any(Number),
    body: { code: expect.stringMatching(/PERMISSION_MISSING|WRONG_STATE/) },
  });
  const gate = ok(await school.teacher.get(`/api/lessons/${lesson.id}/gate`));
  expect(new Set(gate.reasons.map((reason: { code: string }) => reason.code))).toEqual(new Set(['REASON_CHANGED']));
});

test('material declared after the approval reopens the review and ends the release', async () => {
  const { id, link } = await released();
  ok(await school.teacher.post(`/api/recordings/${id}/segments`, { title: 'A film clip', startMs: 0, endMs: 1000 }));
  const recording = ok(await school.admin.get(`/api/recordings/${id}`));
  expect(recording).toMatchObject({ state: 'in_review', release: null, rendition: null, approvedById: null });
  expect(await school.nobody.get(asViewer(link).path, asViewer(link).headers)).toMatchObject({ status: 404 });
});

test('a review does not end while the third-party check waits, runs or has failed', async () => {
  const { id } = await reviewed();
  const { database } = server.context.outside;
  for (const checkState of ['waiting', 'running', 'failed'] as const) {
    await database.read.recording.update({ where: { id }, data: { checkState } });
    expect(await school.reviewer.post(`/api/recordings/${id}/clear`)).toMatchObject({
      status: 409,
      body: { code: 'WRONG_STATE', reasons: [{ code: 'CHECK_NOT_DONE' }] },
    });
  }
});

test('a refused segment rejects the recording', async () => {
  const lesson = await createPermittedLesson(school);
  const { id } = ok(await school.teacher.upload(lesson.id, media));
  ok(await school.teacher.post(`/api/recordings/${id}/segments`, { title: 'A film', startMs: 0, endMs: 1000 }));
  const recording = await until(school.reviewer, id, (r) => r.state === 'in_review');
  const declared = recording.segments.find((segment: { source: string }) => segment.source === 'declared');
  expect(ok(await school.reviewer.post(`/api/segments/${declared.id}/decisions`, { kind: 'refuse' }))).toMatchObject({
    state: 'rejected',
    stateCodes: ['SEGMENT_REFUSED'],
    stateNote: null,
  });
  expect(await school.admin.post(`/api/recordings/${id}/approve`)).toMatchObject({
    status: 409,
    body: { code: 'WRONG_STATE' },
  });
});

test.each(['request', 'MUSIC', 'SEGMENT_REFUSED'])(
  'who rejects with the word “%s” is quoted on the command line and on the log, and no code is made of it',
  async (why) => {
    const lesson = await createPermittedLesson(school);
    const { id } = await createSealedRecording(server.context.outside, lesson.id, school.teacher.id);
    const recording = ok(await school.reviewer.post(`/api/recordings/${id}/reject`, { why }));
    expect(recording).toMatchObject({ state: 'rejected', stateCodes: [], stateNote: why });
    expect(recordingText(recording, 'en')).toMatch(new RegExp(`Why: +“${why}”\n`));
    await integrateLog(server.context.outside);
    const { entries } = ok(await school.auditor.get(`/api/audit?recording=${id}&action=recording.rejected`));
    expect(entries).toMatchObject([{ entry: { details: { segment: null, note: why } } }]);
    // A code of the same word is told apart from it.
    ok(await eraseBy(school, id));
    const erased = ok(await school.admin.get(`/api/recordings/${id}`));
    expect(erased).toMatchObject({ state: 'erased', stateCodes: ['request'], stateNote: null });
    expect(recordingText(erased, 'en')).toMatch(/Why: +erased on request\n/);
  },
);

async function registerWalkthrough(facts: Record<string, string> = {}, file = media) {
  const form = new FormData();
  const fields = { title: 'The same walkthrough', rightsHolder: 'Somebody else', ...facts };
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set('file', new Blob([Uint8Array.from(file)], { type: 'video/mp4' }), 'work.mp4');
  return school.reviewer.post('/api/works', form);
}

test('a registered work is heard and seen in a recording and has to be decided', async () => {
  ok(await registerWalkthrough({}, whole));
  const lesson = await createPermittedLesson(school);
  const { id } = ok(await school.teacher.upload(lesson.id, whole));
  const recording = await until(school.reviewer, id, (r) => r.state === 'in_review');
  for (const source of ['audio_match', 'picture_match']) {
    const match = recording.segments.find((segment: { source: string }) => segment.source === source);
    expect(match).toMatchObject({ title: 'The same walkthrough', rightsHolder: 'Somebody else' });
    expect(match.endMs - match.startMs).toBeGreaterThan(60_000);
    expect(Math.abs(match.findings[0].evidence.workStartMs - match.startMs)).toBeLessThan(600);
  }
  expect(await school.reviewer.post(`/api/recordings/${id}/clear`)).toMatchObject({
    status: 409,
    body: { code: 'SEGMENTS_OPEN' },
  });
  await forgetWorks(server.context.outside);
});

test('the same file again is the same work, described again', async () => {
  const first = ok(await registerWalkthrough({ isrc: 'TR-A01-21-00001' }));
  const again = ok(await registerWalkthrough({ licence: 'CC-BY-4.0', validUntil: '2030-01-31' }));
  expect(again).toMatchObject({ id: first.id, licence: 'CC-BY-4.0', validUntil: '2030-01-31', identifiers: {} });
  expect(first).toMatchObject({ kind: 'film', identifiers: { isrc: 'TR-A01-21-00001' } });
  expect(ok(await school.reviewer.get('/api/works')).items).toHaveLength(1);
  expect(await registerWalkthrough({ isrc: '12' })).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
  const { entries } = ok(await school.auditor.get('/api/audit?action=work.described'));
  expect(entries).toHaveLength(1);
  await forgetWorks(server.context.outside);
});

test('a work registered after a release is searched for, raises a review, and keeps what was decided', async () => {
  const { id } = await released();
  const before = ok(await school.reviewer.get(`/api/recordings/${id}`));
  const { outside } = server.context;
  expect(await searchAgain(outside)).toBe(0);
  // One recording is enough here: the others of this file would be searched first, one after the other.
  await outside.database.read.recording.updateMany({ where: { id: { not: id } }, data: { searchedWork: 2 ** 31 - 1 } });
  ok(await registerWalkthrough());
  expect(await searchAgain(outside)).toBe(1);
  // What waits for its turn is not queued twice.
  expect(await searchAgain(outside)).toBe(0);
  const after = await until(school.reviewer, id, (r) => r.state === 'in_review' && r.check.state === 'done');
  expect(after.segments.length).toBeGreaterThan(before.segments.length);
  for (const { id: segment, decision } of before.segments)
    expect(after.segments.find((each: { id: string }) => each.id === segment).decision).toEqual(decision);
  expect(after.release).toBeNull();
  await forgetWorks(server.context.outside);
});

test('a damaged body is never played: the check fails, visibly, and the log says so', async () => {
  const lesson = await createPermittedLesson(school);
  await server.context.outside.database.read.$executeRaw`SELECT graphile_worker.add_job('none', '{}',
    flags => ARRAY['school ' || current_school()])`;
  const { id } = ok(await school.teacher.upload(lesson.id, whole));
  await until(school.reviewer, id, (r) => r.state === 'in_review');
  const { objects, database } = server.context.outside;
  const row = await database.read.sealedObject.findFirstOrThrow({ where: { recording: { id } } });
  const pieces: Buffer[] = [];
  for await (const piece of await objects.get(row.bodyKey)) pieces.push(Buffer.from(piece));
  const body = Buffer.concat(pieces);
  body[2_000_000]! ^= 1;
  await objects.put(
    row.bodyKey,
    (async function* () {
      yield body;
    })(),
  );
  const response = await fetch(`${server.url}/api/recordings/${id}/media`, { headers: school.reviewer.headers });
  await expect(response.arrayBuffer()).rejects.toThrow();
  ok(await school.reviewer.post(`/api/recordings/${id}/check`));
  const failed = await until(school.reviewer, id, (r) => r.check.state === 'failed');
  expect(failed.check.error).toMatch(/damaged|hasarlı/);
  expect(failed.check.error).not.toContain('VaultCorrupt');
  const { entries } = ok(await school.auditor.get(`/api/audit?recording=${id}&action=recording.check_failed`));
  expect(entries).toHaveLength(1);
});

test('the log is exported whole, safe for spreadsheets, and reading it is on the log', async () => {
  const jsonl = await school.auditor.get('/api/audit/export?format=jsonl');
  const rows = String(jsonl.body)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(rows[0]).toMatchObject({ format: 'emanet-log', entries: 'all' });
  const seqs = rows.flatMap((row) => ('seq' in row ? [row.seq] : []));
  expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  expect(rows.at(-1)).toEqual({ end: seqs.length });
  const csv = await school.auditor.get('/api/audit/export?format=csv');
  expect(String(csv.body).split('\r\n').length).toBe(seqs.length + 1 + 2);
  const { entries } = ok(await school.auditor.get('/api/audit?action=audit.exported'));
  expect(entries).toHaveLength(2);
  const pages: number[] = [];
  for (let cursor = ''; ; ) {
    const page = ok(
      await school.auditor.get(
        `/api/audit?limit=50&until=${encodeURIComponent(new Date().toISOString())}${cursor && `&cursor=${cursor}`}`,
      ),
    );
    pages.push(...page.entries.map((row: { seq: number }) => row.seq));
    if (!page.next) break;
    cursor = page.next;
  }
  expect(new Set(pages).size).toBe(pages.length);
});

test('personal metadata does not leave with the rendition', async () => {
  const { id } = await cleared();
  await until(school.admin, id, (r) => r.rendition?.state === 'ready');
  const rendition = Buffer.from(
    await (
      await fetch(`${server.url}/api/recordings/${id}/rendition`, { headers: school.admin.headers })
    ).arrayBuffer(),
  );
  expect(rendition.length).toBeGreaterThan(100_000);
  for (const trace of ['Lavf', 'x264', 'creation_time'])
    expect({ trace, found: rendition.includes(trace) }).toEqual({ trace, found: false });
});
