import { dayAfter, startOfDay } from '../../domain/calendar.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { type Audience, mostParticipants, type Purpose } from '../../domain/permission.ts';
import { followClasses, placeOf } from '../core/course-people.ts';
import { renewTerms } from '../core/course-terms.ts';
import { findPermissionRules } from '../core/permission-rules.ts';
import { staffIdOf } from '../core/staff-id.ts';
import { addTypedPeople, type NewParticipant } from '../core/typed-people.ts';
import { assertChannel, type NewSite } from '../lesson/create-lesson.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { getCourse } from './get-course.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'keyring' | 'wording'>;

export interface NewCourse {
  title: string;
  reason: string;
  channelId: Id;
  supervisorName: string;
  purposes: Purpose[];
  audiences: Audience[];
  /** First and last day, in the school's time zone. */
  from: string;
  until: string;
  /** The last day on which a recording of it may be kept; undefined: as the school's rules of retention say. */
  keptUntil?: string | undefined;
  sites: NewSite[];
  classIds: Id[];
  personIds: Id[];
  /** People whom the school has no record of yet. */
  people: NewParticipant[];
}

const longestMs = 366 * 24 * 60 * 60_000;

/**
 * A course, with the terms that its signers read. Whoever is in one of its classes takes part from its first day on.
 * @throws Refusal `INVALID_REQUEST`: `CHANNEL_UNKNOWN`, `CLASS_UNKNOWN`, `PERSON_UNKNOWN`, `ENDS_BEFORE_START`,
 * `COURSE_TOO_LONG`, `TOO_MANY`. Policy P1, P2, P6 to P8.
 */
export async function createCourse(outside: Needs, caller: Caller, input: NewCourse) {
  const { sites, classIds, personIds, people, ...facts } = input;
  const teacherId = staffIdOf(caller);
  const now = outside.clock();
  const courseId = await outside.database.transact(caller, async (tx) => {
    await assertChannel(tx, input.channelId);
    await assertKnown(tx, 'classIds', 'CLASS_UNKNOWN', classIds);
    await assertKnown(tx, 'personIds', 'PERSON_UNKNOWN', personIds);
    const span = spanOf(facts, (await findPermissionRules(tx.db)).timeZone);
    const course = await tx.db.course.create({
      data: {
        ...facts,
        ...span,
        isSingle: false,
        teacherId,
        sites: { create: sites },
        classes: { create: classIds.map((classId) => ({ classId })) },
      },
    });
    const courseId = course.id;
    await followClasses(tx.db, { courseId }, { now, from: span.from });
    await addKnownPeople(tx, courseId, personIds, span.from);
    await addTypedPeople(outside, tx, people, { courseId, lessonId: null, from: span.from }, teacherId);
    await assertNotTooMany(tx, courseId);
    await tx.log({
      action: 'course.created',
      outcome: 'done',
      object: { kind: 'course', id: courseId },
      details: { sites: sites.length, classes: classIds.length },
    });
    await renewTerms(outside, tx, courseId, { staffId: teacherId, at: now });
    return courseId;
  });
  return getCourse(outside, courseId);
}

/** People whom the school knows take part by themselves, if they do not yet. */
export async function addKnownPeople(
  { db }: Pick<Transaction, 'db'>,
  courseId: Id,
  personIds: readonly Id[],
  from: Date,
): Promise<Id[]> {
  const persons = await db.person.findMany({
    where: {
      id: { in: [...personIds] },
      erasedAt: null,
      courses: { none: { courseId, classId: null, lessonId: null, until: null } },
    },
    select: { id: true, roles: true },
  });
  const rows = await db.participant.createManyAndReturn({
    data: persons.map(({ id, roles }) => ({ courseId, personId: id, from, ...placeOf(roles) })),
    select: { id: true },
  });
  return rows.map(({ id }) => id);
}

/** What the gate reads is read at every playback. */
export async function assertNotTooMany({ db }: Pick<Transaction, 'db'>, courseId: Id): Promise<void> {
  if ((await db.participant.count({ where: { courseId } })) > mostParticipants)
    throw new Refusal('INVALID_REQUEST', { reasons: [{ code: 'TOO_MANY', params: { most: mostParticipants } }] });
}

const refuse = (field: string, code: 'CLASS_UNKNOWN' | 'PERSON_UNKNOWN' | 'ENDS_BEFORE_START' | 'COURSE_TOO_LONG') =>
  new Refusal('INVALID_REQUEST', { reasons: [{ code, subject: { kind: 'field', id: field } }] });

export async function assertKnown(
  { db }: Pick<Transaction, 'db'>,
  field: 'classIds' | 'personIds',
  code: 'CLASS_UNKNOWN' | 'PERSON_UNKNOWN',
  ids: readonly Id[],
): Promise<void> {
  const where = { id: { in: [...ids] } };
  const count =
    field === 'classIds'
      ? await db.class.count({ where })
      : await db.person.count({ where: { ...where, erasedAt: null } });
  if (count < new Set(ids).size) throw refuse(field, code);
}

/** The span of days as instants: each end is the first instant after it. */
export function spanOf(
  { from, until, keptUntil }: { from: string; until: string; keptUntil?: string | undefined },
  timeZone: string,
) {
  const end = (day: string) => startOfDay(dayAfter(day), timeZone);
  const span = { from: startOfDay(from, timeZone), until: end(until) };
  if (span.until <= span.from) throw refuse('until', 'ENDS_BEFORE_START');
  if (span.until.getTime() - span.from.getTime() > longestMs) throw refuse('until', 'COURSE_TOO_LONG');
  const kept = keptUntil === undefined ? null : end(keptUntil);
  if (kept !== null && kept <= span.from) throw refuse('keptUntil', 'ENDS_BEFORE_START');
  return { ...span, keptUntil: kept };
}
