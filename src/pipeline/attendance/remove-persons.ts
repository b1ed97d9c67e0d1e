import type { RemovalWay } from '../../domain/attendance/remove-person.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { lockLesson } from '../core/gate-record.ts';
import { lessonOf } from '../core/move-recording.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { liftOne } from '../release/lift-quarantine.ts';
import { reopenReview } from '../review/reopen-review.ts';
import { readNames } from './attendance-people.ts';
import { timeOfRecording } from './lesson-times.ts';
import { addParts, partsOf, readVoices } from './removal-parts.ts';
import { readAttendanceOf, toCover } from './settle-lesson.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

export interface PersonRemoval {
  readonly personIds: readonly Id[];
  readonly why: string;
  /** Absent: as it was said before for this person, or as the reports allow. */
  readonly how?: RemovalWay | undefined;
  /** When the recording began; null: as it was said before for this person, or as the announcement or the plan of the lesson says. */
  readonly recordedFrom: Date | null;
}

/**
 * Lets a recording stay without the picture and sound of somebody whom no permission covers: proposes what has to go, from when
 * they were there by the reports, as segments that a reviewer decides. Until each of them is decided it cannot be cleared. A
 * recording in quarantine goes back to review if nothing else is missing; one that was cleared or shown goes back too.
 * How they go and when the recording began are kept with the removal: what later reports show of them goes in the same way
 * (`renew-removals.ts`). The result is without that person as far as people have confirmed, and never anonymous. Policy P1; design, section 8.
 * @throws Refusal `NOT_FOUND`, `WRONG_STATE`, `PERMISSION_MISSING` with what else is missing; `INVALID_REQUEST`
 * `ATTENDEE_NOT_THERE`.
 */
export async function removePersons(
  { database, clock }: Needs,
  caller: Caller,
  recordingId: Id,
  { personIds, why, how: asked, recordedFrom }: PersonRemoval,
): Promise<{ segments: number }> {
  return database.transact(caller, async (tx) => {
    const lessonId = await lessonOf(tx.db, recordingId);
    await lockLesson(tx.db, lessonId);
    const row = await tx.db.recording.findUniqueOrThrow({ where: { id: recordingId } });
    const found = await readAttendanceOf(tx.db, lessonId);
    const names = await readNames(tx.db, personIds);
    const attendance = toCover(found, names);
    const by = { why, decidedById: staffIdOf(caller), decidedAt: clock() };
    const voices = await readVoices(tx, recordingId);
    let segments = 0;
    for (const personId of new Set(personIds)) {
      const name = names.get(personId);
      if (name === undefined) throw new Refusal('NOT_FOUND');
      const key = { recordingId, personId };
      const before = await tx.db.attendeeRemoval.findUnique({ where: { recordingId_personId: key } });
      const from = recordedFrom ?? before?.recordedFrom ?? null;
      const time = timeOfRecording(row, from, found.lesson);
      const removed = { ...key, name, how: asked ?? before?.how ?? null, time };
      const { how, parts } = partsOf(removed, attendance, voices);
      if (parts.length === 0)
        throw new Refusal('INVALID_REQUEST', { reasons: [{ code: 'ATTENDEE_NOT_THERE', params: { name } }] });
      const data = { how, recordedFrom: from, ...by };
      await tx.db.attendeeRemoval.upsert({
        where: { recordingId_personId: key },
        create: { ...key, ...data },
        update: data,
      });
      const added = await addParts(tx, removed, parts);
      segments += added;
      await tx.log({
        action: 'recording.person_removal_begun',
        outcome: 'done',
        object: { kind: 'recording', id: recordingId, recordingId, lessonId },
        details: {
          persons: [{ person: 'person', id: personId }],
          segments: added,
          from: new Date(time.startMs).toISOString(),
          why,
        },
      });
    }
    await backToReview(tx, { recordingId, lessonId, state: row.state }, clock());
    return { segments };
  });
}

async function backToReview(
  tx: Transaction,
  { recordingId, lessonId, state }: { recordingId: Id; lessonId: Id; state: string },
  at: Date,
): Promise<void> {
  if (state === 'quarantined') {
    await liftOne(tx, { recordingId, lessonId }, at);
  } else if (['cleared', 'approved', 'released'].includes(state)) await reopenReview(tx, recordingId, lessonId, at);
  else if (!['sealed', 'in_review'].includes(state)) throw new Refusal('WRONG_STATE');
}
