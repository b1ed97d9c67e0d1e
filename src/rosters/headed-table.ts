import { type Grid, type GridRow, isBlank } from './grid.ts';
import { knownHeadings } from './headings.ts';
import { unreadable } from './refusal.ts';
import { once } from './words.ts';

/** Titles and groups may stand above the headings, within this many rows. */
const rowsToSearch = 10;

/** A table with its headings told apart from its rows, of which there is one at least. */
export interface HeadedTable extends Grid {
  /** As written, each once: a second one of a name has ` (2)` behind it. */
  readonly headings: readonly string[];
}

/** Whether the table has headings as a list of pupils has them. */
export const looksLikeList = ({ rows }: Grid): boolean =>
  rows.slice(0, rowsToSearch).some(({ cells }) => knownHeadings(cells) >= 2);

/** @throws Refusal `ROSTER_UNREADABLE` for a table without rows. */
export function headedTable({ file, rows }: Grid): HeadedTable {
  const full = rows.filter((row) => !isBlank(row));
  const at = headingsAt(full);
  const below = full.slice(at + 1);
  if (below.length === 0) throw unreadable({ code: 'ROSTER_NO_ROWS', params: { file } });
  return { file, headings: once(full[at]?.cells ?? []), rows: below };
}

/**
 * The row with the most words that are known, if what stands above it is half empty, as titles and groups are. Otherwise
 * the first: no row that may be a pupil is passed over.
 */
function headingsAt(rows: readonly GridRow[]): number {
  const first = rows.slice(0, rowsToSearch);
  const known = first.map(({ cells }) => knownHeadings(cells));
  const best = Math.max(0, known.indexOf(Math.max(...known)));
  const filled = first.map(({ cells }) => cells.filter((cell) => cell !== '').length);
  return filled.slice(0, best).every((count) => count * 2 <= (filled[best] ?? 0)) ? best : 0;
}
