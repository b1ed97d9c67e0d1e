import { createHash, randomUUID } from 'node:crypto';
import type { Id } from '../../domain/ids.ts';
import { rewrapEnvelope, rewrapKeys } from '../../vault/envelope.ts';
import { KeyRefused, VaultCorrupt } from '../../vault/errors.ts';
import type { OpeningKey, RecipientKey } from '../../vault/keyring.ts';
import type { Caller, Outside } from '../ports.ts';
import {
  countOutdated,
  findOutdatedObjects,
  findOutdatedUploads,
  type OutdatedObject,
  wantedRecipients,
} from './outdated.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock'>;

const caller: Caller = { actor: { kind: 'system', id: 'rewrap' } };
const batchRows = 200;
/** Envelopes written to the store at a time. */
const writers = 16;
/** A run gives its place in the queue to other work after this. */
const runMs = 60_000;

interface Keys {
  readonly wanted: readonly string[];
  readonly recipients: readonly RecipientKey[];
  readonly openingKeys: readonly OpeningKey[];
}

interface Rewrapped extends OutdatedObject {
  readonly fresh: Buffer;
  readonly freshSha256: string;
}

/** Queues the walk when something is wrapped for other keys than the current ones: after a rotation, a restore, an upload beside it. */
export async function beginRewrapWhenDue(outside: Pick<Needs, 'database' | 'keyring'>): Promise<boolean> {
  const { database, keyring } = outside;
  await keyring.refresh();
  if ((await countOutdated(database, wantedRecipients(keyring))) === 0) return false;
  await database.transact(caller, (tx) => tx.enqueue('rewrap-envelopes', {}, { key: 'rewrap', queue: 'rewrap' }));
  return true;
}

/**
 * Wraps every session key for the current keys. No body is touched. Ends when nothing is left that could be wrapped; what
 * does not open is counted, said on the log and tried again with the next run. Safe beside uploads, and safe to kill: the
 * copy in the store is written before the row, so that a row which still names the old keys says exactly what is undone, and
 * at every instant both the row and the copy open with a key that is kept.
 */
export async function rewrapEnvelopes(outside: Needs, signal: AbortSignal): Promise<void> {
  const { database, keyring, clock } = outside;
  await keyring.refresh();
  const { recipients, openingKeys } = keyring;
  const keys: Keys = { wanted: wantedRecipients(keyring), recipients, openingKeys };
  const runId = await openRun(outside, keys.wanted);
  if (runId === null) return;
  const until = performance.now() + runMs;
  const unopened = new Set<Id>();
  for (;;) {
    for (let after: Id | null = null; ; ) {
      signal.throwIfAborted();
      if (performance.now() > until) {
        await database.transact(caller, (tx) => tx.enqueue('rewrap-envelopes', {}, { key: 'rewrap', queue: 'rewrap' }));
        return;
      }
      const rows: OutdatedObject[] = await findOutdatedObjects(database, keys.wanted, after, batchRows);
      await rewrapBatch(outside, runId, keys, rows, unopened, signal);
      if (rows.length < batchRows) break;
      after = rows.at(-1)!.id;
    }
    await rewrapUploads(outside, runId, keys, unopened);
    // What was sealed for the old keys meanwhile is behind the walk.
    if ((await countOutdated(database, keys.wanted)) <= unopened.size) break;
  }
  await database.read.rewrapRun.update({
    where: { id: runId },
    data: { finishedAt: clock(), failed: unopened.size },
  });
}

