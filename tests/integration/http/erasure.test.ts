import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { createMessage, readKey, readSignature, verify } from 'openpgp';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { S3Store } from '../../../src/adapters/s3/s3-store.ts';
import { createContext } from '../../../src/assembly/context.ts';
import { startServer } from '../../../src/assembly/server.ts';
import { canonicalJson } from '../../../src/audit/canonical-json.ts';
import type { Outside } from '../../../src/pipeline/ports/outside.ts';
import { finishErasure } from '../../../src/pipeline/retention/finish-erasure.ts';
import { keepRetention } from '../../../src/pipeline/retention/keep-retention.ts';
import { replayTombstones } from '../../../src/pipeline/retention/replay-tombstones.ts';
import { eventually } from '../../support/eventually.ts';
import { testS3Servers } from '../../support/s3-servers.ts';
import { createPermittedLesson, createSchool, eraseBy, inDays, ok, type School } from '../../support/school.ts';
import { BrokeOff, breakingAt, createSealedRecording, keysUnder, withStore } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { readSlowly } from '../../support/watching.ts';

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

const recorded = (options?: { mediaBytes?: number; renditionBytes?: number | null }) =>
  createSealedRecording(outside, lessonId, school.teacher.id, options);
const erase = (id: string, body: object = { note: 'A guardian asked' }) => eraseBy(school, id, body);
const actionsOf = async (id: string) =>
  ok(await school.auditor.get(`/api/audit?recording=${id}&limit=500`))
    .entries.map(({ entry }: { entry: { action: string } }) => entry.action)
    .toReversed() as string[];
const certificateOf = async (id: string) => ok(await school.admin.get(`/api/recordings/${id}/certificate`));

