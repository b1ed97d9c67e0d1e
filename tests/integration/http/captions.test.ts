import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { takenOutMark } from '../../../src/domain/captions/rendition-cues.ts';
import { beginScrubWhenDue } from '../../../src/pipeline/oversight/begin-scrub.ts';
import { scrubObjects } from '../../../src/pipeline/oversight/scrub-objects.ts';
import { sendCaptions, vttOf } from '../../support/captions.ts';
import { eventually } from '../../support/eventually.ts';
import { makeMedia } from '../../support/media.ts';
import { createPermittedLesson, createSchool, eraseBy, inDays, ok, type School, until } from '../../support/school.ts';
import { createSealedRecording, keysUnder } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { asViewer } from '../../support/watching.ts';

let server: TestServer;
let school: School;
let folder: string;
/** Thirty seconds; with an English track inside, and without. */
let told: Buffer;
let silent: Buffer;
const never = new AbortController().signal;

beforeAll(async () => {
  server = await startTestServer();
  school = await createSchool(server);
  folder = await mkdtemp(join(tmpdir(), 'emanet-test-'));
  await writeFile(join(folder, 'lines.srt'), '1\n00:00:02,000 --> 00:00:03,000\nGood morning\n');
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25:d=30', '-f', 'lavfi', '-i', 'sine=d=30'];
  const coded = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
  const track = ['-c:s', 'mov_text', '-metadata:s:s:0', 'language=eng'];
  await makeMedia(...picture, '-i', join(folder, 'lines.srt'), ...coded, ...track, join(folder, 'told.mp4'));
  await makeMedia(...picture, ...coded, join(folder, 'silent.mp4'));
  told = await readFile(join(folder, 'told.mp4'));
  silent = await readFile(join(folder, 'silent.mp4'));
}, 60_000);
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const zoom = vttOf(
  [1, 3, 'Ada Yılmaz: Günaydın.'],
  [5, 7, 'Can Öz: Resim Getty Images’tan.'],
  [9, 11, 'Ada Yılmaz: Bir şarkı dinleyelim.'],
  [20, 22, 'Can Öz: Teşekkürler.'],
);
const captionsAt = (id: string, language = 'tr') => `/api/recordings/${id}/captions/${language}`;
const logged = async (id: string, action: string) =>
  ok(await school.auditor.get(`/api/audit?recording=${id}&action=${action}`)).entries.map(
    ({ entry }: { entry: unknown }) => entry,
  );

/** Uploads a recording by form, with captions before or after the file. */
async function upload(media: Buffer, captions: string | null, isBefore = true) {
  const lesson = await createPermittedLesson(school);
  const form = new FormData();
  form.set('bytes', String(media.length));
  form.set('captionsLanguage', 'tr');
  const add = () => captions !== null && form.set('captions', new Blob([captions]), 'meeting.vtt');
  if (isBefore) add();
  form.set('file', new Blob([Uint8Array.from(media)], { type: 'video/mp4' }), 'lesson.mp4');
  if (!isBefore) add();
  const answer = ok(await school.teacher.post(`/api/lessons/${lesson.id}/recordings`, form));
  return { lesson, answer, id: answer.id as string };
}

async function clear(
  id: string,
  decide: (segment: { source: string; findings: { evidence: { name?: string } }[] }) => object,
) {
  for (const segment of ok(await school.reviewer.get(`/api/recordings/${id}`)).segments)
    if (segment.decision === null)
      ok(await school.reviewer.post(`/api/segments/${segment.id}/decisions`, decide(segment)));
  ok(await school.reviewer.post(`/api/recordings/${id}/clear`));
  return until(school.admin, id, (r) => r.rendition?.state === 'ready');
}
const permitted = () => ({ kind: 'permitted', ground: 'own_work' });

