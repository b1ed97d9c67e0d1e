import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import { reasonsOnLog } from '../../audit/persons.ts';
import { gateReasons } from '../../domain/gate.ts';
import type { Id } from '../../domain/ids.ts';
import { transitions } from '../../domain/lifecycle.ts';
import type { Database, Transaction } from '../ports/database.ts';
import { getGateRecord } from './gate-record.ts';
import { moveRecording } from './move-recording.ts';

/** Recordings that can go out of reach. */
export const live = { state: { in: [...transitions.quarantine.from] } };

/**
 * Puts every recording of a lesson out of reach when the gate no longer holds for it. The caller holds the lesson's lock.
 * Returns the recordings that went into quarantine.
 */
export async function quarantineUnlessGateHolds(tx: Transaction, lessonId: Id, at: Date): Promise<Id[]> {
  const { lesson, permissions } = await getGateRecord(tx.db, lessonId);
  if (gateReasons(lesson, permissions, at).length === 0) return [];
  const recordings = await tx.db.recording.findMany({
    where: { lessonId, ...live },
    select: { id: true, removals: { select: { personId: true } } },
  });
  const quarantined: Id[] = [];
  for (const { id, removals } of recordings) {
    const removed = new Set(removals.map(({ personId }) => personId));
    const reasons = gateReasons(lesson, permissions, at, { kind: 'keep', removed });
    if (reasons.length === 0) continue;
    quarantined.push(id);
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
  return quarantined;
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

/**
 * Puts recordings over a channel out of reach that is no longer approved, `most` of them. That closes each of their gates, so
 * none is asked. Locks the courses in the order of their ids. Returns how many went into quarantine.
 */
export async function quarantineOfChannel(tx: Transaction, channelId: Id, most: number): Promise<number> {
  const code = 'CHANNEL_NOT_APPROVED';
  await tx.db.$queryRaw`SELECT id FROM course WHERE "channelId" = ${channelId}::uuid ORDER BY id FOR UPDATE`;
  const found = await tx.db.recording.findMany({
    where: { ...live, lesson: { course: { channelId } } },
    orderBy: { id: 'asc' },
    take: most,
    select: { id: true },
  });
  const recordings = await tx.db.recording.updateManyAndReturn({
    where: { ...live, id: { in: found.map(({ id }) => id) } },
    data: { state: transitions.quarantine.to, stateCodes: [code], stateNote: null },
    select: { id: true, lessonId: true },
  });
  const reasons = reasonsOnLog([{ code, subject: { kind: 'channel', id: channelId } }]);
  for (const { id, lessonId } of recordings)
    await tx.log({
      action: 'recording.quarantined',
      outcome: 'done',
      object: { kind: 'recording', id, recordingId: id, lessonId },
      details: { reasons },
    });
  return recordings.length;
}

/** Lessons of which a recording could go out of reach, the earliest first; `most`: no more of them. */
export function findRecordedLessons(db: Database['read'], where: Prisma.LessonWhereInput, most?: number) {
  return db.lesson.findMany({
    where: { ...where, recordings: { some: live } },
    orderBy: { plannedStart: 'asc' },
    ...(most === undefined ? {} : { take: most }),
    select: { id: true, title: true, plannedStart: true },
  });
}
