import { isTelephoneName } from '../domain/attendance/name-kinds.ts';
import { foldEmail } from '../domain/attendance/person.ts';
import type { AttendanceRow } from '../domain/attendance/row.ts';
import type { AttendanceMeaning } from '../domain/attendance/told.ts';
import type { Reason } from '../domain/reason.ts';
import type { GridRow } from '../rosters/grid.ts';
import { plain, tidy } from '../rosters/words.ts';
import { emptyRow, type RawRow } from './raw-report.ts';
import { unreadableReport } from './refusal.ts';
import type { Table } from './tables.ts';
import { parseWhen, type When } from './when.ts';

/** Which column, from 0, has what. */
export type Columns = Readonly<Partial<Record<AttendanceMeaning, number>>>;

export interface ReadOptions {
  readonly file: string;
  /** Zoom puts the name before somebody renamed themselves in brackets. */
  readonly hasOriginalInBrackets?: boolean;
  /** Whether a row has rung in, where the tool says so in a column of its own. */
  readonly isTelephone?: (cells: readonly string[]) => boolean;
}

/**
 * The rows of a table by what its columns mean. Rows without name, address and time are left out.
 * @throws Refusal `ATTENDANCE_UNREADABLE` with every line that cannot be read.
 */
export function readColumns(table: Table, columns: Columns, options: ReadOptions): RawRow[] {
  const { file } = options;
  const reasons: Reason[] = [];
  const rows: RawRow[] = [];
  for (const row of table.rows) {
    const { cells, line } = row;
    const fault = faultOf(row, table);
    if (fault !== null) {
      reasons.push({ code: fault, params: { file, line } });
      continue;
    }
    const cellOf = (meaning: AttendanceMeaning) => cells[columns[meaning] ?? -1] ?? '';
    const name = tidy(cellOf('name')) || tidy(`${cellOf('given')} ${cellOf('family')}`);
    const email = cellOf('email').trim();
    // Who has a time was there, without a name too.
    if ([name, email, cellOf('in'), cellOf('out')].every(isNothing)) continue;
    const momentOf = (meaning: 'in' | 'out'): When | null => {
      const cell = cellOf(meaning);
      if (isNothing(cell)) return null;
      const when = parseWhen(cell);
      const column = table.headings[columns[meaning] ?? -1] ?? '';
      if (when === undefined) reasons.push({ code: 'ATTENDANCE_TIME_UNREADABLE', params: { file, line, column } });
      return when ?? null;
    };
    const toolConsent = consentOf(cellOf('consent'));
    rows.push({
      ...emptyRow(line, name),
      originalName: tidy(cellOf('original_name')) || (options.hasOriginalInBrackets === true ? inBrackets(name) : null),
      email: foldEmail(email) === null ? null : email,
      role: roleOf(cellOf('role')),
      joined: momentOf('in'),
      left: momentOf('out'),
      // A tool asks for consent to be recorded only who was let in.
      isWaiting: isYes(cellOf('waiting')) && toolConsent === null,
      isTelephone: isTelephoneName(name) || (options.isTelephone?.(cells) ?? false),
      toolConsent,
    });
  }
  if (reasons.length > 0) throw unreadableReport(...reasons);
  return rows;
}

/** Whether any row waited, by its column, and yet consented. */
export const someWaitedAndConsented = (table: Table, columns: Columns): boolean =>
  columns.waiting !== undefined &&
  columns.consent !== undefined &&
  table.rows.some(
    ({ cells }) => isYes(cells[columns.waiting ?? -1] ?? '') && consentOf(cells[columns.consent ?? -1] ?? '') !== null,
  );

function faultOf({ cells }: GridRow, { headings, line }: Table) {
  if (cells.slice(headings.length).some((cell) => cell !== '')) return 'ATTENDANCE_ROW_TOO_LONG' as const;
  const isAgain = line > 0 && headings.length > 1 && headings.every((heading, at) => tidy(cells[at] ?? '') === heading);
  return isAgain ? ('ATTENDANCE_HEADINGS_AGAIN' as const) : null;
}

const isNothing = (cell: string): boolean => /^[-–—\s]*$/.test(cell);

const yes = new Set(['yes', 'true', 'evet', 'ja', 'oui', 'si', 'sim', '1']);
const no = new Set(['no', 'false', 'hayir', 'nein', 'non', 'nao', '0']);
const isYes = (cell: string): boolean => yes.has(plain(cell));
const consentOf = (cell: string): 'yes' | 'no' | null => (isYes(cell) ? 'yes' : no.has(plain(cell)) ? 'no' : null);

function inBrackets(name: string): string | null {
  const inside = /\S\s*\(([^()]*\p{L}[^()]*)\)$/u.exec(name)?.[1]?.trim();
  return inside === undefined || inside === '' ? null : inside;
}

function roleOf(cell: string): AttendanceRow['role'] {
  const word = plain(cell);
  if (/^(?:host|organi[sz]er|organisator|duzenleyen|moderator|true|panelist host)$/.test(word)) return 'host';
  if (/^(?:presenter|co ?host|referent|sunucu|panelist|co ?organi[sz]er)$/.test(word)) return 'presenter';
  return word === '' ? null : 'attendee';
}
