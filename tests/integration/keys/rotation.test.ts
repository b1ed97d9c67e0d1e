import { randomBytes, randomUUID } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyPath, writeKeyFile } from '../../../src/keys/key-folder.ts';
import { generateKeys, importKeys, type KeyKeeping, retireKey, rotateKeys } from '../../../src/keys/key-keeping.ts';
import { openLock } from '../../../src/pipeline/core/envelope-lock.ts';
import { type ContactBook, openContactBook } from '../../../src/pipeline/core/people-key.ts';
import { getRotation } from '../../../src/pipeline/keys/get-rotation.ts';
import { listKeys } from '../../../src/pipeline/keys/list-keys.ts';
import { beginRewrapWhenDue, rewrapEnvelopes } from '../../../src/pipeline/keys/rewrap-envelopes.ts';
import { scrubObject } from '../../../src/pipeline/oversight/scrub-object.ts';
import type { ObjectStore } from '../../../src/pipeline/ports/object-store.ts';
import type { Outside } from '../../../src/pipeline/ports/outside.ts';
import { openEnvelope, wrapSessionKey } from '../../../src/vault/envelope.ts';
import { generateVaultKey } from '../../../src/vault/keyring.ts';
import { createPermittedLesson, createSchool, ok, type School } from '../../support/school.ts';
import {
  BrokeOff,
  breakingAt,
  createSealedRecording,
  readRecording,
  withStore,
} from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { collect } from '../../support/vault.ts';

let server: TestServer;
let school: School;
let outside: Outside;
let keeping: KeyKeeping;
let lessonId: string;
const never = new AbortController().signal;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
  outside = server.context.outside;
  lessonId = (await createPermittedLesson(school)).id;
  const passphrase = (await readFile(join(server.home, 'secrets/vault-passphrase'), 'utf8')).trim();
  keeping = { home: server.home, passphrase, outside, settlingMs: 0, knownAfterMs: 0 };
});
afterAll(() => server?.stop());

const recorded = () => createSealedRecording(outside, lessonId, school.teacher.id, { mediaBytes: 1_000 });
const rotate = async (version: 4 | 6 = 4) => {
  await generateKeys(keeping, { role: 'vault', version });
  await rotateKeys(keeping);
};
/** With their envelopes out of the second lock, and as they are stored. */
const rows = async () => {
  const found = await outside.database.read.sealedObject.findMany({ orderBy: { id: 'asc' } });
  return Promise.all(
    found.map(async (stored) => ({ ...stored, envelope: await openLock(outside.keyring, stored), stored })),
  );
};
const wanted = () => outside.keyring.recipients.map(({ fingerprint }) => fingerprint).toSorted();
const copyOf = async ({ bodyKey }: { bodyKey: string }) =>
  collect(await outside.objects.get(bodyKey.replace(/body$/, 'envelope')));
const current = () =>
  outside.keyring.openingKeys.filter((key) => key.fingerprint === outside.keyring.recipients[0]!.fingerprint);

/** Row and copy are the same, both open with the current key alone, and the scrub finds them whole. */
async function assertAllRewrapped(): Promise<void> {
  for (const row of await rows()) {
    expect(row.recipients).toEqual(wanted());
    expect((await copyOf(row)).equals(row.envelope)).toBe(true);
    await openEnvelope(row.envelope, current());
    const owner = await outside.database.read.recording.findFirst({ where: { sealedId: row.id } });
    const scrubbed = { ...row.stored, ownerId: owner?.id ?? null };
    expect(await scrubObject(outside, scrubbed, async () => {}, never)).toBeNull();
  }
}

test('a rotation wraps every envelope for the new key and touches no body', async () => {
  const { id, media } = await recorded();
  const before = await rows();
  const old = outside.keyring.recipients[0]!.fingerprint;
  await rotate(6);
  expect(outside.keyring.recipients[0]!.fingerprint).toHaveLength(64);
  // And the key of the contacts of a lesson's guardians.
  expect(await getRotation(outside)).toMatchObject({ left: before.length + 1 });
  await rewrapEnvelopes(outside, never);
  const after = await rows();
  for (const [index, row] of after.entries()) {
    expect(row.envelopeSha256).not.toBe(before[index]!.envelopeSha256);
    for (const field of ['bodyKey', 'bodySha256', 'commitment'] as const)
      expect(row[field]).toBe(before[index]![field]);
  }
  await assertAllRewrapped();
  expect((await readRecording(outside, id)).equals(media)).toBe(true);
  const { items, rotation } = await listKeys(outside);
  expect(rotation).toMatchObject({ left: 0, run: { done: before.length + 1, failed: 0 } });
  expect(items.find(({ fingerprint }) => fingerprint === old)).toMatchObject({ state: 'former', envelopes: 0 });
  await expect(
    openEnvelope(
      after[0]!.envelope,
      outside.keyring.openingKeys.filter((k) => k.fingerprint === old),
    ),
  ).rejects.toMatchObject({ code: 'NOT_A_RECIPIENT' });
});

