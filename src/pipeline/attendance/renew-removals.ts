import type { AttendanceToCover } from '../../domain/attendance/coverage.ts';
import type { Id } from '../../domain/ids.ts';
import type { Transaction } from '../ports/database.ts';
import { reopenReview } from '../review/reopen-review.ts';
import { timeOfRecording } from './lesson-times.ts';
import { addParts, partsOf, readVoices } from './removal-parts.ts';

/** Those that have been looked at go back to a reviewer; of the others the review is still to come. */
const reviewed: readonly string[] = ['cleared', 'approved', 'released'];

/**
 * Works out anew what has to go from each recording of a lesson because of people who were removed from it: the gate asks for
 * no permission of theirs there, so whatever the reports show of them has to go. What is not proposed yet becomes segments, and
 * a recording that was reviewed goes back to review. What is proposed stays. The caller holds the lesson's lock.
 */
export async function renewRemovals(
  tx: Transaction,
  lesson: { readonly id: Id } & Parameters<typeof timeOfRecording>[2],
  attendance: AttendanceToCover,
  at: Date,
): Promise<void> {
  const recordings = await tx.db.recording.findMany({
    where: {
      lessonId: lesson.id,
      removals: { some: {} },
      state: { notIn: ['receiving', 'rejected', 'expired', 'erased'] },
    },
    orderBy: { id: 'asc' },
    include: { removals: { orderBy: { personId: 'asc' } } },
  });
  for (const { id: recordingId, removals, state, ...row } of recordings) {
    const voices = await readVoices(tx, recordingId);
    let segments = 0;
    for (const { personId, how, recordedFrom } of removals) {
      const time = timeOfRecording(row, recordedFrom, lesson);
      const name = attendance.names.get(personId) ?? '–';
      const removed = { recordingId, personId, name, how, time };
      const added = await addParts(tx, removed, partsOf(removed, attendance, voices).parts);
      segments += added;
      if (added === 0) continue;
      await tx.log({
        action: 'recording.person_removal_extended',
        outcome: 'done',
        object: { kind: 'recording', id: recordingId, recordingId, lessonId: lesson.id },
        details: {
          persons: [{ person: 'person', id: personId }],
          segments: added,
          from: new Date(time.startMs).toISOString(),
        },
      });
    }
    if (segments > 0 && reviewed.includes(state)) await reopenReview(tx, recordingId, lesson.id, at);
  }
}
