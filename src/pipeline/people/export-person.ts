import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import {
  type ExportGap,
  type ExportGapKind,
  type ExportSide,
  exportOmissions,
  isNameTheirs,
} from '../../domain/person-export.ts';
import { VaultCorrupt } from '../../vault/errors.ts';
import { type ContactBook, openContactBook } from '../core/people-key.ts';
import { AuditQuery } from '../oversight/audit-query.ts';
import { integrateLog } from '../oversight/integrate-log.ts';
import { pseudonymsOf } from '../oversight/resolve-persons.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { expiryOf, keptLesson, loadRules } from '../retention/rules.ts';
import { lessonsWith } from './lessons-with.ts';
import { namesOnLog } from './names-on-log.ts';

type Needs = Pick<Outside, 'database' | 'keyring' | 'clock' | 'logSigner'>;
type Db = Transaction['db'];

/** Entries of the log in the file: the newest of them. */
const mostEntries = 1_000;
/** Evidence and receipts in the file, in octets. A receipt has the texts that were signed. */
const mostEvidenceBytes = 32 * 2 ** 20;

interface Gap {
  readonly what: ExportGapKind;
  readonly id: Id;
  readonly why: ExportGap;
}

/**
 * Everything about a person as one file (GDPR articles 15 and 20; docs/persons.md). Of others it holds names alone, and those
 * only as far as they are theirs to know. What cannot be opened is named. That it was made is on the log before it leaves.
 * Policy P11. @throws Refusal `NOT_FOUND`.
 */
