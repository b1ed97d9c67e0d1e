import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readKey } from 'openpgp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWitness } from '../../../src/adapters/witness/witness.ts';
import { openCheckpoint } from '../../../src/audit/checkpoint.ts';
import { parseVerifierKey } from '../../../src/audit/signed-note.ts';
import { integrateLog } from '../../../src/pipeline/oversight/integrate-log.ts';
import { notingForks } from '../../../src/pipeline/oversight/note-fork.ts';
import { ownKey } from '../../../src/pipeline/oversight/note-reading.ts';
import { LogForked, mirrorPrefix, publishLog } from '../../../src/pipeline/oversight/publish-log.ts';
import { beginDigestWhenDue, signDailyDigest } from '../../../src/pipeline/oversight/sign-digest.ts';
import { witnessLog } from '../../../src/pipeline/oversight/witness-log.ts';
import type { Caller } from '../../../src/pipeline/ports/caller.ts';
import type { Transaction } from '../../../src/pipeline/ports/database.ts';
import type { Outside } from '../../../src/pipeline/ports/outside.ts';
import { WitnessUnavailable } from '../../../src/pipeline/ports/witness.ts';
import { findSigner } from '../../../src/vault/sign.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { startTestWitness } from '../../support/witness.ts';

let server: TestServer;
let outside: Outside;
let witness: Awaited<ReturnType<typeof startTestWitness>>;
let folder: string;
beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  witness = await startTestWitness(() => ownKey(server.context.outside));
  outside = {
    ...server.context.outside,
    witness: createWitness(witness.url, parseVerifierKey(witness.key)),
  };
  folder = await mkdtemp(join(tmpdir(), 'emanet-anchoring-'));
});
afterAll(async () => {
  await server?.stop();
  await witness?.stop();
  await rm(folder, { recursive: true, force: true });
});

const grow = (entries: number) =>
  outside.database.transact({ actor: { kind: 'system', id: 'test' } }, async (tx) => {
    for (let n = 0; n < entries; n++)
      await tx.log({ action: 'job.failed', outcome: 'failed', details: { task: 'test', attempts: n } });
  });
const stored = async (key: string) => {
  const pieces: Buffer[] = [];
  for await (const piece of await outside.objects.get(`${mirrorPrefix}${key}`)) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
};

describe('a witness', () => {
  const keys = () => ({ log: [parseVerifierKey(ownKey(outside))], witnesses: [parseVerifierKey(witness.key)] });

  test('cosigns the first checkpoint and those that continue it; everybody can read that it did', async () => {
    await grow(5);
    await integrateLog(outside);
    const first = await witnessLog(outside);
    expect(openCheckpoint(first!, keys()).witnesses).toMatchObject([{ name: 'witness.example/test' }]);
    expect(await witnessLog(outside)).toBeNull(); // nothing new
    await grow(300);
    const { size } = await integrateLog(outside);
    await witnessLog(outside);
    const published = await (await fetch(`${server.url}/log/checkpoint`)).text();
    expect(openCheckpoint(published, keys())).toMatchObject({ size, witnesses: [{ name: 'witness.example/test' }] });
  });

  test('whose answer was lost is asked again from what it says that it signed', async () => {
    await grow(3);
    await integrateLog(outside);
    witness.state.loseNextAnswer = true;
    await expect(witnessLog(outside)).rejects.toThrow(WitnessUnavailable);
    await grow(3);
    await integrateLog(outside);
    const before = witness.state.answered;
    expect(await witnessLog(outside)).not.toBeNull();
    expect(witness.state.answered - before).toBe(2);
  });

  test('that signs with another key is none', async () => {
    await grow(1);
    await integrateLog(outside);
    const other = await startTestWitness(() => ownKey(outside));
    const stranger = { ...outside, witness: createWitness(other.url, parseVerifierKey(witness.key)) };
    await expect(witnessLog(stranger)).rejects.toThrow(WitnessUnavailable);
    await other.stop();
  });

  test('that has seen more entries than there are shows that the log was set back', async () => {
    await grow(1);
    const { size } = await integrateLog(outside);
    witness.pretend(size + 10);
    const asking = () => notingForks(outside, 'witness', () => witnessLog(outside));
    await expect(asking()).rejects.toThrow(LogForked);
    await expect(asking()).rejects.toThrow(LogForked);
    await integrateLog(outside);
    // Once a day.
    expect(await outside.database.read.auditEntry.count({ where: { action: 'audit.forked', outcome: 'failed' } })).toBe(
      1,
    );
  });
});

