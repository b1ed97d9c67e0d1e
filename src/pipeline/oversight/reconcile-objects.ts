import { randomUUID } from 'node:crypto';
import { sweepUploads } from '../intake/sweep-uploads.ts';
import { replayPersonTombstones } from '../people/replay-person-tombstones.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { replayTombstones } from '../retention/replay-tombstones.ts';
import { noteScrub, owners } from './note-scrub.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock' | 'settings' | 'logSigner'>;

const caller: Caller = { actor: { kind: 'system', id: 'reconcile' } };
const dayMs = 24 * 60 * 60_000;

/** Queues the comparison of database and store once a day. */
export async function beginReconcilingWhenDue({ database, clock }: Pick<Needs, 'database' | 'clock'>): Promise<void> {
  const last = await database.read.integrityRun.findFirst({
    where: { kind: 'reconcile', finishedAt: { not: null } },
    orderBy: { startedAt: 'desc' },
  });
  if (last !== null && last.startedAt.getTime() + dayMs > clock().getTime()) return;
  await database.transact(caller, (tx) => tx.enqueue('reconcile-objects', {}, { key: 'reconcile', queue: 'scrub' }));
}

/**
 * Compares database and store both ways. Rows without objects are reported like damage; objects without rows, once they are
 * old enough, are removed by the sweep and counted; recordings that a restored backup brought back are erased again.
 */
export async function reconcileObjects(outside: Needs): Promise<void> {
  const { database, clock } = outside;
  const startedAt = clock();
  const { replayed, notOurs } = await replayTombstones(outside);
  const people = await replayPersonTombstones(outside);
  const { orphans } = await sweepUploads(outside);
  const { objects, missing } = await findMissing(outside);
  await database.transact(caller, async (tx) => {
    const id = randomUUID();
    const counts = { objects, faults: missing, orphans, replayed };
    await tx.db.integrityRun.create({
      data: { id, kind: 'reconcile', startedAt, finishedAt: clock(), ...counts },
    });
    await tx.log({
      action: 'store.reconciled',
      outcome: missing + notOurs + people.notOurs + people.waiting > 0 ? 'failed' : 'done',
      object: { kind: 'reconcile', id },
      details: {
        ...counts,
        tombstonesNotOurs: notOurs + people.notOurs,
        ...(people.replayed > 0 ? { peopleReplayed: people.replayed } : {}),
        ...(people.waiting > 0 ? { peopleWaiting: people.waiting } : {}),
      },
    });
  });
}

/** Every row's body and envelope has to be in the listing, or answer when it is asked for by name. */
async function findMissing(outside: Needs): Promise<{ objects: number; missing: number }> {
  const { database, objects } = outside;
  const stored = new Set<string>();
  for (const prefix of ['recordings/', 'documents/']) for await (const { key } of objects.list(prefix)) stored.add(key);
  let count = 0;
  let missing = 0;
  for (let after: string | null = null; ; ) {
    const rows = await findRows(database, after);
    for (const row of rows) {
      count++;
      const envelopeKey = row.bodyKey.replace(/body$/, 'envelope');
      for (const [key, code] of [
        [row.bodyKey, 'BODY_MISSING'],
        [envelopeKey, 'ENVELOPE_MISSING'],
      ] as const) {
        if (stored.has(key) || (await objects.head(key)) !== null) continue;
        // Erased or sealed again since the listing began: then no row is left to miss it.
        await noteScrub(outside, row, { code, detail: 'the store has no such object' }, { passId: null, bytes: 0 });
        missing++;
        break;
      }
    }
    const last = rows.at(-1);
    if (!last || rows.length < 500) return { objects: count, missing };
    after = last.id;
  }
}

function findRows(database: Needs['database'], after: string | null) {
  return database.read.sealedObject.findMany({
    where: after === null ? {} : { id: { gt: after } },
    include: owners,
    orderBy: { id: 'asc' },
    take: 500,
  });
}
