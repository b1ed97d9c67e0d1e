import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Outside } from '../../../src/pipeline/ports/outside.ts';
import { noteReSealFailed } from '../../../src/pipeline/retention/note-re-seal-failed.ts';
import { reSealRecording } from '../../../src/pipeline/retention/re-seal-recording.ts';
import { VaultCorrupt } from '../../../src/vault/errors.ts';
import { createPermittedLesson, createSchool, eraseBy, ok, type School } from '../../support/school.ts';
import {
  BrokeOff,
  breakingAt,
  createSealedRecording,
  keysUnder,
  readRecording,
} from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let school: School;
let outside: Outside;
let lessonId: string;
const never = new AbortController().signal;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
  outside = server.context.outside;
});
beforeEach(async () => {
  lessonId = (await createPermittedLesson(school)).id;
});
afterAll(() => server?.stop());

const recorded = (mediaBytes?: number) =>
  createSealedRecording(outside, lessonId, school.teacher.id, mediaBytes === undefined ? {} : { mediaBytes });
const request = (id: string) => school.admin.post(`/api/recordings/${id}/re-seal`, { why: 'a laptop was stolen' });
const sealedOf = async (id: string) => {
  const row = await outside.database.read.recording.findUniqueOrThrow({
    where: { id },
    include: { sealed: true, renditions: { include: { sealed: true } } },
  });
  return [row.sealed!, row.renditions[0]!.sealed!] as const;
};
const logged = async (id: string, action: string) =>
  ok(await school.auditor.get(`/api/audit?recording=${id}&action=${action}`)).entries as {
    entry: { details: Record<string, unknown> };
  }[];

test('a re-sealed recording has another key, salt, envelope and body, the same media, and nothing of the old is left', async () => {
  const { id, media } = await recorded();
  const before = await sealedOf(id);
  const answer = await request(id);
  expect(answer).toMatchObject({ status: 202, body: { reSeal: { state: 'waiting' } } });
  await reSealRecording(outside, id, never);
  const after = await sealedOf(id);
  for (const [index, now] of after.entries()) {
    const old = before[index]!;
    expect(now.mediaSha256).toBe(old.mediaSha256);
    for (const field of ['id', 'bodyKey', 'bodySha256', 'envelopeSha256', 'commitment'] as const)
      expect(now[field]).not.toBe(old[field]);
    expect(Buffer.from(now.salt).equals(old.salt)).toBe(false);
  }
  expect((await readRecording(outside, id)).equals(media)).toBe(true);
  const folders = after.flatMap(({ bodyKey }) => [bodyKey, bodyKey.replace(/body$/, 'envelope')]);
  expect(await keysUnder(outside, `recordings/${id}/`)).toEqual(folders.toSorted());
  const entries = await logged(id, 'recording.resealed');
  expect(entries.map(({ entry }) => entry.details.sealedId).toSorted()).toEqual(after.map((row) => row.id).toSorted());
  expect(entries.map(({ entry }) => entry.details.replaces).toSorted()).toEqual(before.map((row) => row.id).toSorted());
  const { reSeal } = ok(await school.admin.get(`/api/recordings/${id}`));
  expect(reSeal).toMatchObject({ state: 'done', doneBytes: reSeal.totalBytes, error: null });
  await reSealRecording(outside, id, never); // once more does nothing
  expect((await sealedOf(id))[0].id).toBe(after[0].id);
});

test.each(['before', 'after'] as const)(
  'a re-sealing that breaks off at any call to the store, %s it, leaves the old or the new one, and ends the same when it runs again',
  async (when) => {
    let calls = Number.POSITIVE_INFINITY;
    for (let n = 1; n <= calls; n++) {
      const { id, media } = await recorded(1_000);
      const before = await sealedOf(id);
      ok(await request(id));
      const breaking = breakingAt(outside, n, when);
      const first = await reSealRecording(breaking, id, never).then(
        () => 'done',
        (error) => error,
      );
      if (first === 'done') calls = breaking.calls();
      else expect(first).toBeInstanceOf(BrokeOff);
      expect((await readRecording(outside, id)).equals(media)).toBe(true);
      await reSealRecording(outside, id, never);
      expect((await readRecording(outside, id)).equals(media)).toBe(true);
      const after = await sealedOf(id);
      const keys = await keysUnder(outside, `recordings/${id}/`);
      for (const old of before) expect(keys.filter((key) => key.includes(old.id))).toEqual([]);
      // What a broken try wrote and nobody knows of is the sweep's: never more than one object's folder.
      const known = after.flatMap(({ bodyKey }) => [bodyKey, bodyKey.replace(/body$/, 'envelope')]);
      expect(keys).toEqual(expect.arrayContaining(known));
      expect(keys.length - known.length).toBeLessThanOrEqual(2);
      expect(await logged(id, 'recording.resealed')).toHaveLength(2);
    }
    expect(calls).toBeGreaterThan(15);
  },
);

test('a recording whose body is damaged is not exchanged, and says why', async () => {
  const { id, bodyKey } = await recorded(1_000);
  const before = await sealedOf(id);
  const stored: Buffer[] = [];
  for await (const piece of await outside.objects.get(bodyKey)) stored.push(piece);
  const damaged = Buffer.concat(stored);
  damaged[10]! ^= 1;
  await outside.objects.put(
    bodyKey,
    (async function* () {
      yield damaged;
    })(),
  );
  ok(await request(id));
  await expect(reSealRecording(outside, id, never)).rejects.toBeInstanceOf(VaultCorrupt);
  await noteReSealFailed(outside, id, 'damaged');
  expect((await sealedOf(id))[0].id).toBe(before[0].id);
  expect(ok(await school.admin.get(`/api/recordings/${id}`)).reSeal).toMatchObject({
    state: 'failed',
    error: 'damaged',
  });
  expect(await logged(id, 'recording.reseal_failed')).toHaveLength(1);
});

test('what was erased meanwhile stays erased', async () => {
  const { id } = await recorded(1_000);
  ok(await request(id));
  const put = outside.objects.put.bind(outside.objects);
  let isErased = false;
  const objects = new Proxy(outside.objects, {
    get: (store, name) =>
      name === 'put'
        ? async (...args: Parameters<typeof put>) => {
            if (!isErased) {
              isErased = true;
              ok(await eraseBy(school, id, { note: 'x' }));
            }
            return put(...args);
          }
        : (store[name as keyof typeof store] as () => unknown).bind(store),
  });
  await reSealRecording({ ...outside, objects }, id, never);
  const row = await outside.database.read.recording.findUniqueOrThrow({ where: { id } });
  expect(row).toMatchObject({ state: 'erased', sealedId: null });
  expect(await logged(id, 'recording.resealed')).toEqual([]);
  expect((await request(id)).status).toBe(409);
});
