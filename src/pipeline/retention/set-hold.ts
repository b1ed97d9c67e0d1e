import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { lockLesson } from '../core/gate-record.ts';
import { lessonOf } from '../core/move-recording.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

export type HoldSubject = { readonly recordingId: Id } | { readonly lessonId: Id };

/**
 * Keeps a recording, or all recordings of a lesson, from being erased until a date, or until somebody lifts the hold. It
 * opens nothing: the gate still decides who may watch.
 * @throws Refusal `NOT_FOUND`, `WRONG_STATE` for a recording that is erased already, `INVALID_REQUEST` for a date that has passed.
 */
export async function setHold(
  { database, clock }: Needs,
  caller: Caller,
  subject: HoldSubject,
  input: { reason: string; endsAt?: Date | undefined; reviewAt?: Date | undefined },
) {
  for (const [field, date] of Object.entries({ endsAt: input.endsAt, reviewAt: input.reviewAt }))
    if (date && date <= clock())
      throw new Refusal('INVALID_REQUEST', {
        reasons: [{ code: 'NOT_IN_FUTURE', subject: { kind: 'field', id: field } }],
      });
  return database.transact(caller, async (tx) => {
    const lessonId = 'lessonId' in subject ? subject.lessonId : await lessonOf(tx.db, subject.recordingId);
    await lockLesson(tx.db, lessonId);
    if ('recordingId' in subject) {
      const { state } = await tx.db.recording.findUniqueOrThrow({ where: { id: subject.recordingId } });
      if (state === 'erased') throw new Refusal('WRONG_STATE');
    }
    const row = await tx.db.legalHold.create({
      data: {
        ...subject,
        reason: input.reason,
        endsAt: input.endsAt ?? null,
        reviewAt: input.reviewAt ?? null,
        setById: staffIdOf(caller),
        setAt: clock(),
      },
    });
    await tx.log({
      action: 'recording.hold_set',
      outcome: 'done',
      object: { kind: 'hold', id: row.id, lessonId, ...('recordingId' in subject ? subject : {}) },
      details: { endsAt: row.endsAt?.toISOString() ?? null, reviewAt: row.reviewAt?.toISOString() ?? null },
    });
    return row;
  });
}
