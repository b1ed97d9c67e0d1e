import { randomUUID } from 'node:crypto';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'logSigner' | 'clock' | 'settings'>;

const caller: Caller = { actor: { kind: 'system', id: 'scrub' } };
const dayMs = 24 * 60 * 60_000;

/**
 * Queues the scrub when a pass is due or under way. A pass is begun every `scrubEveryMs` and is over when every object has
 * been read since it began; what was found damaged is looked at again every day.
 */
export async function beginScrubWhenDue(outside: Needs, isAsked = false): Promise<boolean> {
  const { database, clock, settings } = outside;
  const last = await database.read.integrityRun.findFirst({ where: { kind: 'scrub' }, orderBy: { startedAt: 'desc' } });
  const isOver = last === null || last.finishedAt !== null;
  const isDue =
    isOver && (isAsked || last === null || last.startedAt.getTime() + settings.scrubEveryMs <= clock().getTime());
  if (isOver && !isDue && !(await hasDamageToLookAt(outside))) return false;
  await database.transact(caller, async (tx) => {
    if (isDue) {
      // One pass at a time: of two processes that find it due, the second finds the first one's.
      await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(7305808869231652)`;
      const isThere = await tx.db.integrityRun.findFirst({ where: { kind: 'scrub', finishedAt: null } });
      if (!isThere) await tx.db.integrityRun.create({ data: { id: randomUUID(), kind: 'scrub', startedAt: clock() } });
    }
    await tx.enqueue('scrub-objects', {}, { key: 'scrub', queue: 'scrub' });
  });
  return true;
}

export const damagedAndOld = (at: Date) => ({
  faultCode: { not: null },
  scrubbedAt: { lt: new Date(at.getTime() - dayMs) },
});

async function hasDamageToLookAt({ database, clock }: Needs): Promise<boolean> {
  return (await database.read.objectScrub.count({ where: damagedAndOld(clock()) })) > 0;
}
