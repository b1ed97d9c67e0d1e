import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

const caller: Caller = { actor: { kind: 'system', id: 'erasure' } };

/** Queues erasures of people that are not finished: those whose time has come, and those whose job was lost. Run by the clock. */
export async function queuePersonErasures({ database, clock }: Pick<Outside, 'database' | 'clock'>): Promise<number> {
  const due = await database.read.personErasure.findMany({
    where: { state: { not: 'done' }, OR: [{ retryAt: null }, { retryAt: { lte: clock() } }] },
    select: { personId: true },
  });
  await database.transact(caller, async (tx) => {
    for (const { personId } of due) {
      const key = `erase-person:${personId}`;
      await tx.enqueue('erase-person', { personId }, { key, queue: key });
    }
  });
  return due.length;
}