describe('the digest of a day', () => {
  test('is made once, signed with the school’s OpenPGP key, kept in the store, and names the one before', async () => {
    const tomorrow = (days: number) => ({
      ...outside,
      clock: () => new Date(Date.now() + days * 24 * 60 * 60_000),
      settings: { ...outside.settings, auditorMail: 'auditor@school.example', sendsMail: true },
    });
    expect(await signDailyDigest(tomorrow(1))).toBe(true);
    expect(await signDailyDigest(tomorrow(1))).toBe(false);
    expect(await signDailyDigest(tomorrow(2))).toBe(true);
    const day = (days: number) => new Date(Date.now() + days * 24 * 60 * 60_000).toISOString().slice(0, 10);
    const first = await stored(`digests/${day(0)}.json`);
    const second = await stored(`digests/${day(1)}.json`);
    const { openpgp } = (await (await fetch(`${server.url}/.well-known/emanet-log`)).json()) as {
      openpgp: { publicKey: string; fingerprint: string }[];
    };
    const published = await Promise.all(
      openpgp.map(async ({ publicKey, fingerprint }) => ({
        key: await readKey({ armoredKey: publicKey }),
        fingerprint,
      })),
    );
    for (const [text, signature] of [
      [first, await stored(`digests/${day(0)}.json.asc`)],
      [second, await stored(`digests/${day(1)}.json.asc`)],
    ] as const)
      expect(await findSigner(text, signature, published as never)).toBe(JSON.parse(text).signedBy);
    expect(JSON.parse(first)).toMatchObject({ day: day(0), previous: null });
    expect(JSON.parse(first).entries).toBeGreaterThan(300);
    expect(JSON.parse(second).previous).toEqual({
      day: day(0),
      sha256: createHash('sha256').update(first).digest('hex'),
    });
    const mails = await outside.database.read.$queryRaw<{ payload: { to: string; mail: { enclosed: string[] } } }[]>`
      SELECT p.payload FROM graphile_worker._private_jobs p JOIN graphile_worker._private_tasks t ON t.id = p.task_id
       WHERE t.identifier = 'send-mail' ORDER BY p.id`;
    const ours = mails.filter(({ payload }) => payload.to === 'auditor@school.example');
    expect(ours).toHaveLength(2);
    // What is mailed is enough to verify the log against later.
    expect(ours[0]!.payload.mail.enclosed).toContain(JSON.parse(first).checkpoint);
  });

  test('that was interrupted before it was on the log is gone on with as the store has it', async () => {
    const later = { ...outside, clock: () => new Date(Date.now() + 5 * 24 * 60 * 60_000) };
    const day = new Date(Date.now() + 4 * 24 * 60 * 60_000).toISOString().slice(0, 10);
    const failing = Object.create(later.database, {
      transact: {
        value: (caller: Caller, work: (tx: Transaction) => Promise<unknown>) =>
          caller.actor.kind === 'system' && caller.actor.id === 'digest'
            ? Promise.reject(new Error('the power went'))
            : later.database.transact(caller, work),
      },
    });
    await expect(signDailyDigest({ ...later, database: failing })).rejects.toThrow('the power went');
    const first = await stored(`digests/${day}.json`);
    const signature = await stored(`digests/${day}.json.asc`);
    await grow(3);
    expect(await signDailyDigest(later)).toBe(true);
    expect(await stored(`digests/${day}.json`)).toBe(first);
    expect(await stored(`digests/${day}.json.asc`)).toBe(signature);
    await integrateLog(outside);
    const row = await outside.database.read.auditEntry.findFirstOrThrow({
      where: { action: 'audit.digest_signed' },
      orderBy: { seq: 'desc' },
      include: { text: true },
    });
    expect(JSON.parse(row.text.canonical).details).toMatchObject({
      day,
      sha256: createHash('sha256').update(first).digest('hex'),
    });
    expect(await beginDigestWhenDue(later)).toBe(false);
  });
});

test('the mirror can be verified by itself, offline; what was changed in it is found', async () => {
  await grow(600);
  await publishLog(outside);
  await grow(70);
  await publishLog(outside);
  for await (const { key } of outside.objects.list(mirrorPrefix)) {
    const path = join(folder, key);
    await mkdir(dirname(path), { recursive: true });
    const pieces: Buffer[] = [];
    for await (const piece of await outside.objects.get(key)) pieces.push(piece);
    await writeFile(path, Buffer.concat(pieces));
  }
  const log = join(folder, 'log');
  const root = join(import.meta.dirname, '../../..');
  const verify = (...args: string[]) => {
    const run = spawnSync(process.execPath, [join(root, 'src/verifier/main.ts'), log, ...args], {
      env: { LANG: 'en' },
      encoding: 'utf8',
    });
    return { code: run.status, said: run.stdout + run.stderr };
  };
  const good = verify('--key', ownKey(outside));
  expect(good.said).toContain('Intact: the tree over');
  expect(good.code).toBe(0);
  expect(verify().said).toContain('The file itself states the key');
  const flip = async (path: string, run: () => Promise<void> | void) => {
    const before = await readFile(join(log, path));
    const changed = Buffer.from(before);
    changed[40]! ^= 1;
    await writeFile(join(log, path), changed);
    await run();
    await writeFile(join(log, path), before);
  };
  await flip('tile/0/001', () => {
    expect(verify()).toMatchObject({ code: 1, said: expect.stringContaining('are not those of the checkpoint') });
  });
  await flip('tile/0/000', () => {
    expect(verify()).toMatchObject({ code: 1, said: expect.stringContaining('TAMPERED') });
  });
  await rm(join(log, 'tile/0/000'));
  expect(verify()).toMatchObject({ code: 1, said: expect.stringContaining('tile/0/000 is missing') });
  await rm(join(log, 'checkpoint'));
  expect(verify()).toMatchObject({ code: 2, said: expect.stringContaining('holds no checkpoint') });
});
