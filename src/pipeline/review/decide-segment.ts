import { isNotSeen, isRemovedBy, readRemovalEvidence } from '../../domain/attendance/remove-person.ts';
import { assertDecision, type DecisionInput } from '../../domain/decision.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { moveRecording } from '../core/move-recording.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { assertInReview } from './assert-in-review.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/**
 * What has to go because no permission covers a person goes as a whole, but for where a reviewer says that they are not seen.
 * @throws Refusal `INVALID_REQUEST` `REMOVAL_KEPT`.
 */
function assertRemoved(
  decision: DecisionInput & { readonly note?: string | undefined },
  parts: readonly { readonly evidence: unknown; readonly startMs: number; readonly endMs: number }[],
): void {
  for (const { evidence, startMs, endMs } of parts) {
    const { removal, person, tile } = readRemovalEvidence(evidence, 'finding.evidence');
    if (isRemovedBy({ removal, startMs, endMs }, decision) || isNotSeen({ removal, tile }, decision)) continue;
    const subject = { kind: 'field', id: 'kind' };
    throw new Refusal('INVALID_REQUEST', { reasons: [{ code: 'REMOVAL_KEPT', subject, params: { name: person } }] });
  }
}

/**
 * A reviewer's decision on one segment; a later one replaces it while the review is open. `refuse` rejects the
 * recording. The uploader may not review.
 * @throws Refusal `NOT_FOUND`, `WRONG_STATE`, `SAME_PERSON`, `INVALID_REQUEST`. Returns the recording's id.
 */
export async function decideSegment(
  { database, clock }: Needs,
  caller: Caller,
  segmentId: Id,
  decision: DecisionInput & { note?: string | undefined },
): Promise<Id> {
  return database.transact(caller, async (tx) => {
    const segment = await tx.db.segment.findUnique({
      where: { id: segmentId },
      include: { findings: { where: { source: 'attendance' } } },
    });
    if (!segment) throw new Refusal('NOT_FOUND');
    const { recordingId } = segment;
    assertDecision(decision, segment);
    assertRemoved(decision, segment.findings);
    const lessonId = await assertInReview(tx, caller, recordingId);
    const place = {
      ...(decision.region ? { region: { ...decision.region } } : {}),
      ...(typeof decision.startMs === 'number' ? { startMs: decision.startMs } : {}),
      ...(typeof decision.endMs === 'number' ? { endMs: decision.endMs } : {}),
    };
    await tx.db.decision.create({
      data: {
        segmentId,
        kind: decision.kind,
        ground: decision.kind === 'permitted' ? (decision.ground ?? null) : null,
        note: decision.note ?? null,
        ...place,
        decidedById: staffIdOf(caller),
        decidedAt: clock(),
      },
    });
    const object = { kind: 'segment', id: segmentId, recordingId, lessonId };
    await tx.log({
      action: 'segment.decided',
      outcome: 'done',
      object,
      details: { kind: decision.kind, ground: decision.ground ?? null, ...place },
    });
    if (decision.kind === 'refuse') {
      await moveRecording(tx, recordingId, 'reject', { stateCodes: ['SEGMENT_REFUSED'] });
      await tx.log({
        action: 'recording.rejected',
        outcome: 'done',
        object: { ...object, kind: 'recording', id: recordingId },
        details: { segment: segmentId, note: null },
      });
    }
    return recordingId;
  });
}
