import type { AttendanceMeaning } from '../domain/attendance/told.ts';
import type { Reason } from '../domain/reason.ts';
import { suggest } from './headings.ts';
import type { RawReport } from './raw-report.ts';
import { readColumns } from './read-columns.ts';
import { unreadableReport } from './refusal.ts';
import type { AttendanceMapping, AttendanceTable } from './report.ts';
import type { Table } from './tables.ts';

const sampleRows = 5;

/** What a person needs to say what the columns of a table mean. */
export function tableToMap({ headings, rows }: Table): AttendanceTable {
  const cells = rows.map((row) => headings.map((_, at) => row.cells[at] ?? ''));
  return { headings, suggested: suggest(headings, cells), sample: cells.slice(0, sampleRows) };
}

/** A table whose columns a person said the meaning of. @throws Refusal `ATTENDANCE_UNREADABLE`. */
export function readMapped(
  table: Table,
  mapping: AttendanceMapping,
  file: string,
): Pick<RawReport, 'rows' | 'notices'> {
  const reasons: Reason[] = [];
  const columns: Partial<Record<AttendanceMeaning, number>> = {};
  for (const [column, meaning] of Object.entries(mapping)) {
    const at = table.headings.indexOf(column);
    if (at < 0) reasons.push({ code: 'ATTENDANCE_COLUMN_UNKNOWN', params: { file, column: column.slice(0, 100) } });
    else if (meaning !== null && columns[meaning] !== undefined)
      reasons.push({ code: 'ATTENDANCE_COLUMN_TWICE', params: { file, column } });
    else if (meaning !== null) columns[meaning] = at;
  }
  if (columns.name === undefined && columns.given === undefined)
    reasons.push({ code: 'ATTENDANCE_COLUMN_MISSING', params: { file } });
  if (reasons.length > 0) throw unreadableReport(...reasons);
  return { rows: readColumns(table, columns, { file }), notices: [] };
}
