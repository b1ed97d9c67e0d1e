import type { AttendancePerson, ConfirmedAlias } from '../../domain/attendance/person.ts';
import type { Id } from '../../domain/ids.ts';
import type { PersonRole } from '../../domain/person.ts';
import { schoolYearOf } from '../../domain/retention.ts';
import { isPresent, ofLesson } from '../core/gate-record.ts';
import type { Database, Transaction } from '../ports/database.ts';
import { digestAddress } from './attendance-rows.ts';

type Db = Transaction['db'] | Database['read'];

interface OfLesson {
  readonly id: Id;
  readonly courseId: Id;
  readonly plannedStart: Date;
}

/** Of somebody in several roles, the one that says most about why they were in a lesson. */
const byWeight: readonly PersonRole[] = ['pupil', 'staff', 'guest', 'guardian', 'contact'];

/**
 * Everybody of the school whom a row of a report may be: who takes part in the lesson, and all others, so that a stranger to
 * the course is known by name. `digests`: of the addresses in the reports; of a person's addresses only these are told.
 */
export async function readAttendancePeople(
  db: Db,
  lesson: OfLesson,
  digests: readonly Uint8Array[],
): Promise<AttendancePerson[]> {
  const persons = await db.person.findMany({
    where: { erasedAt: null },
    select: { id: true, name: true, roles: true, schoolNumber: true },
    orderBy: { id: 'asc' },
  });
  const participants = await db.participant.findMany({
    where: { courseId: lesson.courseId, ...ofLesson(lesson.id) },
    select: { personId: true, lessonId: true, from: true, until: true },
  });
  const contacts = await db.contact.findMany({
    where: { kind: 'email', digest: { in: digests.map((digest) => Uint8Array.from(digest)) } },
    select: { personId: true, digest: true },
  });
  const members = await db.classMember.findMany({
    where: { until: null },
    select: { personId: true, class: { select: { name: true } } },
  });
  const guardianships = await db.guardianship.findMany({
    where: { until: null },
    select: { pupilId: true, guardianId: true },
  });
  const isSingle = (await db.course.findUniqueOrThrow({ where: { id: lesson.courseId } })).isSingle;
  const there = new Set(
    participants.filter((one) => isSingle || isPresent(one, lesson.plannedStart)).map(({ personId }) => personId),
  );
  const emailsOf = Map.groupBy(contacts, ({ personId }) => personId);
  const classOf = new Map(members.map((member) => [member.personId, member.class.name]));
  const pupilsOf = Map.groupBy(guardianships, ({ guardianId }) => guardianId);
  return persons.map(({ id, name, roles, schoolNumber }) => ({
    id,
    name,
    role: byWeight.find((role) => roles.includes(role)) ?? 'contact',
    isInCourse: there.has(id),
    emails: (emailsOf.get(id) ?? []).map(({ digest }) => digestAddress(digest)),
    schoolNumber,
    className: classOf.get(id) ?? null,
    guardianOf: (pupilsOf.get(id) ?? []).map(({ pupilId }) => pupilId),
  }));
}

/** The names of some people, by id; without those who were erased. */
export async function readNames(db: Db, personIds: Iterable<Id>): Promise<Map<Id, string>> {
  const persons = await db.person.findMany({
    where: { id: { in: [...new Set(personIds)] }, erasedAt: null },
    select: { id: true, name: true },
  });
  return new Map(persons.map(({ id, name }) => [id, name]));
}

/** The school year that a lesson is in: aliases live as long. */
export async function schoolYearOfLesson(db: Db, { plannedStart }: Pick<OfLesson, 'plannedStart'>): Promise<number> {
  const { yearStartMonth, yearStartDay } = await db.school.findFirstOrThrow({
    select: { yearStartMonth: true, yearStartDay: true },
  });
  return schoolYearOf(plannedStart, { month: yearStartMonth, day: yearStartDay });
}

/** What persons have settled about shown names in this school year; the newest word on a name counts. */
export async function readAliases(db: Db, schoolYear: number, names: readonly string[]): Promise<ConfirmedAlias[]> {
  const rows = await db.attendeeAlias.findMany({
    where: { schoolYear, name: { in: [...new Set(names)] } },
    orderBy: { confirmedAt: 'asc' },
  });
  return rows.map(({ name, emailDigest, personIds }) => ({
    name,
    email: emailDigest === null ? null : digestAddress(emailDigest),
    personIds,
  }));
}