/** The run of these keys that is under way, or a new one; null when there is nothing to do. Runs for other keys are over. */
async function openRun({ database, clock }: Needs, wanted: readonly string[]): Promise<Id | null> {
  const left = await countOutdated(database, wanted);
  const open = await database.read.rewrapRun.findMany({ where: { finishedAt: null }, orderBy: { startedAt: 'desc' } });
  const ours = open.find(({ recipients }) => left > 0 && recipients.join() === wanted.join());
  await database.read.rewrapRun.updateMany({
    where: { id: { in: open.filter((run) => run !== ours).map(({ id }) => id) } },
    data: { finishedAt: clock() },
  });
  if (left === 0) return null;
  if (ours) return ours.id;
  const id = randomUUID();
  await database.read.rewrapRun.create({
    data: { id, recipients: [...wanted], startedAt: clock(), total: left },
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
    try {
      const fresh = Buffer.from(await rewrapEnvelope(row.envelope, keys.openingKeys, keys.recipients));
      rewrapped.push({ ...row, fresh, freshSha256: createHash('sha256').update(fresh).digest('hex') });
    } catch (error) {
      if (!(error instanceof VaultCorrupt || error instanceof KeyRefused)) throw error;
      if (!unopened.has(row.id)) failed.push(row.id);
      unopened.add(row.id);
    }
  }
  await inParallel(rewrapped, ({ bodyKey, fresh }) =>
    outside.objects.put(envelopeKeyOf(bodyKey), one(fresh), { signal }),
  );
  const done = await record(outside, runId, keys.wanted, rewrapped, failed);
  for (const row of rewrapped) if (!done.has(row.id)) await settle(outside, row);
}

/** Compare and swap on the digest of the envelope that was read. Returns the ids of the rows that took the new one. */
async function record(
  { database }: Needs,
  runId: Id,
  wanted: readonly string[],
  rewrapped: readonly Rewrapped[],
  failed: readonly Id[],
): Promise<Set<Id>> {
  if (rewrapped.length + failed.length === 0) return new Set();
  return database.transact(caller, async (tx) => {
    const swapped = await tx.db.$queryRaw<{ id: Id; envelopeSha256: string }[]>`
      UPDATE sealed_object AS o SET envelope = n.envelope, "envelopeSha256" = n.sha256, recipients = ${wanted}::text[]
      FROM unnest(${rewrapped.map(({ id }) => id)}::uuid[], ${rewrapped.map(({ fresh }) => fresh)}::bytea[],
                  ${rewrapped.map(({ freshSha256 }) => freshSha256)}::text[],
                  ${rewrapped.map(({ envelopeSha256 }) => envelopeSha256)}::text[]) AS n(id, envelope, sha256, old)
      WHERE o.id = n.id AND o."envelopeSha256" = n.old
      RETURNING o.id, o."envelopeSha256"`;
    await tx.db.rewrapRun.update({ where: { id: runId }, data: { done: { increment: swapped.length } } });
    await tx.log({
      action: 'keys.rewrapped',
      outcome: failed.length > 0 ? 'failed' : 'done',
      object: { kind: 'rewrap', id: runId },
      details: {
        recipients: wanted,
        // Binds each new envelope: the scrub holds what is stored against the newest of these.
        envelopes: Object.fromEntries(swapped.map(({ id, envelopeSha256 }) => [id, envelopeSha256])),
        ...(failed.length > 0 ? { unopened: failed } : {}),
      },
    });
    return new Set(swapped.map(({ id }) => id));
  });
}

/**
 * The row changed while its envelope was wrapped. Erased or sealed anew: the copy that we wrote must not stay. Wrapped by
 * somebody else: the copy becomes what stands in the row.
 */
async function settle({ database, objects }: Needs, { id, bodyKey }: OutdatedObject): Promise<void> {
  for (;;) {
    const find = () => database.read.sealedObject.findUnique({ where: { id }, select: { envelope: true } });
    const row = await find();
    if (row === null) {
      await objects.purge(envelopeKeyOf(bodyKey));
      return;
    }
    await objects.put(envelopeKeyOf(bodyKey), one(row.envelope));
    const now = await find();
    if (now !== null && Buffer.compare(now.envelope, row.envelope) === 0) return;
  }
}

async function rewrapUploads(outside: Needs, runId: Id, keys: Keys, unopened: Set<Id>): Promise<void> {
  const { database } = outside;
  for (let after: Id | null = null; ; ) {
    const rows: { id: Id; wrappedKey: Uint8Array }[] = await findOutdatedUploads(
      database,
      keys.wanted,
      after,
      batchRows,
    );
    for (const { id, wrappedKey } of rows) {
      let fresh: Uint8Array;
      try {
        fresh = await rewrapKeys(wrappedKey, keys.openingKeys, keys.recipients);
      } catch (error) {
        if (!(error instanceof VaultCorrupt || error instanceof KeyRefused)) throw error;
        unopened.add(id);
        continue;
      }
      const { count } = await database.read.upload.updateMany({
        where: { id, wrappedKey: Uint8Array.from(wrappedKey) },
        data: { wrappedKey: Uint8Array.from(fresh), recipients: [...keys.wanted] },
      });
      await database.read.rewrapRun.update({ where: { id: runId }, data: { done: { increment: count } } });
    }
    if (rows.length < batchRows) return;
    after = rows.at(-1)!.id;
  }
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
