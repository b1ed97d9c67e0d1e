import { randomUUID } from 'node:crypto';
import type { Ground } from '../../domain/decision.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { lockLesson } from '../core/gate-record.ts';
import { lessonOf } from '../core/move-recording.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { reopenReview } from './reopen-review.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/**
 * Third-party material that a person knows to be in the recording. Policy P5. A recording that was cleared goes back to
 * review.
 * @throws Refusal `NOT_FOUND`, `WRONG_STATE` once the recording is over, `INVALID_REQUEST` for a range outside of it.
 */
export async function declareSegment(
  { database, clock }: Needs,
  caller: Caller,
  recordingId: Id,
  input: {
    title: string;
    rightsHolder?: string | undefined;
    startMs: number;
    endMs: number;
    ground?: Ground | undefined;
    note?: string | undefined;
  },
): Promise<void> {
  await database.transact(caller, async (tx) => {
    const lessonId = await lessonOf(tx.db, recordingId);
    await lockLesson(tx.db, lessonId);
    const row = await tx.db.recording.findUniqueOrThrow({ where: { id: recordingId } });
    const durationMs = Math.max(row.declaredDurationMs ?? 0, row.analysedDurationMs ?? 0);
    if (durationMs > 0 && input.startMs >= durationMs)
      throw new Refusal('INVALID_REQUEST', {
        reasons: [{ code: 'RANGE_OUTSIDE', subject: { kind: 'field', id: 'startMs' } }],
      });
    if (['cleared', 'approved', 'released'].includes(row.state)) await reopenReview(tx, recordingId, lessonId, clock());
    else if (!['sealed', 'in_review', 'quarantined'].includes(row.state)) throw new Refusal('WRONG_STATE');
    const id = randomUUID();
    const range = {
      startMs: input.startMs,
      endMs: durationMs > 0 ? Math.min(input.endMs, durationMs) : input.endMs,
    };
    await tx.db.segment.create({
      data: {
        id,
        recordingId,
        ...range,
        claimedGround: input.ground ?? null,
        declaredById: staffIdOf(caller),
        findings: {
          create: {
            recordingId,
            key: `declared:${id}`,
            source: 'declared',
            ...range,
            title: input.title,
            rightsHolder: input.rightsHolder ?? null,
            confidence: 1,
            evidence: { note: input.note ?? null },
          },
        },
      },
    });
    await tx.log({
      action: 'segment.declared',
      outcome: 'done',
      object: { kind: 'segment', id, recordingId, lessonId },
      details: { startMs: input.startMs, endMs: input.endMs, ground: input.ground ?? null },
    });
  });
}
