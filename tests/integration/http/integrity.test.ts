import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { folderOf, recordSealed, sealIntoStore } from '../../../src/pipeline/core/sealed-object.ts';
import { beginScrubWhenDue } from '../../../src/pipeline/oversight/begin-scrub.ts';
import { createPace } from '../../../src/pipeline/oversight/pace.ts';
import { reconcileObjects } from '../../../src/pipeline/oversight/reconcile-objects.ts';
import { scrubObjects } from '../../../src/pipeline/oversight/scrub-objects.ts';
import { StoreUnavailable } from '../../../src/pipeline/ports/object-store.ts';
import type { Outside } from '../../../src/pipeline/ports/outside.ts';
import { rewrapEnvelope } from '../../../src/vault/envelope.ts';
import { createPermittedLesson, createSchool, ok, type School } from '../../support/school.ts';
import { createSealedRecording, keysUnder, withStore } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { inPieces } from '../../support/vault.ts';

/** What `startTestServer` is given. */
const metricsToken = { authorization: 'Bearer test only, long enough' };
let server: TestServer;
let school: School;
let outside: Outside;
let lessonId: string;
const never = new AbortController().signal;
const day = 86_400_000;

beforeAll(async () => {
  server = await startTestServer({
    METRICS_TOKEN: 'test only, long enough',
    WORKER: 'false',
    SMTP_URL: 'smtp://127.0.0.1:9',
  });
  school = await createSchool(server);
  outside = server.context.outside;
  lessonId = (await createPermittedLesson(school)).id;
});
beforeEach(async () => {
  const db = outside.database.read;
  await db.recording.updateMany({ where: {}, data: { state: 'erased', sealedId: null } });
  await db.sealedObject.deleteMany();
  await db.integrityRun.deleteMany();
  await db.$executeRaw`DELETE FROM graphile_worker._private_jobs`;
});
afterAll(() => server?.stop());

const recorded = (renditionBytes: number | null = null) =>
  createSealedRecording(outside, lessonId, school.teacher.id, { mediaBytes: 2 ** 20 + 100, renditionBytes });
const in_ = (days: number, from: Outside = outside): Outside => ({
  ...from,
  clock: () => new Date(Date.now() + days * day),
});
/** One whole pass. */
async function scrub(by: Outside = outside) {
  await beginScrubWhenDue(by, true);
  await scrubObjects(by, never);
}
const integrity = async () => ok(await school.admin.get('/api/integrity'));
const logged = async (action: string, recordingId?: string) =>
  (
    ok(await school.auditor.get(`/api/audit?action=${action}${recordingId ? `&recording=${recordingId}` : ''}`))
      .entries as { entry: { details: Record<string, unknown> } }[]
  ).map(({ entry }) => entry.details);
const mails = async () =>
  (
    await outside.database.read.$queryRaw<unknown[]>`
      SELECT 1 FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id
      WHERE t.identifier = 'send-mail'`
  ).length;
async function read(key: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of await outside.objects.get(key)) pieces.push(piece);
  return Buffer.concat(pieces);
}
const write = (key: string, bytes: Uint8Array) => outside.objects.put(key, inPieces(bytes));
async function flip(key: string, at: number) {
  const bytes = await read(key);
  bytes[at < 0 ? bytes.length + at : at]! ^= 1;
  await write(key, bytes);
}

