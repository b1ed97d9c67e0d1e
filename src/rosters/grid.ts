import type { Reason } from '../domain/reason.ts';
import { rosterLimits } from './limits.ts';
import { tooLarge } from './refusal.ts';

/** A table before anybody knows what it means. */
export interface Grid {
  /** The file, member of an archive or sheet, as it is shown. */
  readonly file: string;
  /** In their order; empty rows may be left out. */
  readonly rows: readonly GridRow[];
}

export interface GridRow {
  /** Line of a text, row of a sheet; where it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
  /** Columns, from 0, whose formula has no stored result: such a cell is empty. */
  readonly formulas?: readonly number[];
}

/** The table itself, if it keeps to `rosterLimits`. @throws Refusal `TOO_LARGE`. */
export function withinLimits(grid: Grid): Grid {
  const { file, rows } = grid;
  if (rows.length > rosterLimits.rows)
    throw tooLarge({ code: 'ROSTER_TOO_MANY_ROWS', params: { file, most: rosterLimits.rows } });
  const reasons: Reason[] = [];
  for (const { line, cells } of rows) {
    if (cells.length > rosterLimits.columns)
      reasons.push({ code: 'ROSTER_TOO_MANY_COLUMNS', params: { file, line, most: rosterLimits.columns } });
    if (cells.some((cell) => cell.length > rosterLimits.cellLength))
      reasons.push({ code: 'ROSTER_CELL_TOO_LONG', params: { file, line, most: rosterLimits.cellLength } });
  }
  if (reasons.length > 0) throw tooLarge(...reasons);
  return grid;
}

export const isBlank = ({ cells }: GridRow): boolean => cells.every((cell) => cell.trim() === '');