export async function exportPerson(outside: Needs, caller: Caller, personId: Id) {
  const { database, clock } = outside;
  const log = await findEntries(outside, personId);
  return database.transact(caller, async (tx) => {
    const { db } = tx;
    const now = clock();
    const person = await db.person.findUnique({ where: { id: personId } });
    if (!person || person.erasedAt !== null) throw new Refusal('NOT_FOUND');
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

/** Whom somebody stands for and who for them; whose names are theirs to know. */
async function findTies(db: Db, personId: Id, now: Date) {
  const rows = await db.guardianship.findMany({
    where: { OR: [{ pupilId: personId }, { guardianId: personId }] },
    orderBy: { from: 'asc' },
    include: {
      pupil: { select: { id: true, name: true, adultFrom: true } },
      guardian: { select: { id: true, name: true } },
    },
  });
  const known = new Map<Id, string>();
  const guardianships = rows.map(({ id, pupil, guardian, relation, authority, from, until, importId, file, line }) => {
    const as = pupil.id === personId ? ('pupil' as const) : ('guardian' as const);
    const other = as === 'pupil' ? guardian : pupil;
    const isTheirs = isNameTheirs({ authority, until }, pupil.adultFrom, as, now);
    if (isTheirs) known.set(other.id, other.name);
    return { id, as, other: isTheirs ? other.name : null, relation, authority, from, until, importId, file, line };
  });
  /** The name of the other person in a row about two; null: it is not theirs to know. */
  const nameOf = (id: Id | null) => known.get(id ?? '') ?? null;
  return { guardianships, nameOf };
}
type Ties = Awaited<ReturnType<typeof findTies>>;

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

/** What was locked, or null and a gap that says so. */
function opened(book: ContactBook, what: ExportGapKind, id: Id, locked: Uint8Array, gaps: Gap[]): string | null {
  try {
    return book.unlock(id, locked);
  } catch (error) {
    if (!(error instanceof VaultCorrupt)) throw error;
    gaps.push({ what, id, why: 'cannot_be_opened' });
    return null;
  }
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

/** Whom a row about a subject and a signer makes of somebody. */
function sideOf(personId: Id, subjectId: Id | null, signerId: Id | null): ExportSide {
  if (subjectId === personId) return signerId === personId ? 'self' : 'subject';
  return 'signer';
}

/** Asked of them, or about them. */
const requestsWith = (personId: Id) => ({ OR: [{ signerId: personId }, { participant: { personId } }] });

async function exportRequests(db: Db, personId: Id, ties: Ties) {
  const rows = await db.request.findMany({
    where: requestsWith(personId),
    orderBy: { askedAt: 'asc' },
    include: { course: { select: { title: true } }, participant: { select: { personId: true } } },
  });
  return rows.map(({ course, participant, signerId, ...one }) => {
    const subjectId = participant?.personId ?? null;
    const as = sideOf(personId, subjectId, signerId);
    return {
      id: one.id,
      courseId: one.courseId,
      course: course.title,
      as,
      other: as === 'self' ? null : ties.nameOf(as === 'subject' ? signerId : subjectId),
      capacity: one.capacity,
      terms: one.digest,
      state: one.state,
      askedAt: one.askedAt,
      answerBy: one.answerBy,
      openedAt: one.openedAt,
      answeredAt: one.answeredAt,
      reminders: one.reminders,
    };
  });
}

async function exportMails(db: Db, personId: Id) {
  const rows = await db.delivery.findMany({
    where: {
      OR: [{ link: { personId } }, { requests: { some: { request: { participant: { personId } } } } }],
    },
    orderBy: { queuedAt: 'asc' },
    include: {
      link: { select: { personId: true } },
      requests: { where: { request: requestsWith(personId) }, select: { requestId: true } },
    },
  });
  return rows.map(({ kind, state, queuedAt, settledAt, link, addressMask, messageId, reply, requests }) => {
    // What a mail server says of an address is about whose it is.
    const isOwn = link.personId === personId;
    return {
      to: isOwn ? ('self' as const) : ('other' as const),
      kind,
      state,
      queuedAt,
      settledAt,
      addressMask: isOwn ? addressMask : null,
      messageId: isOwn ? messageId : null,
      reply: isOwn ? reply : null,
      requestIds: requests.map(({ requestId }) => requestId),
    };
  });
}

async function exportSheets(db: Db, requestIds: readonly Id[]) {
  const rows = await db.sheet.findMany({
    where: { requestId: { in: [...requestIds] } },
    orderBy: { printedAt: 'asc' },
    include: { scans: { orderBy: { page: 'asc' } } },
  });
  return rows.map(({ requestId, code, language, pages, printedAt, scans }) => ({
    requestId,
    code,
    language,
    pages,
    printedAt,
    scans: scans.map(({ id, page, state, receivedOn, uploadedAt, readAt, decidedAt, pictureSha256 }) => ({
      id,
      page: page ?? 1,
      state,
      receivedOn: receivedOn.toISOString().slice(0, 10),
      uploadedAt,
      readAt,
      decidedAt,
      pictureSha256,
    })),
  }));
}

async function exportAnswers(db: Db, book: ContactBook, personId: Id, ties: Ties, gaps: Gap[]) {
  const rows = await db.permission.findMany({
    where: { OR: [{ guardianId: personId }, { participant: { personId } }] },
    orderBy: { createdAt: 'asc' },
    include: {
      course: { select: { title: true } },
      participant: { select: { personId: true } },
      events: { select: { at: true, status: true }, orderBy: { at: 'asc' } },
      evidence: { orderBy: { createdAt: 'asc' } },
    },
  });
  let bytes = 0;
  /** Passes on what still has room in the file. */
  const fitting = (what: ExportGapKind, id: Id, text: string | null): string | null => {
    if (text === null) return null;
    bytes += text.length;
    if (bytes <= mostEvidenceBytes) return text;
    gaps.push({ what, id, why: 'too_large' });
    return null;
  };
  return rows.map(({ course, participant, events, evidence, ...one }) => {
    const subjectId = participant?.personId ?? null;
    const signerId = one.signerCapacity === 'self' ? subjectId : one.guardianId;
    const as = sideOf(personId, subjectId, signerId);
    return {
      id: one.id,
      courseId: one.courseId,
      course: course.title,
      as,
      other: as === 'self' ? null : ties.nameOf(as === 'subject' ? signerId : subjectId),
      capacity: one.signerCapacity,
      status: one.status,
      purposes: one.purposes,
      releaseTo: one.releaseTo,
      declined: one.declined,
      declinedTo: one.declinedTo,
      route: one.route,
      assurance: one.assurance,
      signedAt: one.signedAt,
      validUntil: one.validUntil,
      terms: one.digest,
      documentSha256: one.documentSha256,
      events,
      // How somebody else signed is theirs.
      evidence:
        as === 'subject'
          ? []
          : evidence.map(({ id, event, createdAt, sha256, locked, receipt }) => {
              const text = fitting('evidence', id, opened(book, 'evidence', id, locked, gaps));
              const { canonical, strokes } = text === null ? noEvidence : readLocked(text);
              const kept = receipt && fitting('receipt', id, opened(book, 'receipt', id, receipt, gaps));
              return {
                id,
                event,
                at: createdAt,
                sha256,
                canonical,
                strokes,
                receipt: kept === null ? null : (JSON.parse(kept) as { text: string }).text,
              };
            }),
    };
  });
}

const noEvidence = { canonical: null, strokes: null };

function readLocked(text: string): { canonical: string; strokes: string | null } {
  return JSON.parse(text) as { canonical: string; strokes: string | null };
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

/** What the log says of them under their pseudonyms, without anybody else's. @throws Refusal `NOT_FOUND`. */
async function findEntries(outside: Needs, personId: Id) {
  const { read } = outside.database;
  if ((await read.person.count({ where: { id: personId, erasedAt: null } })) === 0) throw new Refusal('NOT_FOUND');
  const persons = [...(await pseudonymsOf(read, await namesOnLog(read, personId))).values()];
  const { size, note } = await integrateLog(outside);
  const query = await AuditQuery.of(read, {}, { persons, lessons: [], recordings: [], objects: [] });
  const newest = await query.page(read, size, mostEntries);
  const isTheirs = new Set(persons);
  return {
    pseudonyms: persons,
    total: await query.count(read, size),
    checkpoint: note,
    entries: newest.map(({ seq, canonical }) => {
      const { at, action, outcome, actor } = JSON.parse(canonical) as LoggedEntry;
      return {
        seq,
        at,
        action,
        outcome,
        isByThem: isTheirs.has(actor.id ?? ''),
      };
    }),
  };
}

interface LoggedEntry {
  readonly at: string;
  readonly action: string;
  readonly outcome: string;
  readonly actor: { readonly id?: string };
}
