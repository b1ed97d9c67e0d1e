import type { Day } from '../../domain/calendar.ts';
import type { Id } from '../../domain/ids.ts';
import type { ScanFinding, ScanPageState } from '../../domain/scan-page.ts';
import type { SheetReading } from '../../domain/sheet-reading.ts';
import type { Terms } from '../../domain/terms.ts';
import { toTerms } from '../core/course-terms.ts';
import type { Outside } from '../ports/outside.ts';
import { findScanPage, namesOf, readReading, type ScanPageRow, toDay } from './scan-page.ts';

type Needs = Pick<Outside, 'database'>;

export interface ScanPageView {
  readonly id: Id;
  readonly scanId: Id;
  readonly place: number;
  readonly found: ScanFinding;
  readonly state: ScanPageState;
  readonly receivedOn: Day;
  readonly uploadedAt: Date;
  /** Null: nobody knows yet whose it is. */
  readonly sheet: {
    readonly id: Id;
    readonly code: string;
    readonly page: number;
    readonly pages: number;
    readonly courseId: Id;
    readonly courseTitle: string;
    readonly subject: string;
    readonly className: string | null;
    readonly signer: string;
    readonly language: string;
  } | null;
  readonly reading: SheetReading | null;
  readonly readAt: Date | null;
  readonly readById: Id | null;
  readonly readByName: string | null;
  readonly note: string | null;
  readonly permissionId: Id | null;
}

/**
 * Pages of scans, the oldest first: those of sheets of a teacher's own courses, and what that teacher brought and nobody has
 * assigned; without a teacher, all.
 */
export async function listScanPages(
  { database: { read } }: Needs,
  asked: {
    readonly teacherId?: Id | undefined;
    readonly state?: ScanPageState | undefined;
    readonly courseId?: Id | undefined;
    readonly sheetId?: Id | undefined;
    readonly limit: number;
    readonly after?: Id | undefined;
  },
): Promise<{ items: ScanPageView[]; next: Id | null }> {
  const { teacherId, state, courseId, sheetId, limit, after } = asked;
  const ids = await read.scanPage.findMany({
    where: {
      ...(state === undefined ? {} : { state }),
      ...(courseId === undefined ? {} : { sheet: { request: { courseId } } }),
      ...(sheetId === undefined ? {} : { sheetId }),
      ...(teacherId === undefined
        ? {}
        : { OR: [{ sheet: { request: { course: { teacherId } } } }, { sheetId: null, uploadedById: teacherId }] }),
    },
    orderBy: [{ uploadedAt: 'asc' }, { place: 'asc' }, { id: 'asc' }],
    take: limit + 1,
    ...(after === undefined ? {} : { cursor: { id: after }, skip: 1 }),
    select: { id: true },
  });
  const rows: ScanPageRow[] = [];
  for (const { id } of ids.slice(0, limit)) rows.push(await findScanPage(read, id));
  const names = await namesOfReaders(read, rows);
  return {
    items: rows.map((row) => toView(row, names)),
    next: ids.length > limit ? (rows.at(-1)?.id ?? null) : null,
  };
}

/** One page, and the terms that its sheet asks about; null: nobody knows yet whose page it is. @throws Refusal `NOT_FOUND`. */
export async function getScanPage(
  { database: { read } }: Needs,
  id: Id,
): Promise<{ readonly view: ScanPageView; readonly terms: Terms | null }> {
  const row = await findScanPage(read, id);
  const terms = row.sheet && toTerms(row.sheet.request.terms).terms;
  return { view: toView(row, await namesOfReaders(read, [row])), terms };
}

async function namesOfReaders(read: Outside['database']['read'], rows: readonly ScanPageRow[]) {
  const ids = rows.flatMap(({ readById }) => readById ?? []);
  const users = await read.user.findMany({ where: { id: { in: ids } }, select: { id: true, name: true } });
  return new Map(users.map(({ id, name }) => [id, name]));
}

function toView(row: ScanPageRow, names: ReadonlyMap<Id, string>): ScanPageView {
  const { id, scanId, place, found, state, uploadedAt, readById, readAt, note, permissionId, sheet } = row;
  return {
    ...{ id, scanId, place, found, state, uploadedAt, readById, readAt, note, permissionId },
    receivedOn: toDay(row.receivedOn),
    sheet: sheet && {
      id: sheet.id,
      code: sheet.code,
      page: row.page ?? 1,
      pages: sheet.pages,
      courseId: sheet.request.courseId,
      courseTitle: sheet.request.course.title,
      ...namesOf(sheet),
      language: sheet.language,
    },
    reading: row.reading === null ? null : readReading(row.reading),
    readByName: names.get(readById ?? '') ?? null,
  };
}
