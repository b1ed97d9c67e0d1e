import { isUnavailable, Refusal } from '../../domain/errors.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { callBack, lockWaiting, takeEffect } from './settle-change.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

const system: Caller = { actor: { kind: 'system', id: 'retention' } };

/**
 * Changes whose time has come take effect. One whose administrator is no longer one, or that is not possible any more, is
 * called back; one that a legal hold stands against goes on waiting. Run by the clock. Returns how many took effect.
 */
export async function applyDueChanges({ database, clock }: Needs): Promise<number> {
  const due = await database.read.retentionChange.findMany({
    where: { state: 'waiting', effectiveAt: { lte: clock() } },
    orderBy: { effectiveAt: 'asc' },
    select: { id: true },
  });
  let applied = 0;
  for (const { id } of due) {
    try {
      const isApplied = await database.transact(system, async (tx) => {
        const row = await lockWaiting(tx, id);
        const by = await tx.db.user.findFirst({ where: { id: row.requestedById } });
        if (by === null || by.disabledAt !== null || !by.roles.includes('administrator')) {
          await callBack(tx, row, null, clock());
          return false;
        }
        await takeEffect(tx, system, row, clock());
        return true;
      });
      if (isApplied) applied++;
    } catch (error) {
      if (!(error instanceof Refusal) || isUnavailable(error)) throw error;
      if (error.code === 'HOLD_IN_FORCE' || error.code === 'STATE_CHANGED') continue;
      await database.transact(system, async (tx) => callBack(tx, await lockWaiting(tx, id), null, clock()));
    }
  }
  return applied;
}
