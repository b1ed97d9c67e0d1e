import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { run } from '../../../src/cli/run.ts';
import type { Terminal } from '../../../src/cli/terminal.ts';
import { generateKeys, type KeyKeeping, newEpoch, rotateKeys } from '../../../src/keys/key-keeping.ts';
import { openLock } from '../../../src/pipeline/core/envelope-lock.ts';
import { openSealed } from '../../../src/pipeline/core/sealed-object.ts';
import { beginUpload } from '../../../src/pipeline/intake/begin-upload.ts';
import { cancelUpload } from '../../../src/pipeline/intake/cancel-upload.ts';
import { openUploadKey } from '../../../src/pipeline/intake/upload-key.ts';
import { endEpochs } from '../../../src/pipeline/keys/end-epochs.ts';
import { getRotation } from '../../../src/pipeline/keys/get-rotation.ts';
import { beginRewrapWhenDue, rewrapEnvelopes } from '../../../src/pipeline/keys/rewrap-envelopes.ts';
import { scrubObject } from '../../../src/pipeline/oversight/scrub-object.ts';
import type { Caller } from '../../../src/pipeline/ports/caller.ts';
import type { Outside } from '../../../src/pipeline/ports/outside.ts';
import { openEnvelope, unwrapSessionKey } from '../../../src/vault/envelope.ts';
import { createPermittedLesson, createSchool, eraseBy, ok, type School } from '../../support/school.ts';
import { createSealedRecording, readRecording, withStore } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { collect } from '../../support/vault.ts';

let server: TestServer;
let school: School;
let outside: Outside;
let later: Outside;
let keeping: KeyKeeping;
let lessonId: string;
const never = new AbortController().signal;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
  outside = server.context.outside;
  later = { ...outside, clock: () => new Date(Date.now() + 11 * 60_000) };
  lessonId = (await createPermittedLesson(school)).id;
  keeping = { home: server.home, passphrase: 'TEST ONLY', outside, settlingMs: 0, knownAfterMs: 0 };
});
afterAll(() => server?.stop());
beforeEach(async () => {
  await walkAndEnd();
  expect(outside.keyring.epochs).toHaveLength(1);
});

/** As ten minutes and the next chore would. */
async function walkAndEnd(): Promise<void> {
  await rewrapEnvelopes(outside, never);
  await endEpochs(later);
}

const recorded = () => createSealedRecording(outside, lessonId, school.teacher.id, { mediaBytes: 1_000 });
const rowOf = (bodyKey: string) => outside.database.read.sealedObject.findUniqueOrThrow({ where: { bodyKey } });
const epochFiles = () => readdir(join(server.home, 'secrets/epoch'));
const current = () => outside.keyring.epochs[0]!.epoch;
const copyOf = async (bodyKey: string) => collect(await outside.objects.get(bodyKey.replace(/body$/, 'envelope')));

test('an envelope lies locked in the database and plain in the store', async () => {
  const { bodyKey } = await recorded();
  const row = await rowOf(bodyKey);
  expect(row.epoch).toBe(current());
  const copy = await copyOf(bodyKey);
  await openEnvelope(copy, outside.keyring.openingKeys);
  expect(Buffer.from(row.envelope).includes(copy.subarray(0, 16))).toBe(false);
  await expect(openEnvelope(row.envelope, outside.keyring.openingKeys)).rejects.toThrow();
  expect(copy.equals(await openLock(outside.keyring, row))).toBe(true);
});

