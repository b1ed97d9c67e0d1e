import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { assertTransition, type StateCode, type Transition, transitions } from '../../domain/lifecycle.ts';
import type { Transaction } from '../ports/database.ts';

/**
 * Moves a recording from one state to another, only if it still stands where the transition starts. If two try at the
 * same instant, one wins; the other is told the current state.
 * @throws Refusal `NOT_FOUND`, `WRONG_STATE`, `STATE_CHANGED`.
 */
export async function moveRecording(
  tx: Transaction,
  recordingId: Id,
  transition: Transition,
  data: Omit<Prisma.RecordingUncheckedUpdateManyInput, 'state' | 'stateCodes'> & { stateCodes?: StateCode[] } = {},
): Promise<void> {
  const { from, to } = transitions[transition];
  const { count } = await tx.db.recording.updateMany({
    where: { id: recordingId, state: { in: [...from] } },
    data: { stateCodes: [], stateNote: null, ...data, state: to },
  });
  if (count === 1) return;
  const row = await tx.db.recording.findUnique({ where: { id: recordingId }, select: { state: true } });
  if (!row || row.state === 'receiving') throw new Refusal('NOT_FOUND');
  assertTransition(transition, row.state);
  throw new Refusal('STATE_CHANGED');
}

/** Takes back what was cleared and approved: an open release ends, and the rendition no longer counts. */
export async function putBackIntoReview(
  tx: Transaction,
  recordingId: Id,
  transition: 'reopen_review' | 'lift_quarantine',
  at: Date,
): Promise<void> {
  await moveRecording(tx, recordingId, transition, {
    clearedById: null,
    clearedAt: null,
    approvedById: null,
    approvedAt: null,
  });
  await tx.db.release.updateMany({
    where: { recordingId, endedAt: null },
    data: { endedAt: at, endedWhy: transition },
  });
  await tx.db.rendition.updateMany({ where: { recordingId, supersededAt: null }, data: { supersededAt: at } });
}

/** The lesson of a recording that is visible. @throws Refusal `NOT_FOUND`. */
export async function lessonOf(db: Transaction['db'], recordingId: Id): Promise<Id> {
  const row = await db.recording.findUnique({ where: { id: recordingId }, select: { lessonId: true, state: true } });
  if (!row || row.state === 'receiving') throw new Refusal('NOT_FOUND');
  return row.lessonId;
}
