import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { assertInReview } from './assert-in-review.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/**
 * Takes the decision on one segment back while the review is open: the segment waits for one again. The decision stays
 * on record, and whoever made it or took it back had a hand in the recording. A segment that waits is left alone.
 * @throws Refusal `NOT_FOUND`, `WRONG_STATE`, `SAME_PERSON`. Returns the recording's id.
 */
export async function takeDecisionBack({ database, clock }: Needs, caller: Caller, segmentId: Id): Promise<Id> {
  return database.transact(caller, async (tx) => {
    const segment = await tx.db.segment.findUnique({ where: { id: segmentId }, select: { recordingId: true } });
    if (!segment) throw new Refusal('NOT_FOUND');
    const { recordingId } = segment;
    const lessonId = await assertInReview(tx, caller, recordingId);
    const newest = await tx.db.decision.findFirst({ where: { segmentId }, orderBy: { id: 'desc' } });
    if (!newest?.kind) return recordingId;
    await tx.db.decision.create({
      data: { segmentId, kind: null, decidedById: staffIdOf(caller), decidedAt: clock() },
    });
    await tx.log({
      action: 'segment.decision_taken_back',
      outcome: 'done',
      object: { kind: 'segment', id: segmentId, recordingId, lessonId },
      details: { kind: newest.kind },
    });
    return recordingId;
  });
}
