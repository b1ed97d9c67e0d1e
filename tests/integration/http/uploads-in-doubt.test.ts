import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sweepUploads } from '../../../src/pipeline/intake/sweep-uploads.ts';
import { breakQueries, type Fate } from '../../support/broken-queries.ts';
import { eventually } from '../../support/eventually.ts';
import { createPermittedLesson, createSchool, ok, type School } from '../../support/school.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { wavOf } from '../../support/wav.ts';

/**
 * The connection to the database breaks at each query of an upload: before it is sent, and after it was done but before
 * the answer came ("commit unknown"). Whatever the sender is told is true, and the same request says what became of it.
 */
let server: TestServer;
let school: School;
const queries = breakQueries();
const media = wavOf(64 * 1024);

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false', OUTAGE_SECONDS: '0' });
  school = await createSchool(server);
  // One person makes some hundred uploads here.
  const limits = { assertOpen() {}, take: async () => {}, note: async () => {} };
  Object.assign(server.context.outside, { limits });
});
afterAll(async () => {
  queries[Symbol.dispose]();
  await server?.stop();
});

interface Answer {
  readonly status: number;
  readonly location: string | null;
  readonly retryAfter: string | null;
  readonly body: { id: string; state: string; code?: string; reasons?: { code: string; text: string }[] };
}

async function upload(lessonId: string, key?: string): Promise<Answer> {
  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(media)], { type: 'audio/wav' }), 'a.wav');
  const response = await fetch(`${server.url}/api/lessons/${lessonId}/recordings`, {
    method: 'POST',
    headers: { ...school.teacher.headers, ...(key === undefined ? {} : { 'Idempotency-Key': key }) },
    body: form,
  });
  return {
    status: response.status,
    location: response.headers.get('location'),
    retryAfter: response.headers.get('retry-after'),
    body: (await response.json()) as Answer['body'],
  };
}
/** The recordings of a lesson, or those that have come since `known` was read. */
const rowsOf = (lessonId: string, known: readonly { id: string }[] = []) =>
  server.context.outside.database.read.recording.findMany({
    where: { lessonId, id: { notIn: known.map(({ id }) => id) } },
    select: { id: true, state: true },
  });

/** What the database is asked for an upload; queries of the second's timers are not among them. */
async function queriesOf(lessonId: string): Promise<string[]> {
  const texts: string[] = [];
  queries.arm((text) => {
    texts.push(text);
    return 'runs';
  });
  expect((await upload(lessonId, randomUUID())).status).toBe(201);
  queries.arm(() => 'runs');
  return texts;
}

/** When the lease is over: what was left is gone. The sessions do not age. */
async function swept(): Promise<void> {
  const { outside } = server.context;
  await outside.database.read.recording.updateMany({
    where: { state: 'receiving' },
    data: { leaseUntil: new Date(0) },
  });
  await sweepUploads({ ...outside, clock: () => new Date(Date.now() + 24 * 60 * 60_000) });
}

