import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import type { AuditEvent } from '../../domain/audit-event.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { LessonKind } from '../../domain/retention.ts';
import { renewAttendance } from '../attendance/settle-lesson.ts';
import { courseOf, lockLesson, soleLessonOf } from '../core/gate-record.ts';
import { quarantineUnlessGateHolds } from '../core/quarantine.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { getLesson } from './get-lesson.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/**
 * A changed reason voids the permissions given for the old one: the gate compares them. Policy P2. @throws Refusal
 * `NOT_FOUND`; `WRONG_STATE` `COURSE_DECIDES` for the reason or the supervisor of a lesson of a course.
 */
export async function changeLesson(
  { database, clock }: Needs,
  caller: Caller,
  lessonId: Id,
  change: {
    title?: string | undefined;
    kind?: LessonKind | undefined;
    reason?: string | undefined;
    supervisorName?: string | undefined;
  },
) {
  const { title, kind, reason, supervisorName } = change;
  const own = { ...(title === undefined ? {} : { title }), ...(kind === undefined ? {} : { kind }) };
  const asked = {
    ...(reason === undefined ? {} : { reason }),
    ...(supervisorName === undefined ? {} : { supervisorName }),
  };
  const event = {
    action: 'lesson.changed',
    details: { fields: [...Object.keys(own), ...Object.keys(asked)] },
  } as const;
  return applyChange({ database, clock }, caller, lessonId, { own, asked }, event);
}

/** What says when a lesson was, and when its recording began: who was there in the recorded time rests on it. */
const ofTimes = ['plannedStart', 'plannedEnd', 'announcedAt', 'announcedSecond'] as const;

/** Changes a lesson, and puts its recordings out of reach where its gate no longer holds. */
export async function applyChange(
  { database, clock }: Needs,
  caller: Caller,
  lessonId: Id,
  data: { readonly own: Prisma.LessonUpdateInput; readonly asked?: Prisma.CourseUpdateInput },
  event: Pick<Extract<AuditEvent, { action: 'lesson.changed' | 'lesson.announced' }>, 'action' | 'details'>,
) {
  await database.transact(caller, async (tx) => {
    await lockLesson(tx.db, lessonId);
    const { own, asked = {} } = data;
    if (Object.keys(asked).length > 0) {
      const courseId = await courseOf(tx.db, lessonId);
      if ((await soleLessonOf(tx.db, courseId)) === undefined)
        throw new Refusal('WRONG_STATE', { reasons: [{ code: 'COURSE_DECIDES' }] });
      await tx.db.course.update({ where: { id: courseId }, data: asked });
    }
    await tx.db.lesson.update({ where: { id: lessonId }, data: own });
    if (ofTimes.some((field) => own[field] !== undefined)) await renewAttendance(tx, lessonId, clock());
    await quarantineUnlessGateHolds(tx, lessonId, clock());
    await tx.log({ ...event, outcome: 'done', object: { kind: 'lesson', id: lessonId, lessonId } } as AuditEvent);
  });
  return getLesson({ database }, lessonId);
}