test('a backup of the row from before a new epoch and an erasure opens nothing afterwards; what is not erased plays on', async () => {
  const [erased, kept] = [await recorded(), await recorded()];
  const backup = await rowOf(erased.bodyKey);
  const stillOpens = await openSealed(outside, backup);
  stillOpens.close();
  ok(await eraseBy(school, erased.id, { note: 'A guardian asked' }));
  const { epoch } = await newEpoch(keeping);
  expect(epoch).toBe(backup.epoch + 1);
  await rewrapEnvelopes(outside, never);
  // A process that was at the end of an upload may still need the key of before.
  expect(await endEpochs(outside)).toEqual([]);
  expect(await endEpochs(later)).toEqual([backup.epoch]);
  expect(await epochFiles()).toEqual([`${epoch}.key`]);
  await expect(openSealed(outside, backup)).rejects.toMatchObject({ code: 'EPOCH_GONE' });
  const found = await scrubObject(outside, { ...backup, ownerId: null }, async () => {}, never);
  expect(found).toMatchObject({ code: 'EPOCH_GONE' });
  expect((await readRecording(outside, kept.id)).equals(kept.media)).toBe(true);
  const actions = (ok(await school.auditor.get('/api/audit?limit=200')).entries as { entry: { action: string } }[]).map(
    ({ entry }) => entry.action,
  );
  expect(actions).toContain('keys.epoch_renewed');
  expect(actions).toContain('keys.epoch_destroyed');
});

test('a new epoch writes nothing to the store, and a walk that broke off goes on', async () => {
  const { id, bodyKey, media } = await recorded();
  await recorded();
  const before = await copyOf(bodyKey);
  await newEpoch(keeping);
  const total = (await getRotation(outside)).left;
  expect(total).toBeGreaterThan(1);
  const broken = {
    ...outside,
    database: { ...outside.database, read: outside.database.read, transact: () => Promise.reject(new Error('away')) },
  } as Outside;
  await expect(rewrapEnvelopes(broken, never)).rejects.toThrow('away');
  expect(await getRotation(outside)).toMatchObject({ left: total });
  expect(await endEpochs(later)).toEqual([]);
  const put = () => Promise.reject(new Error('nothing is to be written'));
  await rewrapEnvelopes(withStore(outside, { put }), never);
  expect(await getRotation(outside)).toMatchObject({ left: 0, run: { failed: 0 } });
  expect((await copyOf(bodyKey)).equals(before)).toBe(true);
  expect((await rowOf(bodyKey)).epoch).toBe(current());
  expect((await readRecording(outside, id)).equals(media)).toBe(true);
});

test('a row from before there was a lock opens as it is, and the walk locks it', async () => {
  const { id, bodyKey, media } = await recorded();
  const envelope = Uint8Array.from(await copyOf(bodyKey));
  await outside.database.read.sealedObject.update({ where: { bodyKey }, data: { envelope, epoch: 0 } });
  expect((await readRecording(outside, id)).equals(media)).toBe(true);
  expect(await beginRewrapWhenDue(outside)).toBe(true);
  await rewrapEnvelopes(outside, never);
  expect(await beginRewrapWhenDue(outside)).toBe(false);
  const row = await rowOf(bodyKey);
  expect(row.epoch).toBe(current());
  expect(await scrubObject(outside, { ...row, ownerId: id }, async () => {}, never)).toBeNull();
  expect((await readRecording(outside, id)).equals(media)).toBe(true);
});

test.each(['alone', 'with a rotation'])(
  'a restored row under an epoch that is gone is taken from its copy in the store: %s',
  async (what) => {
    const { id, bodyKey, media } = await recorded();
    const { envelope, epoch, envelopeSha256, recipients } = await rowOf(bodyKey);
    if (what !== 'alone') {
      const passphrase = await readFile(join(server.home, 'secrets/vault-passphrase'), 'utf8');
      await generateKeys({ ...keeping, passphrase: passphrase.trim() }, { role: 'vault', version: 4 });
      await rotateKeys(keeping);
    }
    await newEpoch(keeping);
    await walkAndEnd();
    expect(await epochFiles()).toHaveLength(1);
    await outside.database.read.sealedObject.update({
      where: { bodyKey },
      data: { envelope, epoch, envelopeSha256, recipients },
    });
    await expect(readRecording(outside, id)).rejects.toMatchObject({ code: 'EPOCH_GONE' });
    await rewrapEnvelopes(outside, never);
    expect((await readRecording(outside, id)).equals(media)).toBe(true);
    const scrubbed = { ...(await rowOf(bodyKey)), ownerId: id };
    expect(await scrubObject(outside, scrubbed, async () => {}, never)).toBeNull();
  },
);