describe.each(['unsent', 'unanswered'] as Fate[])('a query that is %s', (fate) => {
  test('leaves no doubt that is not said, wherever it is, and the same request finds out', async () => {
    const lesson = await createPermittedLesson(school);
    const count = (await queriesOf(lesson.id)).length;
    expect(count).toBeGreaterThan(20);
    const said = new Map<string, number>();
    for (let at = 0; at < count; at++) {
      const known = await rowsOf(lesson.id);
      const key = randomUUID();
      queries.arm((_, index) => (index === at ? fate : 'runs'));
      const first = await upload(lesson.id, key).finally(() => queries.arm(() => 'runs'));
      const after = await rowsOf(lesson.id, known);
      const where = `query ${at} of ${count}: ${first.status} ${JSON.stringify(first.body)}`;
      const isStored = after.some(({ state }) => state === 'sealed');
      said.set(first.body.code ?? 'stored', (said.get(first.body.code ?? 'stored') ?? 0) + 1);
      expect(first.status, where).toSatisfy((status: number) => status === 201 || status === 503);
      if (first.status === 503) expect(Number(first.retryAfter), where).toBeGreaterThan(0);
      // Stored, or said to be in doubt, or not stored.
      if (first.status === 201) expect(isStored, where).toBe(true);
      else if (first.body.code === 'OUTCOME_UNKNOWN') expect(first.body.reasons?.[0]?.code).toBe('UPLOAD_IN_DOUBT');
      else expect(isStored, where).toBe(false);
      const second = await upload(lesson.id, key);
      if (second.status === 409) {
        expect(second.body.reasons?.[0]?.code).toBe('UPLOAD_ARRIVING');
        await swept();
      }
      const last = second.status === 201 ? second : await upload(lesson.id, key);
      expect(last.status, `${where}, then ${JSON.stringify(last.body)}`).toBe(201);
      expect(await rowsOf(lesson.id, known), where).toEqual([{ id: last.body.id, state: 'sealed' }]);
      if (isStored) expect(last.body.id).toBe(after[0]!.id);
      expect(ok(await school.teacher.get(last.location!))).toMatchObject({ id: last.body.id, state: 'sealed' });
    }
    console.log(`${count} queries, ${fate}: ${JSON.stringify(Object.fromEntries(said))}`);
  }, 600_000);
});

/** A client of tus 1.0.0: asks where to resume after every answer that is none. Returns every status that it met. */
async function resume(lessonId: string): Promise<{ id: string; statuses: number[] }> {
  const statuses: number[] = [];
  const ask = async (path: string, method: string, headers: Record<string, string> = {}, body?: Buffer) => {
    for (;;) {
      const response = await fetch(server.url + path, {
        method,
        headers: { ...school.teacher.headers, 'Tus-Resumable': '1.0.0', ...headers },
        ...(body ? { body: new Uint8Array(body) } : {}),
      });
      statuses.push(response.status);
      await response.body?.cancel();
      // What was begun may have been heard: the same bytes at the same place are asked about first.
      if (response.status !== 503 || method === 'PATCH') return response;
    }
  };
  const created = await ask(`/api/lessons/${lessonId}/uploads`, 'POST', {
    'Upload-Length': String(media.length),
    'Idempotency-Key': randomUUID(),
  });
  const path = new URL(created.headers.get('location')!, server.url).pathname;
  for (let offset = 0; offset < media.length; ) {
    const headers = { 'Upload-Offset': String(offset), 'Content-Type': 'application/offset+octet-stream' };
    await ask(path, 'PATCH', headers, media.subarray(offset));
    offset = Number((await ask(path, 'HEAD')).headers.get('upload-offset'));
  }
  return { id: path.split('/').at(-1)!, statuses };
}

test.each(['unsent', 'unanswered'] as Fate[])(
  'a resumable upload goes on after any query that is %s',
  async (fate) => {
    const lesson = await createPermittedLesson(school);
    const texts: string[] = [];
    queries.arm((text) => {
      texts.push(text);
      return 'runs';
    });
    await resume(lesson.id).finally(() => queries.arm(() => 'runs'));
    expect(texts.length).toBeGreaterThan(20);
    for (let at = 0; at < texts.length; at++) {
      const known = await rowsOf(lesson.id);
      queries.arm((_, index) => (index === at ? fate : 'runs'));
      const { id, statuses } = await resume(lesson.id).finally(() => queries.arm(() => 'runs'));
      const where = `query ${at} of ${texts.length}: ${statuses}`;
      expect(
        statuses.filter((status) => status >= 400 && ![503, 409].includes(status)),
        where,
      ).toEqual([]);
      expect(ok(await school.teacher.get(`/api/uploads/${id}`)), where).toMatchObject({
        state: 'sealing',
        offset: media.length,
      });
      // A creation whose answer was lost leaves no second one behind.
      expect(await rowsOf(lesson.id, known), where).toHaveLength(1);
    }
  },
  600_000,
);