test('a rotation wraps the key of contacts, and what it locked still opens', async () => {
  const system = { actor: { kind: 'system', id: 'test' } } as const;
  const withBook = <T>(work: (book: ContactBook) => T) =>
    outside.database.transact(system, async (tx) => {
      const book = await openContactBook(outside, tx.db);
      try {
        return work(book);
      } finally {
        book.close();
      }
    });
  const row = randomUUID();
  const locked = await withBook((book) => book.lock(row, 'veli@posta.example'));
  await rotate();
  expect((await getRotation(outside)).left).toBeGreaterThan(0);
  await rewrapEnvelopes(outside, never);
  expect(await outside.database.read.peopleKey.findFirstOrThrow()).toMatchObject({ recipients: wanted() });
  expect(await withBook((book) => book.unlock(row, locked))).toBe('veli@posta.example');
  expect((await listKeys(outside)).rotation).toMatchObject({ left: 0 });
});

test('the log binds the new envelopes, and the scrub believes the log and not the row', async () => {
  const { id, bodyKey } = await recorded();
  await rotate();
  await rewrapEnvelopes(outside, never);
  const row = await outside.database.read.sealedObject.findUniqueOrThrow({ where: { bodyKey } });
  const forged = { ...row, ownerId: id, envelopeSha256: 'f'.repeat(64) };
  expect(await scrubObject(outside, forged, async () => {}, never)).toMatchObject({ code: 'LOG_DIFFERS' });
  const actions = ok(await school.auditor.get('/api/audit?action=keys.rotated')).entries as unknown[];
  expect(actions.length).toBeGreaterThan(0);
});

test.each(['before', 'after'] as const)(
  'killed %s any call to the store, row and copy open, and the next run ends it',
  async (when) => {
    await recorded();
    await rotate();
    for (let n = 1; n <= 3; n++) {
      const breaking = breakingAt(outside, n, when);
      const error = await rewrapEnvelopes(breaking, never).catch((caught) => caught);
      if (error) expect(error).toBeInstanceOf(BrokeOff);
      for (const row of await rows()) {
        await openEnvelope(row.envelope, outside.keyring.openingKeys);
        await openEnvelope(await copyOf(row), outside.keyring.openingKeys);
        const owner = await outside.database.read.recording.findFirst({ where: { sealedId: row.id } });
        // While the walk is not finished the copy may be ahead of the row: no damage.
        expect(
          await scrubObject(outside, { ...row.stored, ownerId: owner?.id ?? null }, async () => {}, never),
        ).toBeNull();
      }
    }
    await rewrapEnvelopes(outside, never);
    await assertAllRewrapped();
  },
);

test('what is sealed for the old keys beside the walk is wrapped by it too', async () => {
  await recorded();
  const old = outside.keyring;
  const before = { recipients: old.recipients, openingKeys: old.openingKeys, epochs: old.epochs };
  await rotate();
  let isDone = false;
  const put: ObjectStore['put'] = async (...args) => {
    if (!isDone) {
      isDone = true;
      const stale = { ...outside, keyring: { ...outside.keyring, ...before, refresh: async () => {} } };
      await createSealedRecording(stale, lessonId, school.teacher.id, { mediaBytes: 10, renditionBytes: null });
    }
    return outside.objects.put(...args);
  };
  await rewrapEnvelopes(withStore(outside, { put }), never);
  expect(await getRotation(outside)).toMatchObject({ left: 0 });
  await assertAllRewrapped();
});

test('an envelope whose recording is erased meanwhile leaves no copy behind', async () => {
  const { id, bodyKey } = await recorded();
  await rotate();
  let isDone = false;
  const put: ObjectStore['put'] = async (key, ...rest) => {
    const result = await outside.objects.put(key, ...rest);
    if (key === bodyKey.replace(/body$/, 'envelope') && !isDone) {
      isDone = true;
      await outside.objects.purge(key);
      await outside.database.read.recording.update({ where: { id }, data: { sealedId: null, state: 'erased' } });
      await outside.database.read.sealedObject.delete({ where: { bodyKey } });
      await outside.objects.put(key, ...rest); // our write arrives after the erasure's
    }
    return result;
  };
  await rewrapEnvelopes(withStore(outside, { put }), never);
  expect(isDone).toBe(true);
  expect(await outside.objects.head(bodyKey.replace(/body$/, 'envelope'))).toBeNull();
  await outside.objects.purge(bodyKey);
  await assertAllRewrapped();
});

