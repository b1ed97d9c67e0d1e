import { kindOf } from '../rosters/file-kind.ts';
import type { GridRow } from '../rosters/grid.ts';
import { readBigBlueButton } from './big-blue-button.ts';
import { decodeReport } from './decode-report.ts';
import { readDelimited } from './delimited.ts';
import { attendanceLimits } from './limits.ts';
import { readMapped, tableToMap } from './mapped-report.ts';
import type { RawReport } from './raw-report.ts';
import { tooLargeReport, unreadableReport } from './refusal.ts';
import type { AttendanceAnswers, AttendanceContext, AttendanceReading } from './report.ts';
import { settleTimes } from './settle-times.ts';
import { type Table, tablesOf } from './tables.ts';
import { readTeamsActions, readTeamsSections, teamsFacts, teamsSections } from './teams.ts';
import { readToolTable } from './tool-tables.ts';

/**
 * An attendance report of a meeting tool: text (CSV, or pasted) or BigBlueButton's `events.xml`. What it is, is told by its
 * content alone. Attacker-controlled; time and memory are linear in the size, which is bounded. Workbooks go to
 * {@link readAttendanceSheets}.
 * @param file the name as its owner calls it: shown, and never a path.
 * @throws Refusal `ATTENDANCE_UNREADABLE` with every reason, `TOO_LARGE`.
 */
export function readAttendance(
  bytes: Uint8Array,
  file: string,
  context: AttendanceContext,
  answers: AttendanceAnswers = {},
): AttendanceReading {
  if (bytes.length > attendanceLimits.bytes)
    throw tooLargeReport('ATTENDANCE_TOO_LARGE', { mebibytes: attendanceLimits.bytes / 1024 ** 2 });
  switch (kindOf(bytes)) {
    case 'empty':
      throw unreadableReport({ code: 'ATTENDANCE_EMPTY', params: { file } });
    case 'archive':
    case 'xls':
    case 'pdf':
      throw unreadableReport({ code: 'ATTENDANCE_UNKNOWN_KIND', params: { file } });
    case 'markup': {
      const raw = readBigBlueButton(decodeReport(bytes, file).trimStart(), file);
      return finish(raw, file, context, answers);
    }
    case 'text': {
      const { rows, isRepaired } = readDelimited(decodeReport(bytes, file), file);
      return readRows(rows, file, context, answers, isRepaired);
    }
  }
}

/** The sheets of a workbook, of which one has to be the list. @throws Refusal as {@link readAttendance}. */
export function readAttendanceSheets(
  sheets: readonly { readonly name: string; readonly rows: readonly GridRow[] }[],
  file: string,
  context: AttendanceContext,
  answers: AttendanceAnswers = {},
): AttendanceReading {
  const lists = sheets.filter(({ rows }) => rows.length > 1);
  const known = lists.filter(({ rows }) =>
    tablesOf(withGaps(rows)).some(({ line, headings }) => line > 0 && headings.length > 1),
  );
  const [list, second] = known.length > 0 ? known : lists;
  if (list === undefined) throw unreadableReport({ code: 'ATTENDANCE_NO_ROWS', params: { file } });
  if (second !== undefined)
    throw unreadableReport({ code: 'ATTENDANCE_SEVERAL_SHEETS', params: { first: list.name, second: second.name } });
  for (const { line, cells } of list.rows) {
    if (cells.length > attendanceLimits.columns)
      throw tooLargeReport('ATTENDANCE_TOO_MANY_COLUMNS', { file, line, most: attendanceLimits.columns });
    if (cells.some((cell) => cell.length > attendanceLimits.cellLength))
      throw tooLargeReport('ATTENDANCE_CELL_TOO_LONG', { file, line, most: attendanceLimits.cellLength });
  }
  if (list.rows.length > attendanceLimits.rows)
    throw tooLargeReport('ATTENDANCE_TOO_MANY_ROWS', { file, most: attendanceLimits.rows });
  return readRows(withGaps(list.rows), file, context, answers, false);
}

/** Workbooks leave empty rows out; they part the tables of a sheet. */
const withGaps = (rows: readonly GridRow[]): GridRow[] =>
  rows.flatMap((row, at) => {
    const before = rows[at - 1]?.line ?? row.line - 1;
    return row.line > before + 1 ? [{ line: row.line - 1, cells: [] }, row] : [row];
  });

function readRows(
  rows: readonly GridRow[],
  file: string,
  context: AttendanceContext,
  answers: AttendanceAnswers,
  isRepaired: boolean,
): AttendanceReading {
  const sections = teamsSections(rows);
  const tables = sections === undefined ? tablesOf(rows) : [];
  const raw =
    sections === undefined
      ? (readToolTable(tables, file) ?? readTeamsActions(tables, file))
      : readTeamsSections(sections, file);
  if (raw !== undefined) return finish(withRepair(raw, isRepaired), file, context, answers);
  const table = sections === undefined ? largest(tables) : (sections.activities ?? sections.participants);
  if (table === undefined || table.rows.length === 0)
    throw unreadableReport({ code: 'ATTENDANCE_NO_ROWS', params: { file } });
  if (answers.mapping === undefined) return { outcome: 'mapping', table: tableToMap(table) };
  const facts = sections === undefined ? noFacts : teamsFacts(sections.summary);
  return finish(
    withRepair({ ...facts, ...readMapped(table, answers.mapping, file) }, isRepaired),
    file,
    context,
    answers,
  );
}

const noFacts = {
  tool: 'table',
  title: null,
  statedCount: null,
  statedStart: null,
  statedEnd: null,
  recorded: null,
} as const;

const withRepair = (raw: RawReport, isRepaired: boolean): RawReport =>
  isRepaired ? { ...raw, notices: [...raw.notices, 'QUOTES_REPAIRED'] } : raw;

const largest = (tables: readonly Table[]): Table | undefined =>
  tables.toSorted((a, b) => b.rows.length - a.rows.length)[0];

function finish(
  raw: RawReport,
  file: string,
  context: AttendanceContext,
  answers: AttendanceAnswers,
): AttendanceReading {
  if (raw.rows.length === 0) throw unreadableReport({ code: 'ATTENDANCE_NO_ROWS', params: { file } });
  return settleTimes(raw, file, context, answers);
}
