import { createHash, randomUUID } from 'node:crypto';
import type { Id } from '../../domain/ids.ts';
import { openEnvelope, rewrapEnvelope, rewrapKeys } from '../../vault/envelope.ts';
import { KeyRefused, VaultCorrupt } from '../../vault/errors.ts';
import type { OpeningKey, RecipientKey } from '../../vault/keyring.ts';
import { keyCommitment } from '../../vault/seal.ts';
import { currentEpoch, lockForNow, openLock } from '../core/envelope-lock.ts';
import type { Caller } from '../ports/caller.ts';
import { ObjectMissing } from '../ports/object-store.ts';
import type { Outside } from '../ports/outside.ts';
import { endEpochs } from './end-epochs.ts';
import {
  countOutdated,
  findOutdatedObjects,
  findOutdatedUploads,
  type OutdatedObject,
  type Wanted,
  wantedOf,
} from './outdated.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock'>;

const caller: Caller = { actor: { kind: 'system', id: 'rewrap' } };
const batchRows = 200;
/** Longer than any envelope: a hundred recipients. */
const maxEnvelopeBytes = 64 * 1024;
/** Envelopes written to the store at a time. */
const writers = 16;
/** A run gives its place in the queue to other work after this. */
const runMs = 60_000;

interface Keys {
  readonly wanted: Wanted;
  readonly recipients: readonly RecipientKey[];
  readonly openingKeys: readonly OpeningKey[];
}

interface Rewrapped extends OutdatedObject {
  readonly fresh: Uint8Array;
  readonly freshSha256: string;
}

/**
 * Queues the walk if anything is wrapped for other keys or locked under another epoch: after a rotation, a restore, or
 * an upload beside it.
 */
export async function beginRewrapWhenDue(outside: Pick<Needs, 'database' | 'keyring'>): Promise<boolean> {
  const { database, keyring } = outside;
  await keyring.refresh();
  if ((await countOutdated(database, wantedOf(keyring))) === 0) return false;
  await database.transact(caller, (tx) => tx.enqueue('rewrap-envelopes', {}, { key: 'rewrap', queue: 'rewrap' }));
  return true;
}

/**
 * Wraps every session key for the current keys, and locks every row's envelope under the current epoch. No body is touched. Ends when nothing is left that could be wrapped; what
 * does not open is counted, said on the log and tried again with the next run. Safe beside uploads, and safe to kill: the
 * copy in the store is written before the row, so that a row which still names the old keys says exactly what is undone, and
 * at every instant both the row and the copy open with a key that is kept.
 */
export async function rewrapEnvelopes(outside: Needs, signal: AbortSignal): Promise<void> {
  const { database, keyring, clock } = outside;
  await keyring.refresh();
  const { recipients, openingKeys } = keyring;
  const keys: Keys = { wanted: wantedOf(keyring), recipients, openingKeys };
  const runId = await openRun(outside, keys.wanted);
  if (runId === null) {
    await endEpochs(outside);
    return;
  }
  const until = performance.now() + runMs;
  const unopened = new Set<Id>();
  for (;;) {
    for (let after: Id | null = null; ; ) {
      signal.throwIfAborted();
      if (performance.now() > until || currentEpoch(keyring).epoch !== keys.wanted.epoch) {
        await database.transact(caller, (tx) => tx.enqueue('rewrap-envelopes', {}, { key: 'rewrap', queue: 'rewrap' }));
        return;
      }
      const rows: OutdatedObject[] = await findOutdatedObjects(database, keys.wanted, after, batchRows);
      await rewrapBatch(outside, runId, keys, rows, unopened, signal);
      const last = rows.at(-1);
      if (!last || rows.length < batchRows) break;
      after = last.id;
    }
    await rewrapUploads(outside, runId, keys, unopened);
    await rewrapPeopleKey(outside, runId, keys, unopened);
    // Objects sealed for the old keys meanwhile are behind the walk.
    if ((await countOutdated(database, keys.wanted)) <= unopened.size) break;
  }
  await database.read.rewrapRun.update({
    where: { id: runId },
    data: { finishedAt: clock(), failed: unopened.size },
  });
  await endEpochs(outside);
}

/** The run of these keys that is under way, or a new one; null when there is nothing to do. Runs for other keys are over. */
async function openRun({ database, clock }: Needs, wanted: Wanted): Promise<Id | null> {
  const left = await countOutdated(database, wanted);
  const open = await database.read.rewrapRun.findMany({ where: { finishedAt: null }, orderBy: { startedAt: 'desc' } });
  const ours = open.find(({ recipients }) => left > 0 && recipients.join() === wanted.recipients.join());
  await database.read.rewrapRun.updateMany({
    where: { id: { in: open.filter((run) => run !== ours).map(({ id }) => id) } },
    data: { finishedAt: clock() },
  });
  if (left === 0) return null;
  if (ours) return ours.id;
  const id = randomUUID();
  await database.read.rewrapRun.create({
    data: { id, recipients: [...wanted.recipients], startedAt: clock(), total: left },
  });
  return id;
}