test('unfinished uploads are wrapped again, and hold up retiring until then', async () => {
  const key = randomBytes(32);
  const id = randomUUID();
  const wrappedKey = Uint8Array.from(await wrapSessionKey(key, outside.keyring.recipients));
  const old = outside.keyring.recipients[0]!.fingerprint;
  await outside.database.read.upload.create({
    data: {
      id,
      lessonId,
      uploaderId: school.teacher.id,
      state: 'receiving',
      bytes: 10,
      metadata: {},
      wrappedKey,
      recipients: wanted(),
      expiresAt: new Date(Date.now() + 60_000),
    },
  });
  await rotate();
  await expect(retireKey(keeping, old)).rejects.toMatchObject({ code: 'STILL_WRAPPED' });
  expect(await beginRewrapWhenDue(outside)).toBe(true);
  await rewrapEnvelopes(outside, never);
  expect(await beginRewrapWhenDue(outside)).toBe(false);
  const row = await outside.database.read.upload.findUniqueOrThrow({ where: { id } });
  expect(row.recipients).toEqual(wanted());
  await retireKey(keeping, old);
  expect(outside.keyring.openingKeys.map(({ fingerprint }) => fingerprint)).not.toContain(old);
  expect(outside.keyring.verifyingKeys.map(({ fingerprint }) => fingerprint)).toContain(old);
  await assertAllRewrapped();
});

test('a look at the files sees what changed while an earlier look was on its way', async () => {
  const { privateKeyArmored, fingerprint } = await generateVaultKey({
    name: 'in between',
    passphrase: keeping.passphrase!,
  });
  const knows = () => outside.keyring.known.some((key) => key.fingerprint === fingerprint);
  // Something to read, so that the earlier look takes its time.
  await generateKeys(keeping, { role: 'vault', version: 4 });
  const earlier = outside.keyring.refresh();
  await new Promise((resolve) => setTimeout(resolve, 10));
  await writeKeyFile(keyPath(server.home, 'former', `${fingerprint}.private.asc`), privateKeyArmored);
  await outside.keyring.refresh();
  expect(knows()).toBe(true);
  await earlier;
  await rotateKeys(keeping);
  await rewrapEnvelopes(outside, never);
});

test('an envelope that no key opens is counted and said, and does not hold up the others', async () => {
  const { bodyKey } = await recorded();
  const row = await outside.database.read.sealedObject.findUniqueOrThrow({ where: { bodyKey } });
  const envelope = Uint8Array.from(await openLock(outside.keyring, row));
  envelope[60]! ^= 1;
  await outside.database.read.sealedObject.update({ where: { bodyKey }, data: { envelope, epoch: 0 } });
  const { id } = await recorded();
  await rotate();
  await rewrapEnvelopes(outside, never);
  expect(await getRotation(outside)).toMatchObject({ left: 1, run: { failed: 1 } });
  await readRecording(outside, id);
  const entries = ok(await school.auditor.get('/api/audit?action=keys.rewrapped')).entries as {
    entry: { outcome: string };
  }[];
  expect(entries.some(({ entry }) => entry.outcome === 'failed')).toBe(true);
  await outside.database.read.recording.updateMany({
    where: { sealed: { bodyKey } },
    data: { sealedId: null, state: 'erased' },
  });
  await outside.database.read.sealedObject.delete({ where: { bodyKey } });
});

test('a recovery key is made with a passphrase for paper, and takes the place of the one before', async () => {
  const [, before] = outside.keyring.recipients;
  const made = await generateKeys(keeping, { role: 'recovery', version: 4 });
  expect(made.passphrase).toMatch(/^([a-z2-9]{5}-){5}[a-z2-9]{5}$/);
  await expect(generateKeys(keeping, { role: 'recovery', version: 4 })).rejects.toMatchObject({
    code: 'ALREADY_PREPARED',
  });
  await rotateKeys(keeping);
  await rewrapEnvelopes(outside, never);
  expect(outside.keyring.recipients[1]!.fingerprint).toBe(made.fingerprint);
  // The private half of before, not taken away yet, is not lost.
  expect(await readdir(join(server.home, 'keys/former'))).toEqual(
    expect.arrayContaining(['private.asc', 'passphrase.txt'].map((end) => `${before!.fingerprint}.recovery.${end}`)),
  );
  await retireKey(keeping, before!.fingerprint);
  await assertAllRewrapped();
});

test('an imported key is locked with the vault’s passphrase', async () => {
  const pair = await generateVaultKey({ name: 'TEST ONLY', passphrase: 'of its maker' });
  const file = join(server.home, 'import.asc');
  await (await import('node:fs/promises')).writeFile(file, pair.privateKeyArmored);
  await importKeys(keeping, { role: 'vault', file, passphrase: 'of its maker' });
  await rotateKeys(keeping);
  await rewrapEnvelopes(outside, never);
  expect(outside.keyring.recipients[0]!.fingerprint).toBe(pair.fingerprint);
  await assertAllRewrapped();
  await rm(file);
});

test('what is not there or not former is not retired, nothing prepared is not rotated, and files are for their owner only', async () => {
  await expect(rotateKeys(keeping)).rejects.toMatchObject({ code: 'NOTHING_PREPARED' });
  await expect(retireKey(keeping, '00'.repeat(20))).rejects.toMatchObject({ code: 'NO_SUCH_KEY' });
  const { fingerprint } = outside.keyring.recipients[0]!;
  await expect(retireKey(keeping, fingerprint)).rejects.toMatchObject({ code: 'NOT_FORMER' });
  expect(await readdir(join(server.home, 'keys/retired'))).not.toHaveLength(0);
});
