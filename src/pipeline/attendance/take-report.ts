import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { attendanceLimits } from '../../attendance/limits.ts';
import type { AttendanceAnswers, AttendanceContext, AttendanceReading } from '../../attendance/report.ts';
import type { AttendanceRow } from '../../domain/attendance/row.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { maskContact } from '../../domain/mask-contact.ts';
import { orPurge } from '../captions/sealed-captions.ts';
import { lockLesson } from '../core/gate-record.ts';
import { type ContactBook, openContactBook } from '../core/people-key.ts';
import { toPermissionRules } from '../core/permission-rules.ts';
import { collectBytes, folderOf, limitBytes, recordSealed, sealIntoStore } from '../core/sealed-object.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Database } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { findMapping, keepMapping } from './mappings.ts';
import { settleLesson } from './settle-lesson.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock' | 'attendance'>;

export interface ArrivingReport {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** As its owner calls it: shown, never a path. */
  readonly fileName: string;
  readonly answers: AttendanceAnswers;
}

/** `report`: it counts from now on. `mapping`, `question`: nothing was kept, and a person has to say something first. */
export type TakenReport =
  | { readonly outcome: 'report'; readonly id: Id; readonly rows: number; readonly quarantined: readonly Id[] }
  | Exclude<AttendanceReading, { readonly outcome: 'report' }>;

/**
 * Takes an attendance report for a lesson. The file is sealed as it came; its rows are matched with the people of the school, and
 * what shows somebody uncovered puts the lesson's recordings out of reach at once. A file that cannot be read, and one with a
 * question that nobody has answered, change nothing. Policy P1; design, section 8.
 * @throws Refusal `TOO_LARGE`, `ATTENDANCE_UNREADABLE`, `ALREADY_EXISTS` for a file that is there already, `NOT_FOUND`.
 */
export async function takeReport(
  outside: Needs,
  caller: Caller,
  lessonId: Id,
  { bytes, fileName, answers }: ArrivingReport,
): Promise<TakenReport> {
  const { database, clock } = outside;
  const octets = await collectBytes(limitBytes(bytes, attendanceLimits.bytes));
  const context = await contextOf(database.read, lessonId);
  const first = await outside.attendance.read({ name: fileName, bytes: octets }, context, answers);
  const reading =
    first.outcome === 'mapping' ? await readAgain(outside, first, { fileName, octets, context, answers }) : first;
  if (reading.outcome !== 'report') return reading;
  const { report } = reading;
  const sha256 = createHash('sha256').update(octets).digest('hex');
  const id = randomUUID();
  const sealed = await sealIntoStore(outside, folderOf('documents', id), Readable.from([octets]), {
    mediaLength: octets.length,
  });
  return orPurge(outside, [sealed], () =>
    database.transact(caller, async (tx) => {
      await lockLesson(tx.db, lessonId);
      if (await tx.db.attendanceReport.findUnique({ where: { lessonId_sha256: { lessonId, sha256 } } }))
        throw new Refusal('ALREADY_EXISTS', {
          reasons: [{ code: 'ATTENDANCE_REPORT_KNOWN', params: { file: fileName } }],
        });
      const binding = await recordSealed(tx, sealed);
      const byId = staffIdOf(caller);
      await tx.db.attendanceReport.create({
        data: {
          ...{ id, lessonId, sha256, fileName, tool: report.tool, sealedId: sealed.id },
          ...{ statedCount: report.facts.statedCount, resolutionMs: report.resolutionMs },
          ...{ notices: [...report.notices], takenById: byId, takenAt: clock() },
        },
      });
      const book = await openContactBook(outside, tx.db);
      try {
        await tx.db.attendanceRow.createMany({ data: report.rows.map((row) => toRow(book, id, row)) });
      } finally {
        book.close();
      }
      if (answers.mapping !== undefined) await keepMapping(tx, answers.mapping, byId, clock());
      const quarantined = await settleLesson(tx, lessonId, clock());
      await tx.log({
        action: 'attendance.report_taken',
        outcome: 'done',
        object: { kind: 'attendance_report', id, lessonId },
        details: { ...binding, tool: report.tool, rows: report.rows.length, quarantined: quarantined.length },
      });
      return { outcome: 'report' as const, id, rows: report.rows.length, quarantined };
    }),
  );
}

/** A table whose columns the school has said the meaning of before is read by that. */
async function readAgain(
  { database, attendance }: Needs,
  first: Extract<AttendanceReading, { outcome: 'mapping' }>,
  file: {
    readonly fileName: string;
    readonly octets: Uint8Array;
    readonly context: AttendanceContext;
    readonly answers: AttendanceAnswers;
  },
): Promise<AttendanceReading> {
  const mapping = await findMapping(database.read, first.table.headings);
  if (mapping === null) return first;
  return attendance.read({ name: file.fileName, bytes: file.octets }, file.context, { ...file.answers, mapping });
}

async function contextOf(db: Database['read'], lessonId: Id): Promise<AttendanceContext> {
  const lesson = await db.lesson.findUnique({
    where: { id: lessonId },
    select: { plannedStart: true, plannedEnd: true, courseId: true },
  });
  if (!lesson) throw new Refusal('NOT_FOUND');
  const school = await db.school.findFirstOrThrow({ select: { permissionRules: true } });
  const others = await db.lesson.findMany({
    where: { courseId: lesson.courseId, id: { not: lessonId } },
    select: { plannedStart: true, plannedEnd: true },
  });
  const interval = (one: { readonly plannedStart: Date; readonly plannedEnd: Date }) => ({
    startMs: one.plannedStart.getTime(),
    endMs: one.plannedEnd.getTime(),
  });
  return {
    lesson: interval(lesson),
    otherLessons: others.map(interval),
    timeZone: toPermissionRules(school.permissionRules).timeZone,
  };
}

function toRow(book: ContactBook, reportId: Id, row: AttendanceRow) {
  const { email, joinedMs, leftMs, spoke } = row;
  const toDate = (ms: number | null) => (ms === null ? null : new Date(ms));
  return {
    reportId,
    line: row.line,
    name: row.isTelephone ? maskContact('phone', row.name) : row.name,
    originalName: row.isTelephone ? null : row.originalName,
    emailDigest: email === null ? null : book.digest('email', email),
    emailShown: email === null ? null : maskContact('email', email),
    account: row.account,
    joinedAt: toDate(joinedMs),
    leftAt: toDate(leftMs),
    isWaiting: row.isWaiting,
    isTelephone: row.isTelephone,
    ...(spoke === null ? {} : { spoke: spoke.map((one) => ({ ...one })) }),
    // What the machine makes of it is said in the same transaction.
    ...{ state: 'unknown' as const, isTicked: false, candidates: [], notes: [], personIds: [] },
  };
}