describe('an erasure that an administrator asks for', () => {
  test('leaves nothing that could be read, at once, and nothing in the store, and certifies it', async () => {
    const { id, media, bodyKey } = await recorded();
    const db = outside.database.read;
    const rendition = await db.rendition.findFirstOrThrow({ where: { recordingId: id } });
    const release = await db.release.create({
      data: {
        recordingId: id,
        renditionId: rendition.id,
        audience: 'class',
        endsAt: new Date(inDays(7)),
        releasedById: school.admin.id,
      },
    });
    await db.viewerLink.create({
      data: {
        releaseId: release.id,
        viewerName: 'Ada',
        tokenDigest: id,
        createdById: school.teacher.id,
        expiresAt: new Date(inDays(7)),
      },
    });
    await db.$executeRaw`SELECT graphile_worker.add_job('check-recording', '{}'::json, 
      job_key => current_school() || ' ' || ${`check:${id}`})`;

    const answer = await erase(id);
    expect(answer).toMatchObject({
      status: 202,
      body: { state: 'erased', erasure: { state: 'removing', why: 'request' } },
    });
    const row = await db.recording.findUniqueOrThrow({
      where: { id },
      include: { segments: { include: { findings: true } }, renditions: true, releases: { include: { links: true } } },
    });
    expect(row).toMatchObject({
      sealedId: null,
      probe: null,
      fileName: null,
      segments: [{ findings: [{ title: null, evidence: { erased: true } }] }],
      renditions: [{ sealedId: null, supersededAt: expect.any(Date) }],
      releases: [{ endedAt: expect.any(Date), endedWhy: 'erased', links: [{ revokedAt: expect.any(Date) }] }],
    });
    expect(await db.sealedObject.count({ where: { bodyKey: { startsWith: `recordings/${id}/` } } })).toBe(0);
    const jobs = await db.$queryRaw<{ key: string }[]>`SELECT key FROM graphile_worker.jobs WHERE key LIKE ${`%${id}`}`;
    expect(jobs).toEqual([{ key: expect.stringMatching(new RegExp(` erase:${id}$`)) }]);
    expect((await school.reviewer.get(`/api/recordings/${id}/media`)).status).toBe(404);
    expect((await school.admin.get(`/api/recordings/${id}/certificate`)).body.code).toBe('ERASURE_NOT_FINISHED');

    // Left behind by something that was cut short, and a staged part.
    for (const key of [`recordings/${id}/leftover/envelope`, `uploads/${id}/part-1`])
      await outside.objects.put(
        key,
        (async function* () {
          yield Buffer.from('x');
        })(),
      );
    await finishErasure(outside, id, never);
    expect(await keysUnder(outside, `recordings/${id}/`)).toEqual([]);
    expect(await keysUnder(outside, `uploads/${id}/`)).toEqual([]);

    const { certificate, signature, publicKey, signedBy } = await certificateOf(id);
    const said = JSON.parse(certificate);
    expect(canonicalJson(said)).toBe(certificate);
    expect(said).toMatchObject({
      kind: 'emanet.erasure-certificate',
      recordingId: id,
      lessonId,
      why: 'request',
      note: 'A guardian asked',
      by: { kind: 'staff', id: school.admin.id },
      heldByStore: null,
      unreadableSince: expect.any(String),
      signedBy,
    });
    expect(said.kept.map(({ what }: { what: string }) => what)).toContain('audit_trail');
    expect(said.objects).toHaveLength(6);
    const body = said.objects.find(({ key }: { key: string }) => key === bodyKey);
    expect(body).toMatchObject({ kind: 'original', part: 'body', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(body.bytes).toBeGreaterThan(media.length);
    for (const object of said.objects) expect(object).toMatchObject({ held: false, goneAt: expect.any(String) });
    const verified = await verify({
      message: await createMessage({ binary: Buffer.from(certificate) }),
      signature: await readSignature({ armoredSignature: signature }),
      verificationKeys: await readKey({ armoredKey: publicKey }),
      expectSigned: true,
    });
    expect(await verified.signatures[0]!.verified).toBe(true);
    expect(await keysUnder(outside, 'certificates/')).toEqual(
      expect.arrayContaining([`certificates/${id}.asc`, `certificates/${id}.json`]),
    );
    expect(await actionsOf(id)).toEqual(
      expect.arrayContaining(['recording.erased', 'recording.erasure_finished', 'certificate.read']),
    );
    expect(ok(await school.admin.get(`/api/recordings/${id}`)).erasure.state).toBe('done');
    await finishErasure(outside, id, never); // once more changes nothing
    expect((await certificateOf(id)).certificate).toBe(certificate);
  });

  test('happens once, needs a reason, and only an administrator may ask', async () => {
    const { id } = await recorded({ renditionBytes: null });
    expect((await erase(id, {})).status).toBe(400);
    expect((await school.teacher.post(`/api/recordings/${id}/erase`, { note: 'x' })).status).toBe(403);
    ok(await erase(id));
    expect(await erase(id)).toMatchObject({ status: 409, body: { code: 'WRONG_STATE' } });
  });

  test('removes envelopes before bodies', async () => {
    const { id } = await recorded();
    ok(await erase(id));
    const purged: string[] = [];
    const watched = withStore(outside, {
      purge(key) {
        purged.push(key.split('/').at(-1)!);
        return outside.objects.purge(key);
      },
    });
    await finishErasure(watched, id, never);
    expect(purged).toEqual(['envelope', 'envelope', 'body', 'body']);
  });
});

test('whoever watches is stopped', async () => {
  const { id } = await recorded({ mediaBytes: 64 * 2 ** 20, renditionBytes: null });
  const response = await fetch(`${server.url}/api/recordings/${id}/media`, { headers: school.reviewer.headers });
  const reader = response.body!.getReader();
  await reader.read();
  ok(await erase(id));
  expect((await readSlowly(reader)).end).toBe('broken');
  expect(await actionsOf(id)).toContain('media.stopped');
  await finishErasure(outside, id, never);
});

const rgw = testS3Servers().find(({ name }) => name === 'rgw');

test.runIf(rgw)('in a real bucket with versions and object lock, every version goes when its lock ends', async () => {
  const { endpoint, region, key: accessKeyId, secret: secretAccessKey } = rgw!;
  const bucket = `erasure-${crypto.randomUUID()}`;
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials });
  await client.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: true }));
  const store = new S3Store({ endpoint, region, bucket, ...credentials });
  const there = { ...outside, objects: store };
  const { id, bodyKey } = await createSealedRecording(there, lessonId, school.teacher.id, { mediaBytes: 1_000 });
  const until = new Date(Math.ceil(Date.now() / 1000) * 1000 + 8_000);
  await client.send(
    new PutObjectRetentionCommand({
      Bucket: bucket,
      Key: bodyKey,
      Retention: { Mode: 'COMPLIANCE', RetainUntilDate: until },
    }),
  );
  // An older version of an envelope, and a delete marker.
  const envelopeKey = bodyKey.replace(/body$/, 'envelope');
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: envelopeKey, Body: 'replaced' }));
  await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: envelopeKey }));
  ok(await erase(id));
  await finishErasure(there, id, never);
  expect(await keysUnder(there, `recordings/${id}/`)).toEqual([bodyKey]);
  expect(await store.head(bodyKey)).toBeNull();
  const first = JSON.parse((await certificateOf(id)).certificate);
  expect(first).toMatchObject({
    heldByStore: { objects: 1, until: until.toISOString() },
    unreadableSince: expect.any(String),
  });
  await eventually(async () => {
    await finishErasure(there, id, never);
    return (await keysUnder(there, `recordings/${id}/`)).length === 0;
  }, 'the lock to end and the rest to go');
  const { Versions = [], DeleteMarkers = [] } = await client.send(
    new ListObjectVersionsCommand({ Bucket: bucket, Prefix: `recordings/${id}/` }),
  );
  expect([...Versions, ...DeleteMarkers]).toEqual([]);
  expect(JSON.parse((await certificateOf(id)).certificate)).toMatchObject({
    heldByStore: null,
    supersedes: expect.any(String),
  });
  store.close();
  client.destroy();
});