test('captions along with the upload and inside it: found in, corrected, muted, released', async () => {
  const { id, answer, lesson } = await upload(told, zoom);
  expect(answer.captionsRefused).toBe(null);
  const review = await until(school.reviewer, id, (r) => r.state === 'in_review');
  expect(review.captions).toMatchObject([
    { language: 'tr', label: 'Türkçe', version: 1, source: 'file', cues: 4 },
    { language: 'en', label: 'English', version: 1, source: 'track', cues: 1 },
  ]);
  const read = review.segments.filter(({ source }: { source: string }) => source === 'subtitle');
  expect(read).toMatchObject([
    { startMs: 5_000, endMs: 7_000, findings: [{ rightsHolder: 'Getty Images', evidence: { language: 'tr' } }] },
  ]);

  const shown = ok(await school.teacher.get(captionsAt(id)));
  expect(shown).toMatchObject({ version: 1, shown: 1, showsSpeakers: false });
  expect(shown.cues[0]).toEqual({ startMs: 1_000, endMs: 3_000, text: 'Günaydın.', speaker: 'Ada Yılmaz' });
  expect(await logged(id, 'captions.shown')).toMatchObject([{ details: { version: 1 } }]);

  ok(await school.teacher.post(`/api/recordings/${id}/segments`, { title: 'A song', startMs: 9_500, endMs: 12_000 }));
  const cues = shown.cues.map((cue: { text: string }, at: number) => (at === 0 ? { ...cue, text: 'Günaydın!' } : cue));
  const change = { version: 1, cues };
  expect(ok(await school.teacher.put(captionsAt(id), change)).version).toBe(2);
  expect(await school.reviewer.put(captionsAt(id), change)).toMatchObject({
    status: 409,
    body: { code: 'STATE_CHANGED', reasons: [{ code: 'CAPTIONS_CHANGED', params: { version: 2 } }] },
  });

  const cleared = await clear(id, ({ source }) => (source === 'declared' ? { kind: 'mute' } : permitted()));
  expect(cleared).toMatchObject({ rendition: { hasCaptions: true }, captionsNote: null });
  const outline = ok(await school.admin.get(`/api/recordings/${id}/rendition/outline`));
  expect(outline).toMatchObject({
    captionsNote: null,
    subtitles: [
      { track: 0, language: 'tr', label: 'Türkçe' },
      { track: 1, language: 'en', label: 'English' },
    ],
  });
  const vtt = ok(await school.admin.get(`/api/recordings/${id}/rendition/subtitles/0`));
  expect(vtt).toBe(
    vttOf([1, 3, 'Günaydın!'], [5, 7, '– Resim Getty Images’tan.'], [9, 9.5, takenOutMark], [20, 22, 'Teşekkürler.']),
  );

  ok(await school.admin.post(`/api/recordings/${id}/approve`));
  const release = ok(
    await school.admin.post(`/api/recordings/${id}/releases`, { audience: 'class', endsAt: inDays(7) }),
  );
  const link = ok(await school.teacher.post(`/api/releases/${release.id}/links`, { viewerName: 'Ece' }));
  const viewer = asViewer(link);
  const get = (path: string) => fetch(`${server.url}${viewer.path}${path}`, { headers: viewer.headers });
  expect(await (await get('/subtitles/0')).text()).toBe(vtt);
  expect(await (await get('/outline')).json()).toMatchObject({ captionsNote: null, subtitles: outline.subtitles });

  // A correction of what is released ends the release: it is reviewed again, with the name shown.
  ok(await school.teacher.put(captionsAt(id), { version: 2, cues, showsSpeakers: true }));
  expect(ok(await school.admin.get(`/api/recordings/${id}`))).toMatchObject({ state: 'in_review', release: null });
  expect((await get('/subtitles/0')).status).toBe(404);
  await clear(id, permitted);
  expect(ok(await school.admin.get(`/api/recordings/${id}/rendition/subtitles/0`))).toContain(
    '<v Ada Yılmaz>Günaydın!',
  );
  expect(lesson.id).toBe(answer.lessonId);
});