async function rewrapBatch(
  outside: Needs,
  runId: Id,
  keys: Keys,
  rows: readonly OutdatedObject[],
  unopened: Set<Id>,
  signal: AbortSignal,
): Promise<void> {
  const rewrapped: Rewrapped[] = [];
  const failed: Id[] = [];
  for (const row of rows) {
    const result = await rewrapOne(outside, keys, row);
    if (result.rewrapped !== null) rewrapped.push(result.rewrapped);
    if (!result.isFailed) continue;
    if (!unopened.has(row.id)) failed.push(row.id);
    unopened.add(row.id);
  }
  const changed = rewrapped.filter((row) => row.freshSha256 !== row.envelopeSha256);
  await inParallel(changed, ({ bodyKey, fresh }) =>
    outside.objects.put(envelopeKeyOf(bodyKey), one(fresh), { signal }),
  );
  const done = await record(outside, runId, keys.wanted, rewrapped, failed);
  for (const row of changed) if (!done.has(row.id)) await settleCopy(outside, row);
}

/**
 * A row that is only under another epoch keeps its envelope, and nothing is written to the store for it. So does one that no
 * key opens: it must not hold up the end of the epoch.
 */
async function rewrapOne(
  outside: Needs,
  keys: Keys,
  row: OutdatedObject,
): Promise<{ rewrapped: Rewrapped | null; isFailed: boolean }> {
  let kept: Rewrapped | null = null;
  try {
    const { envelope, isOfRow } = await envelopeOf(outside, keys, row);
    if (isOfRow && row.epoch !== keys.wanted.epoch) kept = { ...row, fresh: envelope, freshSha256: row.envelopeSha256 };
    if (kept && row.recipients?.join() === keys.wanted.recipients.join()) return { rewrapped: kept, isFailed: false };
    const fresh = await rewrapEnvelope(envelope, keys.openingKeys, keys.recipients);
    const freshSha256 = createHash('sha256').update(fresh).digest('hex');
    return { rewrapped: { ...row, fresh, freshSha256 }, isFailed: false };
  } catch (error) {
    if (!(error instanceof VaultCorrupt || error instanceof KeyRefused)) throw error;
    return { rewrapped: kept, isFailed: true };
  }
}

/**
 * After a restore of the database the row may lie under an epoch that is gone. What is not erased has its copy in the store;
 * it counts when it holds the session key that the row is bound to.
 */
async function envelopeOf({ objects, keyring }: Needs, keys: Keys, row: OutdatedObject) {
  let locked: unknown;
  try {
    return { envelope: await openLock(keyring, row), isOfRow: true };
  } catch (error) {
    if (!isLocked(error)) throw error;
    locked = error;
  }
  const pieces: Uint8Array[] = [];
  try {
    const range = { start: 0, end: maxEnvelopeBytes };
    for await (const piece of await objects.get(envelopeKeyOf(row.bodyKey), range)) pieces.push(piece);
  } catch (error) {
    if (error instanceof ObjectMissing) throw locked;
    throw error;
  }
  const envelope = Buffer.concat(pieces);
  const opened = await openEnvelope(envelope, keys.openingKeys);
  const isSame = keyCommitment(opened.sessionKey) === row.commitment && Buffer.compare(opened.salt, row.salt) === 0;
  opened.sessionKey.fill(0);
  if (!isSame) throw locked;
  return { envelope, isOfRow: false };
}

const isLocked = (error: unknown) =>
  (error instanceof KeyRefused && error.code === 'EPOCH_GONE') ||
  (error instanceof VaultCorrupt && error.code === 'LOCK');

