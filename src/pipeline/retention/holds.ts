import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { staffIdOf } from '../lesson/lessons.ts';
import { lockLesson } from '../lesson/load-lesson.ts';
import { lessonOf } from '../move-recording.ts';
import type { Caller, Outside } from '../ports.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

export type HoldSubject = { readonly recordingId: Id } | { readonly lessonId: Id };

/** Holds that nobody has lifted and that are not over, the ones to look at first on top. */
export async function listHolds({ database, clock }: Needs) {
  const rows = await database.read.legalHold.findMany({
    where: { liftedAt: null, OR: [{ endsAt: null }, { endsAt: { gt: clock() } }] },
    include: { lesson: { select: { title: true } }, recording: { select: { lesson: { select: { title: true } } } } },
  });
  const due = (row: (typeof rows)[number]) => (row.endsAt ?? row.reviewAt)?.getTime() ?? 0;
  return rows
    .toSorted((a, b) => due(a) - due(b))
    .map((row) => ({ ...row, lessonTitle: row.lesson?.title ?? row.recording?.lesson.title ?? '' }));
}

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
        reasons: [
          {
            code: 'NOT_IN_FUTURE',
            subject: { kind: 'field', id: field },
            tr: 'Bu tarih geçmişte kalmış.',
            en: 'This date has passed already.',
          },
        ],
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