test('a correction is undone, also a removal; and what an earlier version says is found again', async () => {
  const { id } = await upload(silent, zoom, false);
  await until(school.reviewer, id, (r) => r.state === 'in_review');
  const one = { startMs: 0, endMs: 900, text: 'All rights', speaker: null };
  const two = { startMs: 900, endMs: 1_800, text: 'reserved. ', speaker: null };
  ok(await school.reviewer.put(captionsAt(id), { version: 1, cues: [two, one] }));
  const subtitles = async () =>
    ok(await school.reviewer.get(`/api/recordings/${id}`)).segments.filter(
      ({ source }: { source: string }) => source === 'subtitle',
    );
  expect(await subtitles()).toMatchObject([
    { startMs: 0, endMs: 1_800, findings: [{ evidence: { kind: 'rights_notice', text: 'All rights reserved.' } }] },
    { startMs: 5_000, endMs: 7_000 },
  ]);
  expect(ok(await school.reviewer.get(captionsAt(id))).cues).toEqual([one, { ...two, text: 'reserved.' }]);
  expect(ok(await school.reviewer.get(`${captionsAt(id)}?version=1`)).cues).toHaveLength(4);

  const undo = (version: number | null, to: number) => school.reviewer.post(`${captionsAt(id)}/undo`, { version, to });
  expect(await undo(1, 1)).toMatchObject({ status: 409, body: { code: 'STATE_CHANGED' } });
  expect(await undo(2, 3)).toMatchObject({ status: 404, body: { reasons: [{ code: 'CAPTIONS_NO_VERSION' }] } });
  expect(ok(await undo(2, 1))).toMatchObject({ version: 1, versions: [{}, { source: 'correction' }] });
  ok(await undo(1, 2));
  expect(await school.reviewer.delete(`${captionsAt(id)}?version=1`)).toMatchObject({ status: 409 });
  expect(ok(await school.reviewer.delete(`${captionsAt(id)}?version=2`))).toMatchObject({ version: null });
  expect(await school.reviewer.get(captionsAt(id))).toMatchObject({ status: 404 });
  const removed = await clear(id, permitted);
  expect(removed).toMatchObject({ captions: [], rendition: { hasCaptions: false } });
  expect(removed.captionsNote).toBe('There are no captions: who cannot hear does not learn what is said.');
  expect(ok(await school.admin.get(`/api/recordings/${id}/rendition/outline`))).toMatchObject({
    subtitles: [],
    captionsNote: removed.captionsNote,
  });
  ok(await undo(null, 1));
  expect(ok(await school.admin.get(`/api/recordings/${id}`))).toMatchObject({ state: 'in_review' });
  const entries = await logged(id, 'captions.undone');
  expect(entries.map(({ details }: { details: unknown }) => details)).toContainEqual({ version: 1, before: null });
});

