import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { exportOmissions } from '../../domain/person-export.ts';
import { rowsOf } from '../attendance/attended-lessons.ts';
import { findPerson } from '../core/find-person.ts';
import { type ContactBook, openContactBook } from '../core/people-key.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { expiryOf, keptLesson, loadRules } from '../retention/rules.ts';
import { exportAnswers } from './export-answers.ts';
import { type Gap, opened } from './export-gaps.ts';
import { exportLog } from './export-log.ts';
import { exportMails, exportRequests, exportSheets } from './export-requests.ts';
import { findTies, sideOf } from './export-ties.ts';
import { lessonsWith } from './lessons-with.ts';

type Needs = Pick<Outside, 'database' | 'keyring' | 'clock' | 'logSigner'>;
type Db = Transaction['db'];

/**
 * Everything about a person as one file (GDPR articles 15 and 20; docs/persons.md). Of others it holds names alone, and those
 * only as far as they are theirs to know. What cannot be opened is named. That it was made is on the log before it leaves.
 * Policy P11. @throws Refusal `NOT_FOUND`.
 */
export async function exportPerson(outside: Needs, caller: Caller, personId: Id) {
  const { database, clock } = outside;
  const log = await exportLog(outside, personId);
  return database.transact(caller, async (tx) => {
    const { db } = tx;
    const now = clock();
    const person = await findPerson(db, personId);
    if (!person) throw new Refusal('NOT_FOUND');
    const school = await db.school.findFirstOrThrow({ select: { name: true } });
    const gaps: Gap[] = [];
    const ties = await findTies(db, personId, now);
    const book = await openContactBook(outside, db);
    try {
      const contacts = await exportContacts(db, book, personId, gaps);
      const answers = await exportAnswers(db, book, personId, ties, gaps);
      const requests = await exportRequests(db, personId, ties);
      const classes = await exportClasses(db, personId);
      const { guardianships } = ties;
      const imports = [...contacts.map(({ from }) => from), ...guardianships, ...classes].flatMap(
        (one) => one?.importId ?? [],
      );
      await tx.log({
        action: 'person.exported',
        outcome: 'done',
        object: { kind: 'person', id: personId },
        details: { contacts: contacts.length, answers: answers.length, gaps: gaps.length },
      });
      return {
        format: 'emanet-person' as const,
        v: 1 as const,
        madeAt: now,
        school: school.name,
        person: {
          id: person.id,
          name: person.name,
          roles: person.roles,
          schoolNumber: person.schoolNumber,
          language: person.language,
          adultFrom: person.adultFrom?.toISOString().slice(0, 10) ?? null,
          createdAt: person.createdAt,
        },
        identifiers: await db.personSource.findMany({
          where: { personId },
          select: { format: true, sourceId: true },
          orderBy: { id: 'asc' },
        }),
        contacts,
        classes,
        guardianships,
        imports: await db.rosterImport.findMany({
          where: { id: { in: [...new Set(imports)] } },
          orderBy: { importedAt: 'asc' },
          select: { id: true, format: true, fileName: true, fileSha256: true, importedAt: true },
        }),
        attendance: await exportAttendance(db, personId),
        courses: await exportCourses(db, personId),
        recordings: await exportRecordings(db, personId),
        requests,
        links: await db.signerLink.findMany({
          where: { personId },
          orderBy: { createdAt: 'asc' },
          select: { createdAt: true, replacedAt: true, revokedAt: true },
        }),
        mails: await exportMails(db, personId),
        sheets: await exportSheets(
          db,
          requests.map(({ id }) => id),
        ),
        answers,
        objections: await exportObjections(db, personId),
        tasks: await exportTasks(db, personId),
        log,
        gaps,
        notIncluded: exportOmissions.map((code) => ({ code })),
      };
    } finally {
      book.close();
    }
  });
}

async function exportContacts(db: Db, book: ContactBook, personId: Id, gaps: Gap[]) {
  const rows = await db.contact.findMany({ where: { personId }, orderBy: { createdAt: 'asc' } });
  return rows.map(({ id, kind, locked, createdAt, importId, file, line, undeliverableAt, undeliverableWhy }) => ({
    id,
    kind,
    value: opened(book, 'contact', id, locked, gaps),
    addedAt: createdAt,
    /** Null: somebody of the school typed it. */
    from: importId === null ? null : { importId, file, line },
    undeliverableAt,
    undeliverableWhy,
  }));
}