/** Compare and swap on the digest and the epoch of the envelope that was read. Returns the ids of the rows that took the new one. */
async function record(
  { database, keyring }: Needs,
  runId: Id,
  wanted: Wanted,
  rewrapped: readonly Rewrapped[],
  failed: readonly Id[],
): Promise<Set<Id>> {
  if (rewrapped.length + failed.length === 0) return new Set();
  const locked = rewrapped.map(({ id, fresh }) => lockForNow(keyring, id, fresh));
  return database.transact(caller, async (tx) => {
    const swapped = await tx.db.$queryRaw<{ id: Id; envelopeSha256: string }[]>`
      UPDATE sealed_object AS o SET envelope = n.envelope, "envelopeSha256" = n.sha256, epoch = n.epoch,
        recipients = CASE WHEN n.sha256 = n.old THEN o.recipients ELSE ${wanted.recipients}::text[] END
      FROM unnest(${rewrapped.map(({ id }) => id)}::uuid[], ${locked.map(({ envelope }) => envelope)}::bytea[],
                  ${rewrapped.map(({ freshSha256 }) => freshSha256)}::text[],
                  ${rewrapped.map(({ envelopeSha256 }) => envelopeSha256)}::text[],
                  ${locked.map(({ epoch }) => epoch)}::int[], ${rewrapped.map(({ epoch }) => epoch)}::int[])
             AS n(id, envelope, sha256, old, epoch, "oldEpoch")
      WHERE o.id = n.id AND o."envelopeSha256" = n.old AND o.epoch = n."oldEpoch"
      RETURNING o.id, o."envelopeSha256"`;
    await tx.db.rewrapRun.update({ where: { id: runId }, data: { done: { increment: swapped.length } } });
    await tx.log({
      action: 'keys.rewrapped',
      outcome: failed.length > 0 ? 'failed' : 'done',
      object: { kind: 'rewrap', id: runId },
      details: {
        recipients: wanted.recipients,
        epoch: wanted.epoch,
        // Binds each new envelope: the scrub compares stored envelopes with the newest of these.
        envelopes: Object.fromEntries(swapped.map(({ id, envelopeSha256 }) => [id, envelopeSha256])),
        ...(failed.length > 0 ? { unopened: failed } : {}),
      },
    });
    return new Set(swapped.map(({ id }) => id));
  });
}

/**
 * Makes the copy in the store what stands in the row, which may have changed while its envelope was wrapped: by somebody
 * else, and then the copy becomes theirs; or it was erased or sealed again, and then no copy may stay.
 */
export async function settleCopy(
  { database, objects, keyring }: Pick<Needs, 'database' | 'objects' | 'keyring'>,
  { id, bodyKey }: Pick<OutdatedObject, 'id' | 'bodyKey'>,
): Promise<void> {
  for (;;) {
    const find = () => database.read.sealedObject.findUnique({ where: { id } });
    const row = await find();
    if (row === null) {
      await objects.purge(envelopeKeyOf(bodyKey));
      return;
    }
    await objects.put(envelopeKeyOf(bodyKey), one(await openLock(keyring, row)));
    const now = await find();
    if (now?.envelopeSha256 === row.envelopeSha256) return;
  }
}

async function rewrapUploads(outside: Needs, runId: Id, keys: Keys, unopened: Set<Id>): Promise<void> {
  const { database, keyring } = outside;
  for (let after: Id | null = null; ; ) {
    const rows = await findOutdatedUploads(database, keys.wanted, after, batchRows);
    for (const { id, wrappedKey, epoch } of rows) {
      let fresh: ReturnType<typeof lockForNow>;
      try {
        const plain = await openLock(keyring, { id, envelope: wrappedKey, epoch });
        fresh = lockForNow(keyring, id, await rewrapKeys(plain, keys.openingKeys, keys.recipients));
      } catch (error) {
        if (!(error instanceof VaultCorrupt || error instanceof KeyRefused)) throw error;
        unopened.add(id);
        continue;
      }
      const { count } = await database.read.upload.updateMany({
        where: { id, wrappedKey: Uint8Array.from(wrappedKey) },
        data: { wrappedKey: fresh.envelope, epoch: fresh.epoch, recipients: [...keys.wanted.recipients] },
      });
      await database.read.rewrapRun.update({ where: { id: runId }, data: { done: { increment: count } } });
    }
    const last = rows.at(-1);
    if (!last || rows.length < batchRows) return;
    after = last.id;
  }
}

async function rewrapPeopleKey({ database }: Needs, runId: Id, keys: Keys, unopened: Set<Id>): Promise<void> {
  const row = await database.read.peopleKey.findFirst();
  if (!row || row.recipients.join() === keys.wanted.recipients.join()) return;
  let fresh: Uint8Array;
  try {
    fresh = await rewrapKeys(row.wrappedKey, keys.openingKeys, keys.recipients);
  } catch (error) {
    if (!(error instanceof VaultCorrupt || error instanceof KeyRefused)) throw error;
    unopened.add(row.schoolId);
    return;
  }
  const { count } = await database.read.peopleKey.updateMany({
    where: { schoolId: row.schoolId, wrappedKey: Uint8Array.from(row.wrappedKey) },
    data: { wrappedKey: Uint8Array.from(fresh), recipients: [...keys.wanted.recipients] },
  });
  await database.read.rewrapRun.update({ where: { id: runId }, data: { done: { increment: count } } });
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  const settled = await Promise.allSettled(Array.from({ length: writers }, worker));
  for (const result of settled) if (result.status === 'rejected') throw result.reason;
}

const envelopeKeyOf = (bodyKey: string) => bodyKey.replace(/body$/, 'envelope');

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
