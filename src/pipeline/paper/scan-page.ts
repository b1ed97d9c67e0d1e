import { type Day, dayIn } from '../../domain/calendar.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { bool, list, object, oneOf, orNull, type Reader, text } from '../../domain/json.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { Reason, ReasonCode } from '../../domain/reason.ts';
import { isAllNo, readingFlaws, type SheetReading, sheetAnswers } from '../../domain/sheet-reading.ts';
import { nameIn } from '../../domain/site-contact.ts';
import { questionsOf } from '../../domain/terms.ts';
import { currentTerms, toTerms } from '../core/course-terms.ts';
import { lockCourse } from '../core/gate-record.ts';
import { findPermissionRules } from '../core/permission-rules.ts';
import type { Database, Transaction } from '../ports/database.ts';

type Db = Database['read'] | Transaction['db'];

/** A day as a column of the database has it, and back. */
export const toDate = (day: Day) => new Date(`${day}T00:00:00Z`);
export const toDay = (date: Date): Day => date.toISOString().slice(0, 10);

/** `scan_page.reading`. */
export const readReading: Reader<SheetReading> = object({
  answers: list(oneOf(sheetAnswers)),
  isNoted: bool,
  isConsented: bool,
  isSigned: bool,
  name: text,
  acceptsName: bool,
  writtenDate: orNull(text),
  receivedOn: text,
  wasBeforeLesson: bool,
});

export const refusePage = (code: ReasonCode, params?: Reason['params']) =>
  new Refusal('WRONG_STATE', { reasons: [{ code, ...(params && { params }) }] });

const withSheet = {
  sealed: true,
  sheet: {
    include: {
      scans: { select: { id: true, page: true, state: true } },
      request: {
        include: {
          terms: true,
          course: { select: { id: true, title: true, teacherId: true } },
          signer: { select: { name: true } },
          site: { select: { name: true, contact: true } },
          participant: { include: { person: { select: { name: true } }, class: { select: { name: true } } } },
        },
      },
    },
  },
} as const;

/** One page with its sheet and everything that it asks. @throws Refusal `NOT_FOUND`. */
export async function findScanPage(db: Db, id: Id) {
  const row = await db.scanPage.findUnique({ where: { id }, include: withSheet });
  if (!row) throw new Refusal('NOT_FOUND');
  return row;
}
export type ScanPageRow = Awaited<ReturnType<typeof findScanPage>>;
export type SheetRow = NonNullable<ScanPageRow['sheet']>;

/**
 * One page of a sheet that is not done, with the course locked: whoever reads or decides it is alone with it.
 * @throws Refusal `NOT_FOUND`, `STATE_CHANGED`; `WRONG_STATE`: `SCAN_PAGE_DONE`, `SCAN_PAGE_NOT_ASSIGNED`.
 */
export async function lockScanPage(db: Transaction['db'], id: Id): Promise<ScanPageRow & { sheet: SheetRow }> {
  const before = await findScanPage(db, id);
  if (before.sheet) await lockCourse(db, before.sheet.request.courseId);
  await db.$queryRaw`SELECT id FROM scan_page WHERE id = ${id}::uuid FOR UPDATE`;
  const row = await findScanPage(db, id);
  if (row.state === 'confirmed' || row.state === 'rejected') throw refusePage('SCAN_PAGE_DONE');
  if (row.sheet === null) throw refusePage('SCAN_PAGE_NOT_ASSIGNED');
  // Assigned at this moment: then its course is not locked.
  if (before.sheet === null) throw new Refusal('STATE_CHANGED');
  return { ...row, sheet: row.sheet };
}

/**
 * Whether what was typed is the answer to this sheet. The terms that it asks about have to be in force, and whoever was
 * asked has still to stand for whom it is about: a no is taken all the same.
 * @throws Refusal `INVALID_REQUEST` with every flaw; `WRONG_STATE`: `SHEET_ANSWERED`, `SHEET_BEING_READ`,
 * `SHEET_TERMS_CHANGED`, `SHEET_SIGNER_ENDED`.
 */
export async function assertAnswer(
  db: Transaction['db'],
  page: Pick<ScanPageRow, 'id'> & { readonly sheet: SheetRow },
  reading: SheetReading,
  now: Date,
): Promise<void> {
  const { sheet } = page;
  const { request } = sheet;
  const others = sheet.scans.filter(({ id }) => id !== page.id);
  if (others.some(({ state }) => state === 'confirmed')) throw refusePage('SHEET_ANSWERED');
  if (others.some(({ state }) => state === 'read')) throw refusePage('SHEET_BEING_READ');
  const { timeZone } = await findPermissionRules(db);
  const isThere = new Set(sheet.scans.flatMap(({ state, page: number }) => (state === 'rejected' ? [] : [number])));
  const flaws = readingFlaws(reading, {
    questions: questionsOf(toTerms(request.terms).terms).length,
    signerName: request.signer?.name ?? null,
    printedOn: dayIn(sheet.printedAt, timeZone),
    today: dayIn(now, timeZone),
    missingPages: Array.from({ length: sheet.pages }, (_, at) => at + 1).filter((number) => !isThere.has(number)),
  });
  if (flaws.length > 0) throw new Refusal('INVALID_REQUEST', { reasons: flaws });
  if (isAllNo(reading)) return;
  const inForce = mustHave(await currentTerms(db, request.courseId), 'terms of a course with sheets');
  if (inForce.digest !== request.digest) throw refusePage('SHEET_TERMS_CHANGED');
  if (request.state === 'cancelled' || !(await stillStands(db, request))) throw refusePage('SHEET_SIGNER_ENDED');
}

async function stillStands(
  db: Transaction['db'],
  { capacity, participant, signerId }: SheetRow['request'],
): Promise<boolean> {
  if (capacity !== 'guardian') return true;
  const where = {
    pupilId: participant?.personId ?? '',
    guardianId: signerId ?? '',
    authority: 'may_sign',
    until: null,
  } as const;
  return (await db.guardianship.count({ where })) > 0;
}

/** Who was asked by a sheet, and about whom, as the school has it on record. */
export function namesOf({ request }: Pick<SheetRow, 'request'>) {
  const { site, participant, signer } = request;
  return {
    subject: site?.name ?? participant?.person.name ?? '',
    className: participant?.class?.name ?? null,
    signer: signer?.name ?? nameIn(site?.contact ?? ''),
  };
}
