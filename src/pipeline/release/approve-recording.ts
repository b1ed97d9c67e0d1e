import { assertAllDecided } from '../../domain/decision.ts';
import { assertGateHolds } from '../../domain/gate.ts';
import type { Id } from '../../domain/ids.ts';
import { assertApproverIsSomebodyElse } from '../../domain/release.ts';
import { staffIdOf } from '../lesson/lessons.ts';
import { getGateRecord, lockLesson } from '../lesson/load-lesson.ts';
import { lessonOf, moveRecording, putBackIntoReview } from '../move-recording.ts';
import type { Caller, Outside } from '../ports.ts';
import { getSegments } from '../review/view-recording.ts';

/**
 * An administrator who neither uploaded nor reviewed the recording says that it may be released. Policy P1, P5, P9.
 * Of two who approve at the same instant one does, the other is refused.
 * @throws Refusal `SAME_PERSON`, `SEGMENTS_OPEN`, `PERMISSION_MISSING`, `WRONG_STATE`, `NOT_FOUND`.
 */
export async function approveRecording(
  { database, clock }: Pick<Outside, 'database' | 'clock'>,
  caller: Caller,
  recordingId: Id,
): Promise<void> {
  await database.transact(caller, async (tx) => {
    const lessonId = await lessonOf(tx.db, recordingId);
    await lockLesson(tx.db, lessonId);
    const row = await tx.db.recording.findUniqueOrThrow({
      where: { id: recordingId },
      include: { segments: { select: { decisions: { select: { decidedById: true } } } } },
    });
    const reviewerIds = row.segments.flatMap((segment) => segment.decisions.map((decision) => decision.decidedById));
    assertApproverIsSomebodyElse(
      { uploaderId: row.uploaderId, clearedById: row.clearedById, reviewerIds },
      staffIdOf(caller),
    );
    assertAllDecided(await getSegments(tx.db, recordingId));
    const { lesson, permissions } = await getGateRecord(tx.db, lessonId);
    assertGateHolds(lesson, permissions, clock());
    await moveRecording(tx, recordingId, 'approve', { approvedById: staffIdOf(caller), approvedAt: clock() });
    await tx.log({
      action: 'recording.approved',
      outcome: 'done',
      object: { kind: 'recording', id: recordingId, recordingId, lessonId },
    });
  });
}

/**
 * Puts a recording back into review once permission is there again; it has to be cleared and approved anew.
 * @throws Refusal `PERMISSION_MISSING`, `WRONG_STATE`, `NOT_FOUND`.
 */
export async function liftQuarantine(
  { database, clock }: Pick<Outside, 'database' | 'clock'>,
  caller: Caller,
  recordingId: Id,
): Promise<void> {
  await database.transact(caller, async (tx) => {
    const lessonId = await lessonOf(tx.db, recordingId);
    await lockLesson(tx.db, lessonId);
    const { lesson, permissions } = await getGateRecord(tx.db, lessonId);
    assertGateHolds(lesson, permissions, clock());
    await putBackIntoReview(tx, recordingId, 'lift_quarantine', clock());
    await tx.enqueue('check-recording', { recordingId }, { key: `check:${recordingId}` });
    await tx.log({
      action: 'recording.quarantine_lifted',
      outcome: 'done',
      object: { kind: 'recording', id: recordingId, recordingId, lessonId },
    });
  });
}