test('a pass over whole objects finds nothing, counts every byte, and ends on the log', async () => {
  await recorded(500);
  await scrub();
  const { faults, scrub: pass, neverRead, objects } = await integrity();
  expect({ faults, neverRead, objects }).toEqual({ faults: [], neverRead: 0, objects: 2 });
  expect(pass).toMatchObject({ objects: 2, faults: 0, finishedAt: expect.any(String) });
  // The final tag is read when the body is opened, and once more for the digest.
  const stored = await outside.database.read.sealedObject.aggregate({ _sum: { bodyBytes: true } });
  expect(pass.bytes).toBe(Number(stored._sum.bodyBytes) + 2 * 16);
  expect((await logged('scrub.finished'))[0]).toMatchObject({ objects: 2, faults: 0 });
  const { body } = await school.nobody.get('/metrics', metricsToken);
  expect(body).toMatch(/^emanet_scrub_failures\{school="[^"]+"\} 0$/m);
  expect(body).toMatch(new RegExp(`^emanet_scrub_bytes_total\\{school="[^"]+"\\} ${pass.bytes}$`, 'm'));
  expect(body).toMatch(/^emanet_scrub_oldest_seconds\{school="[^"]+"\} [\d.]+$/m);
});

describe('damage is found, said to administrators and the log once, and gone when a later pass finds it whole', () => {
  type Damage = (of: { bodyKey: string; envelopeKey: string; id: string }) => Promise<unknown>;
  const db = () => outside.database.read;
  const rowOf = (bodyKey: string) => ({ where: { bodyKey } });
  test.each<[string, string, Damage]>([
    ['a bit in a chunk', 'CHUNK_TAG', ({ bodyKey }) => flip(bodyKey, 20)],
    ['a bit in a tag', 'CHUNK_TAG', ({ bodyKey }) => flip(bodyKey, 2 ** 20 + 3)],
    ['a bit in the final tag', 'FINAL_TAG', ({ bodyKey }) => flip(bodyKey, -1)],
    ['a byte cut off', 'LENGTH', async ({ bodyKey }) => write(bodyKey, (await read(bodyKey)).subarray(0, -1))],
    [
      'a byte added',
      'LENGTH',
      async ({ bodyKey }) => write(bodyKey, Buffer.concat([await read(bodyKey), Buffer.of(0)])),
    ],
    ['the body gone', 'BODY_MISSING', ({ bodyKey }) => outside.objects.delete(bodyKey)],
    ['the envelope gone', 'ENVELOPE_MISSING', ({ envelopeKey }) => outside.objects.delete(envelopeKey)],
    ['a bit in the envelope', 'ENVELOPE_DIFFERS', ({ envelopeKey }) => flip(envelopeKey, 5)],
    ['a bit in its salt', 'ENVELOPE_DIFFERS', ({ envelopeKey }) => flip(envelopeKey, -1)],
    [
      'another digest of the body in the database',
      'LOG_DIFFERS',
      ({ bodyKey }) => db().sealedObject.update({ ...rowOf(bodyKey), data: { bodySha256: '00'.repeat(32) } }),
    ],
    [
      'another commitment in the database',
      'LOG_DIFFERS',
      ({ bodyKey }) => db().sealedObject.update({ ...rowOf(bodyKey), data: { commitment: '00'.repeat(32) } }),
    ],
  ])('%s: %s', async (_, code, damage) => {
    const { id, bodyKey } = await recorded();
    const envelopeKey = bodyKey.replace(/body$/, 'envelope');
    const whole = [await read(bodyKey), await read(envelopeKey)] as const;
    const { id: sealedId, ...row } = await db().sealedObject.findUniqueOrThrow(rowOf(bodyKey));
    await damage({ bodyKey, envelopeKey, id });
    await scrub();
    expect((await integrity()).faults).toMatchObject([{ sealedId, recordingId: id, code, key: bodyKey }]);
    expect(await logged('scrub.failed', id)).toMatchObject([{ code }]);
    expect(await mails()).toBe(2);
    expect((await school.nobody.get('/metrics', metricsToken)).body).toMatch(
      /^emanet_scrub_failures\{school="[^"]+"\} 1$/m,
    );
    // The next day it is looked at again, without a word when nothing has changed.
    expect(await beginScrubWhenDue(in_(0.5))).toBe(false);
    expect(await beginScrubWhenDue(in_(1.1))).toBe(true);
    await scrubObjects(in_(1.1), never);
    expect(await logged('scrub.failed', id)).toHaveLength(1);
    expect(await mails()).toBe(2);
    await write(bodyKey, whole[0]);
    await write(envelopeKey, whole[1]);
    await db().sealedObject.update({ ...rowOf(bodyKey), data: row });
    await scrubObjects(in_(2.2), never);
    expect((await integrity()).faults).toEqual([]);
    expect(await logged('scrub.recovered', id)).toMatchObject([{ was: code }]);
  });

  test('a whole other envelope and body, made by somebody with the public key and written everywhere but on the log: NOT_ON_THE_LOG', async () => {
    const { id } = await recorded();
    const forged = await sealIntoStore(outside, folderOf('recordings', id), inPieces(Buffer.from('forged')));
    await outside.database.transact({ actor: { kind: 'system', id: 'test' } }, async (tx) => {
      await recordSealed(tx, forged);
      await tx.db.recording.update({ where: { id }, data: { sealedId: forged.id } });
      await tx.db.sealedObject.deleteMany({ where: { id: { not: forged.id } } });
    });
    await scrub();
    expect((await integrity()).faults).toMatchObject([{ code: 'NOT_ON_THE_LOG' }]);
  });
});

test('an envelope that a killed rotation left is said, written again, and whole the next time', async () => {
  const { id, bodyKey } = await recorded();
  const envelopeKey = bodyKey.replace(/body$/, 'envelope');
  const { recipients, openingKeys } = outside.keyring;
  const whole = await read(envelopeKey);
  await write(envelopeKey, await rewrapEnvelope(whole, openingKeys, recipients));
  await scrub();
  expect((await integrity()).faults).toMatchObject([{ recordingId: id, code: 'ENVELOPE_DIFFERS' }]);
  expect((await read(envelopeKey)).equals(whole)).toBe(true);
  await scrubObjects(in_(1.1), never);
  expect((await integrity()).faults).toEqual([]);
  expect(await logged('scrub.recovered', id)).toMatchObject([{ was: 'ENVELOPE_DIFFERS' }]);
});

test('an authentic body that is not the one whose digest was noted: BODY_DIGEST', async () => {
  const { id } = await recorded();
  const sealed = await sealIntoStore(outside, folderOf('recordings', id), inPieces(Buffer.from('media')));
  await outside.database.transact({ actor: { kind: 'system', id: 'test' } }, async (tx) => {
    const details = await recordSealed(tx, { ...sealed, bodySha256: '00'.repeat(32) });
    await tx.db.recording.update({ where: { id }, data: { sealedId: sealed.id } });
    await tx.db.sealedObject.deleteMany({ where: { id: { not: sealed.id } } });
    const object = { kind: 'recording', id, recordingId: id, lessonId };
    await tx.log({ action: 'recording.sealed', outcome: 'done', object, details });
  });
  await scrub();
  expect((await integrity()).faults).toMatchObject([{ code: 'BODY_DIGEST' }]);
});

test('a store that does not answer is no damage: the pass goes on where it was', async () => {
  const { bodyKey } = await recorded(300);
  const away = withStore(outside, {
    get: async (key, range, options) => {
      if (key === bodyKey) throw new StoreUnavailable('away');
      return outside.objects.get(key, range, options);
    },
  });
  await beginScrubWhenDue(away, true);
  await expect(scrubObjects(away, never)).rejects.toBeInstanceOf(StoreUnavailable);
  expect((await integrity()).faults).toEqual([]);
  await scrubObjects(outside, never);
  expect((await integrity()).scrub).toMatchObject({ objects: 2, faults: 0, finishedAt: expect.any(String) });
});

test('passes begin when they are due, and one at a time', async () => {
  await recorded();
  const pending = async () => outside.database.read.integrityRun.count({ where: { kind: 'scrub', finishedAt: null } });
  expect(await beginScrubWhenDue(outside)).toBe(true);
  await Promise.all([beginScrubWhenDue(outside), beginScrubWhenDue(outside, true)]);
  expect(await pending()).toBe(1);
  await scrubObjects(outside, never);
  expect(await pending()).toBe(0);
  expect(await beginScrubWhenDue(in_(29.9))).toBe(false);
  expect(await beginScrubWhenDue(in_(30.1))).toBe(true);
});

test('the rate is bounded', async () => {
  const pace = createPace(1_000_000, never);
  const begun = performance.now();
  for (let n = 0; n < 10; n++) await pace(50_000);
  expect(performance.now() - begun).toBeGreaterThan(350);
});

describe('database and store are compared', () => {
  test('a row without its object is reported once, and is gone when a scrub finds it back', async () => {
    const { id, bodyKey } = await recorded();
    const body = await read(bodyKey);
    await outside.objects.delete(bodyKey);
    await reconcileObjects(outside);
    await reconcileObjects(outside);
    const found = await integrity();
    expect(found.faults).toMatchObject([{ code: 'BODY_MISSING', recordingId: id }]);
    expect(found.reconcile).toMatchObject({ objects: 1, faults: 1 });
    expect(await logged('scrub.failed', id)).toHaveLength(1);
    await write(bodyKey, body);
    await scrub();
    expect((await integrity()).faults).toEqual([]);
  });
  test('an object without a row is swept when it is old, and counted', async () => {
    const key = `recordings/${crypto.randomUUID()}/x/body`;
    await write(key, Buffer.from('x'));
    await reconcileObjects(in_(1));
    const { orphans } = (await integrity()).reconcile;
    expect(orphans).toBeGreaterThan(0);
    expect(await keysUnder(outside, key)).toEqual([]);
    expect((await logged('store.reconciled'))[0]).toMatchObject({ orphans });
  });
});

test('who may look and begin a pass', async () => {
  expect((await school.reviewer.get('/api/integrity')).status).toBe(403);
  expect((await school.admin.post('/api/integrity/scrub')).status).toBe(202);
  expect((await integrity()).scrub).toMatchObject({ finishedAt: null });
  expect(await logged('scrub.started')).toHaveLength(1);
});