async function exportClasses(db: Db, personId: Id) {
  const rows = await db.classMember.findMany({
    where: { personId },
    orderBy: { from: 'asc' },
    include: { class: { select: { id: true, name: true, schoolYear: true } } },
  });
  return rows.map(({ class: { id, name, schoolYear }, from, until, importId }) => ({
    id,
    name,
    schoolYear,
    from,
    until,
    importId,
  }));
}

async function exportCourses(db: Db, personId: Id) {
  const rows = await db.participant.findMany({
    where: { personId },
    orderBy: { addedAt: 'asc' },
    include: {
      course: { select: { title: true, reason: true } },
      class: { select: { name: true } },
      seats: { select: { lessonId: true } },
    },
  });
  return rows.map(({ id, courseId, course, class: through, kind, isMinor, lessonId, from, until, seats }) => ({
    participantId: id,
    courseId,
    title: course.title,
    reason: course.reason,
    kind,
    isMinor,
    className: through?.name ?? null,
    lessonId,
    from,
    until,
    /** Lessons in which they sat in a seat that is not recorded. */
    unrecordedIn: seats.map((seat) => seat.lessonId),
  }));
}

async function exportRecordings(db: Db, personId: Id) {
  const rules = await loadRules(db);
  const lessons = await db.lesson.findMany({
    where: { id: { in: await lessonsWith(db, personId) }, recordings: { some: {} } },
    orderBy: { plannedStart: 'asc' },
    include: {
      ...keptLesson,
      recordings: { where: { state: { not: 'receiving' } }, include: { erasure: true }, orderBy: { createdAt: 'asc' } },
    },
  });
  return lessons.flatMap((lesson) =>
    lesson.recordings.map(({ id, state, createdAt, erasure }) => ({
      id,
      lessonId: lesson.id,
      lesson: lesson.title,
      plannedStart: lesson.plannedStart,
      state,
      arrivedAt: createdAt,
      /** Null: no end is set, or it is over. */
      keptUntil: state === 'erased' ? null : (expiryOf(lesson, rules)?.at ?? null),
      erasedAt: erasure?.startedAt ?? null,
    })),
  );
}

async function exportObjections(db: Db, personId: Id) {
  const rows = await db.objection.findMany({
    where: { OR: [{ guardianId: personId }, { participant: { personId } }] },
    orderBy: { at: 'asc' },
    include: { lesson: { select: { title: true } }, participant: { select: { personId: true } } },
  });
  return rows.map(({ lessonId, lesson, participant, guardianId, at, liftedAt }) => ({
    as: sideOf(personId, participant.personId, guardianId ?? participant.personId),
    lessonId,
    lesson: lesson.title,
    at,
    liftedAt,
  }));
}

async function exportTasks(db: Db, personId: Id) {
  const rows = await db.task.findMany({
    where: { OR: [{ personId }, { otherId: personId }] },
    orderBy: { createdAt: 'asc' },
  });
  return rows.map(({ kind, personId: about, createdAt, doneAt }) => ({
    kind,
    as: about === personId ? ('subject' as const) : ('other' as const),
    createdAt,
    doneAt,
  }));
}

/** When they were in which lesson, by attendance reports, and under which name. */
async function exportAttendance(db: Db, personId: Id) {
  const rows = await db.attendanceRow.findMany({
    where: rowsOf(personId),
    orderBy: [{ report: { lesson: { plannedStart: 'asc' } } }, { line: 'asc' }],
    select: {
      ...{ name: true, joinedAt: true, leftAt: true },
      report: { select: { lesson: { select: { title: true, plannedStart: true } } } },
    },
  });
  return rows.map(({ name: shownName, joinedAt, leftAt, report: { lesson } }) => ({
    lesson: lesson.title,
    plannedStart: lesson.plannedStart,
    shownName,
    joinedAt,
    leftAt,
  }));
}
