import type { Id } from '../../domain/ids.ts';
import { assertTransition } from '../../domain/lifecycle.ts';
import { assertNoHold, type ErasureReason } from '../../domain/retention.ts';
import { lockLesson } from '../core/gate-record.ts';
import { lessonOf } from '../core/move-recording.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { askChange } from './ask-change.ts';
import { holdsOf } from './rules.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/**
 * An administrator wants a recording erased. It waits for a second administrator or for its time (`settle-change.ts`):
 * one administrator alone cannot make evidence go.
 * @throws Refusal `HOLD_IN_FORCE`, `WRONG_STATE`, `NOT_FOUND`, `ALREADY_EXISTS` when it waits already.
 */
export async function askErasure(
  outside: Needs & Pick<Outside, 'settings'>,
  caller: Caller,
  recordingId: Id,
  input: { why: ErasureReason; note: string | null },
): Promise<void> {
  const { database, clock } = outside;
  await database.transact(caller, async (tx) => {
    const lessonId = await lessonOf(tx.db, recordingId);
    await lockLesson(tx.db, lessonId);
    assertNoHold(await holdsOf(tx.db, { recordingId, lessonId }), clock());
    const { state, lesson } = await tx.db.recording.findUniqueOrThrow({
      where: { id: recordingId },
      select: { state: true, lesson: { select: { title: true } } },
    });
    assertTransition('erase', state);
    const payload = { ...input, lessonTitle: lesson.title };
    await askChange(outside, tx, caller, { kind: 'erasure', payload }, recordingId);
  });
}
