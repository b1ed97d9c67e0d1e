import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

/** Says that a task is done. @throws Refusal `NOT_FOUND`, `STATE_CHANGED` `TASK_DONE_ALREADY`. */
export function finishTask(
  { database, clock }: Pick<Outside, 'database' | 'clock'>,
  caller: Caller,
  taskId: Id,
): Promise<void> {
  return database.transact(caller, async (tx) => {
    const row = await tx.db.task.findUnique({ where: { id: taskId } });
    if (!row) throw new Refusal('NOT_FOUND');
    const { count } = await tx.db.task.updateMany({
      where: { id: taskId, doneAt: null },
      data: { doneAt: clock(), doneById: staffIdOf(caller) },
    });
    if (count === 0) throw new Refusal('STATE_CHANGED', { reasons: [{ code: 'TASK_DONE_ALREADY' }] });
    await tx.log({
      action: 'task.done',
      outcome: 'done',
      object: { kind: 'person', id: row.personId },
      details: { kind: row.kind },
    });
  });
}
