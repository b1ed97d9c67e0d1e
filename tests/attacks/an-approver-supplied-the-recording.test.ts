import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, signedInStaff } from '../support/api.ts';
import { shortLesson } from '../support/media.ts';
import { createPermittedLesson, createSchool, inDays, ok, type School, until } from '../support/school.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let school: School;
let both: Awaited<ReturnType<typeof signedInStaff>>;
const media = shortLesson();

beforeAll(async () => {
  server = await startTestServer();
  school = await createSchool(server);
  both = await signedInStaff(server, 'Bora Both', ['administrator', 'reviewer', 'teacher']);
});
afterAll(() => server?.stop());

const tus = { 'tus-resumable': '1.0.0' };
async function begin(by: Api, lessonId: string, bytes = media.length): Promise<string> {
  const length = { 'upload-length': String(bytes) };
  const answer = await by.request('POST', `/api/lessons/${lessonId}/uploads`, undefined, { ...tus, ...length });
  expect(answer.status).toBe(201);
  return answer.headers.get('location')!;
}
async function patch(by: Api, url: string, offset: number, bytes: Uint8Array) {
  const response = await fetch(server.url + url, {
    method: 'PATCH',
    headers: {
      ...by.headers,
      ...tus,
      'content-type': 'application/offset+octet-stream',
      'upload-offset': String(offset),
    },
    body: Uint8Array.from(bytes),
  });
  const text = await response.text();
  return { status: response.status, code: text === '' ? null : JSON.parse(text).code };
}
const rowOf = async (url: string) => {
  const row = await server.context.outside.database.read.upload.findUnique({ where: { id: url.split('/').at(-1)! } });
  return row && { offset: Number(row.offset), fence: row.fence, state: row.state };
};

describe('an upload', () => {
  test('takes bytes from nobody but its uploader, and nobody else holds it up', async () => {
    const lesson = await createPermittedLesson(school);
    const url = await begin(school.teacher, lesson.id);
    expect(await patch(school.teacher, url, 0, media.subarray(0, 1_000))).toMatchObject({ status: 204 });
    const before = await rowOf(url);
    expect(await patch(school.admin, url, 1_000, media.subarray(1_000))).toEqual({ status: 403, code: 'NOT_ALLOWED' });
    expect((await school.admin.request('HEAD', url, undefined, tus)).status).toBe(403);
    expect(await rowOf(url)).toEqual(before);
    // Who keeps the lesson may look at it and give it up, and the log says who did.
    expect(ok(await school.admin.get(url))).toMatchObject({ offset: 1_000 });
    expect((await school.admin.request('DELETE', url, undefined, tus)).status).toBe(204);
    expect(await rowOf(url)).toBeNull();
    const { entries, persons } = ok(
      await school.auditor.get(`/api/audit?lesson=${lesson.id}&action=recording.upload_cancelled`),
    );
    const { pseudonym } = persons.find(({ name }: { name: string }) => name === 'Ayla Admin');
    expect(entries[0].entry.actor.id).toBe(pseudonym);
  });

  test('of an administrator in a teacher’s lesson is not the teacher’s to go on with', async () => {
    const lesson = await createPermittedLesson(school);
    const url = await begin(school.admin, lesson.id);
    expect(await patch(school.teacher, url, 0, media)).toEqual({ status: 403, code: 'NOT_ALLOWED' });
    expect(await rowOf(url)).toMatchObject({ offset: 0 });
  });

  test('that has arrived whole is finished by nobody else', async () => {
    const lesson = await createPermittedLesson(school);
    const url = await begin(school.teacher, lesson.id, 10);
    await server.context.outside.database.read.$executeRaw`
      UPDATE upload SET "offset" = bytes WHERE id = ${url.split('/').at(-1)!}::uuid`;
    expect((await school.admin.request('HEAD', url, undefined, tus)).status).toBe(403);
    expect(await rowOf(url)).toMatchObject({ state: 'receiving' });
  });
});

describe('nobody approves', () => {
  async function inReview(by: Api = school.teacher) {
    const lesson = await createPermittedLesson(school, by);
    const { id } = ok(await by.upload(lesson.id, media));
    await until(school.reviewer, id, (r) => r.state === 'in_review');
    return id as string;
  }
  async function cleared(id: string, by: Api = school.reviewer) {
    const recording = await until(school.reviewer, id, (r) => r.state === 'in_review' && r.check.state === 'done');
    for (const segment of recording.segments)
      if (segment.decision === null)
        ok(await by.post(`/api/segments/${segment.id}/decisions`, { kind: 'permitted', ground: 'own_work' }));
    ok(await by.post(`/api/recordings/${id}/clear`));
  }
  const approvalBy = async (by: Api, id: string) => {
    const { status, body } = await by.post(`/api/recordings/${id}/approve`);
    return { status, codes: (body.reasons ?? []).map(({ code }: { code: string }) => code) };
  };

  test('what they uploaded', async () => {
    const id = await inReview(both);
    await cleared(id);
    expect(await approvalBy(both, id)).toEqual({ status: 403, codes: ['APPROVER_IS_UPLOADER'] });
    expect((await approvalBy(school.admin, id)).status).toBe(200);
  });

  test('a recording in which they declared something', async () => {
    const id = await inReview();
    ok(await both.post(`/api/recordings/${id}/segments`, { title: 'A song', startMs: 0, endMs: 1_000 }));
    await cleared(id);
    expect(await approvalBy(both, id)).toEqual({ status: 403, codes: ['APPROVER_CHANGED_IT'] });
    expect((await approvalBy(school.admin, id)).status).toBe(200);
  });

  test('one that they cleared once, when somebody else cleared it again', async () => {
    const id = await inReview();
    const recording = ok(await school.reviewer.get(`/api/recordings/${id}`));
    for (const segment of recording.segments)
      ok(
        await school.reviewer.post(`/api/segments/${segment.id}/decisions`, { kind: 'permitted', ground: 'own_work' }),
      );
    ok(await both.post(`/api/recordings/${id}/clear`));
    // A teacher declares something more: the review is open again, and who had cleared it is no longer on the recording.
    ok(await school.teacher.post(`/api/recordings/${id}/segments`, { title: 'A song', startMs: 0, endMs: 1_000 }));
    await cleared(id);
    expect(await approvalBy(both, id)).toEqual({ status: 403, codes: ['APPROVER_IS_REVIEWER'] });
    expect((await approvalBy(school.admin, id)).status).toBe(200);
  });

  test('one of which they decided a segment, when somebody else decided it again', async () => {
    const id = await inReview();
    ok(await school.teacher.post(`/api/recordings/${id}/segments`, { title: 'A song', startMs: 0, endMs: 1_000 }));
    const { segments } = ok(await school.reviewer.get(`/api/recordings/${id}`));
    for (const { id: segmentId } of segments) {
      ok(await both.post(`/api/segments/${segmentId}/decisions`, { kind: 'permitted', ground: 'own_work' }));
      ok(await school.reviewer.post(`/api/segments/${segmentId}/decisions`, { kind: 'mute' }));
    }
    ok(await school.reviewer.post(`/api/recordings/${id}/clear`));
    expect(await approvalBy(both, id)).toEqual({ status: 403, codes: ['APPROVER_IS_REVIEWER'] });
  });

  test('and a release needs an approval that stands', async () => {
    const id = await inReview();
    await cleared(id);
    const release = { audience: 'class', endsAt: inDays(7) };
    expect((await both.post(`/api/recordings/${id}/releases`, release)).status).toBe(409);
  });
});