test('a creation with one key is one upload, of one person and one size', async () => {
  const lesson = await createPermittedLesson(school);
  const key = randomUUID();
  const create = async (bytes: number, by = school.teacher, as: string = key) => {
    const response = await fetch(`${server.url}/api/lessons/${lesson.id}/uploads`, {
      method: 'POST',
      headers: { ...by.headers, 'Tus-Resumable': '1.0.0', 'Upload-Length': String(bytes), 'Idempotency-Key': as },
    });
    await response.body?.cancel();
    return { status: response.status, location: response.headers.get('location') };
  };
  const both = await Promise.all([create(1_000), create(1_000)]);
  expect(both.map(({ status }) => status)).toEqual([201, 201]);
  expect(both[0]!.location).toBe(both[1]!.location);
  expect(await rowsOf(lesson.id)).toHaveLength(1);
  expect((await create(1_001)).status).toBe(410);
  expect((await create(1_000, school.teacher, 'short')).status).toBe(400);
  // Whoever learns the key of another gets nothing by it.
  expect((await create(1_000, school.otherTeacher)).status).toBe(404);
  const { location } = both[0]!;
  ok(await school.teacher.delete(new URL(location!, server.url).pathname));
  // What was given up is over: the same key begins another upload, under another name.
  const again = await create(1_000);
  expect(again.status).toBe(201);
  expect(again.location).not.toBe(location);
});

test('a commit whose answer is lost is looked up, and told as what it was', async () => {
  const { database } = server.context.outside;
  const caller = { actor: { kind: 'system', id: 'test' } } as const;
  const school = await database.read.school.findFirstOrThrow();
  const work = (name: string) =>
    database.transact(caller, async (tx) => {
      await tx.db.school.update({ where: { id: school.id }, data: { name } });
      await tx.log({ action: 'school.created', outcome: 'done', object: { kind: 'school', id: school.id } } as never);
      return name;
    });
  const nameNow = async () => (await database.read.school.findFirstOrThrow()).name;
  const breakCommit = (fate: Fate) => {
    let isOver = false;
    queries.arm((text) => {
      if (isOver || !/^commit/i.test(text)) return 'runs';
      isOver = true;
      return fate;
    });
  };
  breakCommit('unanswered');
  expect(await work('Committed').finally(() => queries.arm(() => 'runs'))).toBe('Committed');
  expect(await nameNow()).toBe('Committed');
  breakCommit('unsent');
  await expect(work('Never').finally(() => queries.arm(() => 'runs'))).rejects.toMatchObject({
    code: 'DATABASE_UNAVAILABLE',
  });
  expect(await nameNow()).toBe('Committed');
  // It goes, and does not come back.
  let isGone = false;
  queries.arm((text) => {
    isGone ||= /^commit/i.test(text);
    return isGone ? 'unanswered' : 'runs';
  });
  await expect(work('Nobody knows').finally(() => queries.arm(() => 'runs'))).rejects.toMatchObject({
    code: 'OUTCOME_UNKNOWN',
  });
  expect(await nameNow()).toBe('Nobody knows');
});

test('two requests with one key at once become one recording', async () => {
  const lesson = await createPermittedLesson(school);
  const key = randomUUID();
  const answers = await Promise.all([upload(lesson.id, key), upload(lesson.id, key)]);
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
  await eventually(async () => (await upload(lesson.id, key)).status === 201, 'the answer of the other');
  expect(await rowsOf(lesson.id)).toHaveLength(1);
  // Another key is another recording; a key that is none is refused.
  expect((await upload(lesson.id, randomUUID())).status).toBe(201);
  expect(await rowsOf(lesson.id)).toHaveLength(2);
  expect((await upload(lesson.id, 'short')).status).toBe(400);
});
