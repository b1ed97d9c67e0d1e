import type { Id } from '../../domain/ids.ts';
import type { Reason } from '../../domain/reason.ts';
import { holdReason, isInForce } from '../../domain/retention.ts';
import { standing } from '../core/standing-guardians.ts';
import type { Database, Transaction } from '../ports/database.ts';
import { lessonsWith } from './lessons-with.ts';

type Db = Database['read'] | Transaction['db'];

const dayOf = (date: Date) => date.toISOString().slice(0, 10);

/**
 * Why a person cannot be erased now: they take part in what runs, or stand for a pupil who does; a recording with them is
 * kept, or one that their answer let be made; a legal hold. Each says which. Policy P4, P6.
 */
export async function reasonsAgainstErasing(db: Db, personId: Id, now: Date): Promise<Reason[]> {
  const own = await lessonsWith(db, personId);
  const answered = await lessonsAnsweredFor(db, personId);
  const lessons = [...new Set([...own, ...answered])];
  const holds = await db.legalHold.findMany({
    where: {
      liftedAt: null,
      OR: [{ lessonId: { in: lessons } }, { recording: { lessonId: { in: lessons } } }],
    },
    orderBy: { setAt: 'asc' },
  });
  return [
    ...(await runningCourses(db, { personId }, now)).map(
      ({ id, title, until }): Reason => ({
        code: 'PERSON_TAKES_PART',
        subject: { kind: 'course', id },
        params: { course: title, day: dayOf(until) },
      }),
    ),
    ...(await runningCourses(db, { person: { guardians: { some: { guardianId: personId, ...standing } } } }, now)).map(
      ({ id, title, until }): Reason => ({
        code: 'PERSON_STANDS_FOR',
        subject: { kind: 'course', id },
        params: { course: title, day: dayOf(until) },
      }),
    ),
    ...(await keptRecordings(db, own, 'PERSON_RECORDED')),
    ...(await keptRecordings(
      db,
      answered.filter((id) => !own.includes(id)),
      'PERSON_ANSWERED_FOR',
    )),
    ...holds.filter((hold) => isInForce(hold, now)).map(holdReason),
  ];
}

/** Courses that are not over, in which somebody takes part: with a class, in person, or as a guest of a day to come. */
function runningCourses(db: Db, who: { personId: Id } | { person: object }, now: Date) {
  return db.course.findMany({
    where: {
      until: { gt: now },
      participants: {
        some: {
          AND: [
            who,
            { OR: [{ until: null }, { until: { gt: now } }] },
            { OR: [{ lessonId: null }, { lesson: { plannedEnd: { gt: now } } }] },
          ],
        },
      },
    },
    orderBy: [{ until: 'asc' }, { id: 'asc' }],
    select: { id: true, title: true, until: true },
  });
}

/** Lessons that somebody answered or objected for on behalf of a pupil. */
async function lessonsAnsweredFor(db: Db, personId: Id): Promise<Id[]> {
  const about = await db.participant.findMany({
    where: {
      OR: [{ permissions: { some: { guardianId: personId } } }, { objections: { some: { guardianId: personId } } }],
    },
    select: { courseId: true, personId: true },
  });
  const courses = new Set(about.map(({ courseId }) => courseId));
  const found: Id[] = [];
  for (const pupilId of new Set(about.map((one) => one.personId))) found.push(...(await lessonsWith(db, pupilId)));
  const rows = await db.lesson.findMany({
    where: { id: { in: found }, courseId: { in: [...courses] } },
    select: { id: true },
  });
  return rows.map(({ id }) => id);
}

async function keptRecordings(
  db: Db,
  lessons: readonly Id[],
  code: 'PERSON_RECORDED' | 'PERSON_ANSWERED_FOR',
): Promise<Reason[]> {
  // Also one that is arriving: in a moment it is there.
  const rows = await db.recording.findMany({
    where: { lessonId: { in: [...lessons] }, state: { not: 'erased' } },
    orderBy: [{ lesson: { plannedStart: 'asc' } }, { id: 'asc' }],
    select: { id: true, lesson: { select: { title: true, plannedStart: true } } },
  });
  return rows.map(({ id, lesson }) => ({
    code,
    subject: { kind: 'recording', id },
    params: { title: lesson.title, day: dayOf(lesson.plannedStart) },
  }));
}