test('a bad file changes nothing and says why; the recording that it came with is kept', async () => {
  const { id, answer } = await upload(silent, 'WEBVTT\n\n00:01.000 --> nonsense\nx');
  expect(answer.captionsRefused).toMatchObject({
    code: 'CAPTIONS_UNREADABLE',
    reasons: [{ code: 'CAPTIONS_BAD_TIME', params: { line: 3 }, text: expect.stringContaining('3') }],
  });
  expect(await logged(id, 'captions.refused')).toMatchObject([
    { outcome: 'refused', details: { language: 'tr', reasons: ['CAPTIONS_BAD_TIME'] } },
  ]);
  await until(school.reviewer, id, (r) => r.state === 'in_review');
  const before = await keysUnder(server.context.outside, `recordings/${id}/`);
  const refused = async (text: string | Uint8Array, fields?: Record<string, string>) => {
    const { status, body } = await sendCaptions(school.teacher, { recordingId: id }, text, fields);
    return { status, code: body.code, reason: body.reasons[0]?.code };
  };
  const unreadable = { status: 422, code: 'CAPTIONS_UNREADABLE' };
  expect(await refused(vttOf([100, 101, 'x'], [1, 2, 'y'], [200, 201, 'z']))).toEqual({
    ...unreadable,
    reason: 'CAPTIONS_OTHER_RECORDING',
  });
  expect(await refused('<tt/>')).toEqual({ ...unreadable, reason: 'CAPTIONS_OTHER_KIND' });
  expect(await refused(Buffer.alloc(5 * 2 ** 20 + 1, 'x'))).toMatchObject({ status: 413, code: 'TOO_LARGE' });
  expect(await refused(zoom, { language: 'Türkçe' })).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
  expect(await keysUnder(server.context.outside, `recordings/${id}/`)).toEqual(before);
  expect(ok(await school.teacher.get(`/api/recordings/${id}/captions`)).items).toEqual([]);

  const taken = ok(
    await sendCaptions(school.teacher, { recordingId: id }, vttOf([28, 31, 'b'], [1, 2, 'a'], [40, 41, 'c']), {}),
  );
  expect(taken).toMatchObject({
    version: 1,
    cues: 2,
    notices: [
      { code: 'sorted', count: 1 },
      { code: 'beyond_end', count: 1 },
      { code: 'shortened', count: 1 },
    ],
  });
  expect(await refused(zoom, { language: 'und' })).toEqual({
    status: 409,
    code: 'ALREADY_EXISTS',
    reason: 'CAPTIONS_EXIST',
  });
  expect(await refused(zoom, { language: 'und', replaces: '2' })).toEqual({
    status: 409,
    code: 'STATE_CHANGED',
    reason: 'CAPTIONS_CHANGED',
  });
  ok(await sendCaptions(school.reviewer, { recordingId: id }, zoom, { language: 'und', replaces: '1' }));
  const bad = (cues: object[]) => school.teacher.put(captionsAt(id, 'und'), { version: 2, cues });
  expect(await bad([])).toMatchObject({ status: 422, body: { reasons: [{ code: 'CAPTIONS_EMPTY' }] } });
  expect(await bad([{ startMs: 5, endMs: 5, text: 'x' }])).toMatchObject({
    status: 400,
    body: { reasons: [{ code: 'CAPTION_WRONG', params: { number: 1 } }] },
  });
  expect(await bad([{ startMs: 40_000, endMs: 50_000, text: 'x' }])).toMatchObject({
    status: 422,
    body: { reasons: [{ code: 'CAPTIONS_BEYOND_END' }] },
  });
  // A lesson of an hour has more lines than any other list of the API.
  const many = Array.from({ length: 1_500 }, (_, at) => ({
    startMs: at * 10,
    endMs: at * 10 + 10,
    text: `line ${at}`,
  }));
  expect(ok(await bad(many))).toMatchObject({ version: 3, versions: [{}, {}, { cues: 1_500 }] });
});

