import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { decide } from './factor-reset.ts';

type Needs = Pick<Outside, 'database' | 'clock'> & {
  readonly settings: Pick<Outside['settings'], 'sendsMail' | 'baseUrl'>;
};

/** Any administrator calls a request back. @throws Refusal `NOT_FOUND`, `STATE_CHANGED`. */
export async function cancelFactorReset(outside: Needs, caller: Caller, resetId: Id): Promise<void> {
  await outside.database.transact(caller, async (tx) => {
    const row = await tx.db.factorReset.findUnique({ where: { id: resetId } });
    if (!row) throw new Refusal('NOT_FOUND');
    await decide(tx, outside, resetId, { outcome: 'cancelled', decidedById: staffIdOf(caller) });
    const object = { kind: 'staff', id: row.userId };
    await tx.log({ action: 'staff.factor_reset_cancelled', outcome: 'done', object });
  });
}
