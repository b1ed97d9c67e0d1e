import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { lockLesson } from '../core/gate-record.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/** @throws Refusal `NOT_FOUND`; `STATE_CHANGED` when it is lifted already. */
export async function liftHold({ database, clock }: Needs, caller: Caller, holdId: Id, why: string): Promise<void> {
  await database.transact(caller, async (tx) => {
    const row = await tx.db.legalHold.findUnique({
      where: { id: holdId },
      include: { recording: { select: { lessonId: true } } },
    });
    if (!row) throw new Refusal('NOT_FOUND');
    const lessonId = row.lessonId ?? row.recording?.lessonId;
    if (lessonId) await lockLesson(tx.db, lessonId);
    const { count } = await tx.db.legalHold.updateMany({
      where: { id: holdId, liftedAt: null },
      data: { liftedAt: clock(), liftedById: staffIdOf(caller), liftedWhy: why },
    });
    if (count === 0) throw new Refusal('STATE_CHANGED');
    await tx.log({
      action: 'recording.hold_lifted',
      outcome: 'done',
      object: { kind: 'hold', id: holdId, lessonId, recordingId: row.recordingId ?? undefined },
    });
  });
}
