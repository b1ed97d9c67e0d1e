import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import { reasonsOnLog } from '../../audit/persons.ts';
import { gateReasons } from '../../domain/gate.ts';
import type { Id } from '../../domain/ids.ts';
import { transitions } from '../../domain/lifecycle.ts';
import type { Database, Transaction } from '../ports/database.ts';
import { getGateRecord } from './gate-record.ts';
import { moveRecording } from './move-recording.ts';

const live = { state: { in: [...transitions.quarantine.from] } };

/**
 * Puts every recording of a lesson out of reach when the gate no longer holds for it. The caller holds the lesson's lock.
 * Returns the recordings that went into quarantine.
 */
export async function quarantineUnlessGateHolds(tx: Transaction, lessonId: Id, at: Date): Promise<Id[]> {
  const { lesson, permissions } = await getGateRecord(tx.db, lessonId);
  const reasons = gateReasons(lesson, permissions, at);
  if (reasons.length === 0) return [];
  const recordings = await tx.db.recording.findMany({ where: { lessonId, ...live }, select: { id: true } });
  for (const { id } of recordings) {
    await moveRecording(tx, id, 'quarantine', {
      stateCodes: [...new Set(reasons.map((reason) => reason.code))],
    });
    await tx.log({
      action: 'recording.quarantined',
      outcome: 'done',
      object: { kind: 'recording', id, recordingId: id, lessonId },
      details: { reasons: reasonsOnLog(reasons) },
    });
  }
  return recordings.map(({ id }) => id);
}

/** The same for every lesson of a course with something to put out of reach. The caller holds the course's lock. */
export async function quarantineInCourse(tx: Transaction, courseId: Id, at: Date): Promise<Id[]> {
  const lessons = await tx.db.lesson.findMany({
    where: { courseId, recordings: { some: live } },
    select: { id: true },
    orderBy: { id: 'asc' },
  });
  const quarantined: Id[] = [];
  for (const { id } of lessons) quarantined.push(...(await quarantineUnlessGateHolds(tx, id, at)));
  return quarantined;
}

/** Lessons of which a recording could go out of reach, the earliest first. */
export function findRecordedLessons(db: Database['read'], where: Prisma.LessonWhereInput) {
  return db.lesson.findMany({
    where: { ...where, recordings: { some: live } },
    orderBy: { plannedStart: 'asc' },
    select: { id: true, title: true, plannedStart: true },
  });
}