test('a copy in the store that holds another session key is not taken', async () => {
  const [one, other] = [await recorded(), await recorded()];
  const backup = await rowOf(one.bodyKey);
  await newEpoch(keeping);
  await walkAndEnd();
  const { envelope, epoch } = backup;
  await outside.database.read.sealedObject.update({ where: { bodyKey: one.bodyKey }, data: { envelope, epoch } });
  const key = one.bodyKey.replace(/body$/, 'envelope');
  const whole = await copyOf(one.bodyKey);
  const write = (bytes: Uint8Array) =>
    outside.objects.put(
      key,
      (async function* () {
        yield bytes;
      })(),
    );
  await write(await copyOf(other.bodyKey));
  await rewrapEnvelopes(outside, never);
  expect(await getRotation(outside)).toMatchObject({ left: 1, run: { failed: 1 } });
  await write(whole);
  await rewrapEnvelopes(outside, never);
  expect(await getRotation(outside)).toMatchObject({ left: 0 });
});

test('what no key opens does not hold up the end of an epoch', async () => {
  const { bodyKey } = await recorded();
  const where = { bodyKey };
  const broken = Uint8Array.from(await copyOf(bodyKey));
  broken[60]! ^= 1;
  const row = await rowOf(bodyKey);
  await outside.database.read.sealedObject.update({ where, data: { envelope: broken, epoch: 0, recipients: [] } });
  const { epoch } = await newEpoch(keeping);
  await rewrapEnvelopes(outside, never);
  expect(await rowOf(bodyKey)).toMatchObject({ epoch, recipients: [] });
  expect(await endEpochs(later)).toEqual([epoch - 1]);
  await outside.database.read.sealedObject.update({
    where,
    data: { envelope: Uint8Array.from(await copyOf(bodyKey)), epoch: 0, recipients: row.recipients },
  });
});

test('the key of an unfinished upload lies under the lock, moves on to the next epoch, and holds up the end of the former', async () => {
  const caller: Caller = { actor: { kind: 'staff', id: school.teacher.id, roles: ['teacher'], scopes: null } };
  const id = await beginUpload(outside, caller, {
    lessonId,
    bytes: 100,
    fileName: null,
    declaredType: undefined,
    declaredSha256: undefined,
    metadata: {},
  });
  const rowOfUpload = () => outside.database.read.upload.findUniqueOrThrow({ where: { id } });
  const before = await rowOfUpload();
  expect(before.epoch).toBe(current());
  await expect(unwrapSessionKey(before.wrappedKey!, outside.keyring.openingKeys)).rejects.toThrow();
  const key = await openUploadKey(outside.keyring, before);
  await newEpoch(keeping);
  await outside.keyring.refresh();
  expect(await endEpochs(later)).toEqual([]);
  await walkAndEnd();
  const after = await rowOfUpload();
  expect(after.epoch).toBe(current());
  expect(Buffer.from(await openUploadKey(outside.keyring, after)).equals(Buffer.from(key))).toBe(true);
  await expect(openUploadKey(outside.keyring, before)).rejects.toMatchObject({ code: 'EPOCH_GONE' });
  await cancelUpload(outside, caller, id);
});

test('the command begins the next epoch beside a running server, which reads on without a restart', async () => {
  const { id, media } = await recorded();
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const env = { LANG: 'en', EMANET_HOME: server.home, DATABASE_URL: server.database.url };
  const terminal = { stdin: new PassThrough(), stdout, stderr, env } as unknown as Terminal;
  const before = current();
  expect(await run(['--json', 'keys', 'new-epoch'], terminal)).toBe(0);
  expect(JSON.parse(String(stdout.read()))).toMatchObject({ epoch: before + 1, left: expect.any(Number) });
  await rewrapEnvelopes(outside, never);
  expect((await readRecording(outside, id)).equals(media)).toBe(true);
  const given = { ...terminal, env: { ...env, EPOCH_KEYS: `1:${'A'.repeat(43)}` } };
  expect(await run(['keys', 'new-epoch'], given)).not.toBe(0);
  expect(await epochFiles()).toHaveLength(2);
});