test('captions come to a resumable upload before it is sealed, and go with it when it is given up', async () => {
  const lesson = await createPermittedLesson(school);
  const tus = { 'tus-resumable': '1.0.0' };
  const send = (method: string, path: string, headers: Record<string, string>, body?: Buffer) =>
    fetch(new URL(path, server.url), {
      method,
      headers: { ...school.teacher.headers, ...tus, ...headers },
      ...(body ? { body: Uint8Array.from(body) } : {}),
    });
  const begin = async () => {
    const answer = await send('POST', `/api/lessons/${lesson.id}/uploads`, { 'upload-length': String(silent.length) });
    expect(answer.status).toBe(201);
    return answer.headers.get('location')!;
  };
  const sealedObjects = () => server.context.outside.database.read.sealedObject.count();
  const given = await begin();
  const before = await sealedObjects();
  ok(await sendCaptions(school.teacher, { uploadId: given.split('/').at(-1)! }, zoom));
  expect(await sealedObjects()).toBe(before + 2);
  expect((await send('DELETE', given, {})).status).toBe(204);
  expect(await sealedObjects()).toBe(before);

  const url = await begin();
  const id = url.split('/').at(-1)!;
  expect(await sendCaptions(school.admin, { uploadId: id }, zoom)).toMatchObject({
    status: 403,
    body: { reasons: [{ code: 'UPLOADER_ONLY' }] },
  });
  expect(await sendCaptions(school.teacher, { recordingId: id }, zoom)).toMatchObject({ status: 404 });
  ok(await sendCaptions(school.teacher, { uploadId: id }, zoom));
  const type = { 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' };
  expect((await send('PATCH', url, type, silent)).status).toBe(204);
  await eventually(
    async () => ok(await school.teacher.get(`/api/uploads/${id}`)).state === 'sealed',
    'the upload is sealed',
  );
  const recording = await until(school.reviewer, id, (r) => r.state === 'in_review');
  expect(recording.captions).toMatchObject([{ language: 'tr', version: 1 }]);
  expect(recording.segments.map(({ source }: { source: string }) => source)).toContain('subtitle');
});

test('who had a hand in captions does not approve; in quarantine nobody reads them', async () => {
  const { id, lesson } = await upload(silent, zoom);
  await until(school.reviewer, id, (r) => r.state === 'in_review');
  const { cues } = ok(await school.admin.get(captionsAt(id)));
  ok(await school.admin.put(captionsAt(id), { version: 1, cues }));
  await clear(id, permitted);
  expect(await school.admin.post(`/api/recordings/${id}/approve`)).toMatchObject({
    status: 403,
    body: { code: 'SAME_PERSON', reasons: [{ code: 'APPROVER_CHANGED_IT' }] },
  });
  ok(await school.otherAdmin.post(`/api/recordings/${id}/approve`));
  ok(await school.teacher.post(`/api/permissions/${lesson.permissions.minor}/withdraw`));
  const refused = { status: 409, body: { code: 'WRONG_STATE', reasons: [{ code: 'NOT_PLAYABLE' }] } };
  expect(await school.teacher.get(captionsAt(id))).toMatchObject(refused);
  expect(await school.teacher.put(captionsAt(id), { version: 2, cues })).toMatchObject(refused);
  expect(await sendCaptions(school.teacher, { recordingId: id }, zoom, { language: 'en' })).toMatchObject(refused);
});

test('captions are sealed again, scrubbed and erased with their recording', async () => {
  const { outside } = server.context;
  const lesson = await createPermittedLesson(school);
  const { id } = await createSealedRecording(outside, lesson.id, school.teacher.id, { mediaBytes: 5_000 });
  ok(await sendCaptions(school.teacher, { recordingId: id }, zoom));
  const { cues } = ok(await school.teacher.get(captionsAt(id)));
  ok(await school.teacher.put(captionsAt(id), { version: 1, cues: cues.slice(1) }));
  const sealedIds = async () =>
    (
      await outside.database.read.captionsVersion.findMany({
        where: { captions: { recordingId: id } },
        orderBy: { number: 'asc' },
      })
    ).flatMap(({ sealedId, fileId }) => [sealedId, ...(fileId ? [fileId] : [])]);
  const before = await sealedIds();
  expect(before).toHaveLength(3);
  ok(await school.admin.post(`/api/recordings/${id}/re-seal`, { why: 'a laptop was stolen' }));
  await until(school.admin, id, (r) => r.reSeal.state === 'done');
  const after = await sealedIds();
  expect(after).toHaveLength(3);
  expect(after.filter((one) => before.includes(one))).toEqual([]);
  expect(ok(await school.teacher.get(captionsAt(id))).cues).toEqual(cues.slice(1));
  await beginScrubWhenDue(outside, true);
  await scrubObjects(outside, never);
  const scrubs = await outside.database.read.objectScrub.findMany({ where: { sealedId: { in: after } } });
  expect(scrubs.map(({ faultCode }) => faultCode)).toEqual([null, null, null]);

  ok(await eraseBy(school, id));
  await until(school.admin, id, (r) => r.erasure?.state === 'done');
  expect(await keysUnder(outside, `recordings/${id}/`)).toEqual([]);
  expect(await outside.database.read.captions.count({ where: { recordingId: id } })).toBe(0);
  const { certificate } = ok(await school.admin.get(`/api/recordings/${id}/certificate`));
  const { objects } = JSON.parse(certificate);
  expect(objects.filter(({ kind }: { kind: string }) => kind === 'captions')).toHaveLength(6);
  expect(await school.teacher.get(captionsAt(id))).toMatchObject({ status: 404 });
});