describe('what the store holds on to', () => {
  const heldUntil = new Date(Date.now() + 60_000);
  /** A store that does not give up bodies until `isOver`. */
  const holding = (isOver: () => boolean, until: Date | null) =>
    withStore(outside, {
      purge: async (key) =>
        key.endsWith('/body') && !isOver() ? { removed: 0, held: 1, heldUntil: until } : outside.objects.purge(key),
    });
  test('is in the certificate with its date, is tried again after it, and a second certificate replaces the first', async () => {
    const { id } = await recorded({ renditionBytes: null });
    ok(await erase(id));
    let isOver = false;
    const locked = holding(() => isOver, heldUntil);
    await finishErasure(locked, id, never);
    const first = (await certificateOf(id)).certificate;
    expect(JSON.parse(first)).toMatchObject({
      heldByStore: { objects: 1, until: heldUntil.toISOString() },
      unreadableSince: expect.any(String),
      supersedes: null,
    });
    expect(ok(await school.admin.get(`/api/recordings/${id}`)).erasure).toMatchObject({
      state: 'held',
      heldUntil: heldUntil.toISOString(),
    });
    await finishErasure(locked, id, never);
    expect((await certificateOf(id)).certificate).toBe(first);
    const later = { ...locked, clock: () => new Date(heldUntil.getTime() + 1) };
    const { resumed } = await keepRetention(later);
    expect(resumed).toBe(1);
    isOver = true;
    await finishErasure(later, id, never);
    const second = JSON.parse((await certificateOf(id)).certificate);
    expect(second).toMatchObject({ heldByStore: null, supersedes: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(await keysUnder(outside, `recordings/${id}/`)).toEqual([]);
  });
  test('without a date is asked for again tomorrow', async () => {
    const { id } = await recorded({ renditionBytes: null });
    ok(await erase(id));
    await finishErasure(
      holding(() => false, null),
      id,
      never,
    );
    const { retryAt } = await outside.database.read.erasure.findUniqueOrThrow({ where: { recordingId: id } });
    expect(Math.abs(retryAt!.getTime() - Date.now() - 86_400_000)).toBeLessThan(60_000);
    expect(JSON.parse((await certificateOf(id)).certificate).heldByStore).toEqual({ objects: 1, until: null });
  });
  test('when it is an envelope, nobody is told that the recording cannot be read', async () => {
    const { id } = await recorded({ renditionBytes: null });
    ok(await erase(id));
    const locked = withStore(outside, { purge: async () => ({ removed: 0, held: 1, heldUntil }) });
    await finishErasure(locked, id, never);
    expect(JSON.parse((await certificateOf(id)).certificate).unreadableSince).toBeNull();
  });
});

test.each(['before', 'after'] as const)(
  'an erasure that breaks off at any call to the store, %s it, ends the same when it runs again',
  async (when) => {
    let calls = Number.POSITIVE_INFINITY;
    for (let n = 1; n <= calls; n++) {
      const { id } = await recorded({ mediaBytes: 1_000 });
      ok(await erase(id));
      const breaking = breakingAt(outside, n, when);
      const first = await finishErasure(breaking, id, never).then(
        () => 'done',
        (error) => error,
      );
      if (first === 'done') calls = breaking.calls();
      else expect(first).toBeInstanceOf(BrokeOff);
      await finishErasure(outside, id, never);
      expect(await keysUnder(outside, `recordings/${id}/`)).toEqual([]);
      const said = JSON.parse((await certificateOf(id)).certificate);
      expect(said.objects).toHaveLength(4);
      for (const object of said.objects) expect(object.goneAt).toEqual(expect.any(String));
      const finished = (await actionsOf(id)).filter((action) => action === 'recording.erasure_finished');
      expect(finished).toHaveLength(1);
    }
    expect(calls).toBeGreaterThan(10);
  },
);

describe('a database restored from before the erasure', () => {
  /** Erases, then puts back the rows as a backup would. */
  async function restored(finish: boolean) {
    const { id, media } = await recorded({ renditionBytes: null });
    const db = outside.database.read;
    const before = await db.recording.findUniqueOrThrow({ where: { id }, include: { sealed: true } });
    ok(await erase(id));
    if (finish) await finishErasure(outside, id, never);
    const certificate = finish ? (await certificateOf(id)).certificate : null;
    await db.erasure.delete({ where: { recordingId: id } });
    await db.sealedObject.create({ data: before.sealed! });
    await db.recording.update({ where: { id }, data: { state: 'in_review', sealedId: before.sealedId } });
    return { id, media, certificate };
  }

  test('has it erased again at the start, and finds its certificate', async () => {
    const { id, certificate } = await restored(true);
    const again = await startServer(await createContext(server.context.config));
    const { state } = await outside.database.read.recording.findUniqueOrThrow({ where: { id } });
    await again.stop();
    expect(state).toBe('erased');
    expect(await replayTombstones(outside)).toEqual({ replayed: 0, notOurs: 0 });
    expect(ok(await school.admin.get(`/api/recordings/${id}`))).toMatchObject({ state: 'erased' });
    await finishErasure(outside, id, never);
    expect((await certificateOf(id)).certificate).toBe(certificate);
  });

  test('does not erase what a stranger put a tombstone on', async () => {
    const { id } = await recorded({ renditionBytes: null });
    const put = (text: string) =>
      outside.objects.put(
        `tombstones/${id}`,
        (async function* () {
          yield Buffer.from(text);
        })(),
      );
    const { id: other } = await restored(true);
    const stolen: Buffer[] = [];
    for await (const piece of await outside.objects.get(`tombstones/${other}`)) stolen.push(piece);
    await replayTombstones(outside);
    for (const text of [
      'x',
      '{}',
      'null',
      JSON.stringify({ statement: '{}', signature: 'x' }),
      Buffer.concat(stolen).toString(),
      Buffer.concat(stolen).toString().replaceAll(other, id),
    ]) {
      await put(text);
      expect(await replayTombstones(outside)).toEqual({ replayed: 0, notOurs: 1 });
    }
    await outside.objects.delete(`tombstones/${id}`);
    expect(ok(await school.admin.get(`/api/recordings/${id}`)).state).toBe('in_review');
  });
});
