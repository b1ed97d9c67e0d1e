import { assertAllDecided } from '../../domain/decision.ts';
import type { Id } from '../../domain/ids.ts';
import { assertApproverIsSomebodyElse, type RecordingHands } from '../../domain/release.ts';
import { assertForRecording, lockLesson } from '../core/gate-record.ts';
import { lessonOf, moveRecording } from '../core/move-recording.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { getSegments } from '../review/view-segment.ts';

/**
 * An administrator who neither supplied nor changed nor reviewed the recording says that it may be released. Policy P1,
 * P5, P9. If two approve at the same instant, one succeeds and the other is refused.
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
      include: {
        segments: { select: { declaredById: true, decisions: { select: { decidedById: true } } } },
        renditions: { select: { requestedById: true } },
        captions: { select: { handIds: true } },
      },
    });
    const decided = row.segments.flatMap(({ decisions }) => decisions.map(({ decidedById }) => decidedById));
    const rendered = row.renditions.map(({ requestedById }) => requestedById);
    const hands: RecordingHands = {
      uploaderId: row.uploaderId,
      declaredByIds: [
        ...isThere(row.segments.map(({ declaredById }) => declaredById)),
        ...row.captions.flatMap(({ handIds }) => handIds),
      ],
      reviewerIds: isThere([...decided, ...rendered, row.clearedById]),
    };
    assertApproverIsSomebodyElse(hands, staffIdOf(caller));
    assertAllDecided(await getSegments(tx.db, recordingId));
    await assertForRecording(tx.db, { recordingId, lessonId }, clock(), { kind: 'clear' });
    await moveRecording(tx, recordingId, 'approve', { approvedById: staffIdOf(caller), approvedAt: clock() });
    await tx.log({
      action: 'recording.approved',
      outcome: 'done',
      object: { kind: 'recording', id: recordingId, recordingId, lessonId },
    });
  });
}

const isThere = (ids: readonly (Id | null)[]): Id[] => ids.filter((id) => id !== null);
