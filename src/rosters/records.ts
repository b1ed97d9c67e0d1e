import type { Reason } from '../domain/reason.ts';
import { type Grid, isBlank } from './grid.ts';
import type { Provenance } from './roster.ts';
import { tidy } from './words.ts';

/** A file of a bundle whose first row names the columns. */
export interface Records {
  readonly file: string;
  readonly rows: readonly RosterRow[];
  has(column: string): boolean;
  /** Whether some row has something in it, whatever that is. */
  isUsed(column: string): boolean;
}

export interface RosterRow {
  readonly from: Provenance;
  /** Without blanks around it; empty where the file has no such column. */
  get(column: string): string;
  /** What stands in a cell with commas between. */
  list(column: string): string[];
}

/** Adds to `reasons` the columns that are missing and the rows that are longer than the headings. */
export function readRecords({ file, rows }: Grid, needed: readonly string[], reasons: Reason[]): Records {
  const [header, ...others] = rows.filter((row) => !isBlank(row));
  const places = new Map(header?.cells.map((cell, at) => [tidy(cell).toLowerCase(), at]));
  const full = others.map(({ line, cells }): RosterRow => {
    const get = (column: string) => {
      const at = places.get(column.toLowerCase());
      return at === undefined ? '' : tidy(cells[at] ?? '');
    };
    const list = (column: string) =>
      get(column)
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== '');
    if (cells.slice(header?.cells.length).some((cell) => cell !== ''))
      reasons.push({ code: 'ROSTER_ROW_TOO_LONG', params: { file, line } });
    return { from: { file, line }, get, list };
  });
  const has = (column: string) => places.has(column.toLowerCase());
  for (const column of needed.filter((one) => !has(one)))
    reasons.push({ code: 'ROSTER_COLUMN_UNKNOWN', params: { file, column } });
  return { file, rows: full, has, isUsed: (column) => full.some((row) => row.get(column) !== '') };
}

/** Adds a reason for every row whose identifier is empty, or was in a row above. */
export function checkIds({ file, rows }: Records, column: string, reasons: Reason[]): void {
  const seen = new Set<string>();
  for (const { from, get } of rows) {
    const id = get(column);
    const { line } = from;
    if (id === '') reasons.push({ code: 'ROSTER_CELL_EMPTY', params: { file, line, column } });
    if (seen.has(id)) reasons.push({ code: 'ROSTER_ID_TWICE', params: { file, line, id } });
    seen.add(id);
  }
}
