import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { isSecond } from '../../domain/retention-change.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { lockWaiting, objectOf, takeEffect } from './settle-change.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/**
 * A second administrator agrees: the change takes effect at once.
 * @throws Refusal `SAME_PERSON`, `NOT_FOUND`, `STATE_CHANGED`, and what the change itself is refused with.
 */
export async function confirmChange({ database, clock }: Needs, caller: Caller, changeId: Id): Promise<void> {
  await database.transact(caller, async (tx) => {
    const row = await lockWaiting(tx, changeId);
    if (!isSecond(row.requestedById, staffIdOf(caller)))
      throw new Refusal('SAME_PERSON', {
        reasons: [{ code: 'SECOND_ADMINISTRATOR' }],
      });
    await tx.log({
      action: 'retention.change_confirmed',
      outcome: 'done',
      object: objectOf(row),
      details: { kind: row.kind },
    });
    await takeEffect(tx, caller, row, clock());
  });
}
