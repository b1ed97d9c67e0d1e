import { type GridRow, isBlank } from '../rosters/grid.ts';
import { once } from '../rosters/words.ts';
import { knownHeadings } from './headings.ts';
import { parseWhen } from './when.ts';

/** Rows that stand together, the first of which may be headings. */
export interface Table {
  /** Each once: a second one of a name has ` (2)` behind it. A table without headings has numbers. */
  readonly headings: readonly string[];
  /** The line of the headings; 0: there are none. */
  readonly line: number;
  readonly rows: readonly GridRow[];
}

/** Rows between empty lines. What goes on after an empty line without headings of its own belongs to what is before it. */
export function tablesOf(rows: readonly GridRow[]): Table[] {
  const blocks: GridRow[][] = [];
  let isOpen = false;
  for (const row of rows) {
    if (isBlank(row)) isOpen = false;
    else if (isOpen) blocks.at(-1)?.push(row);
    else {
      const before = blocks.at(-1);
      const goesOn =
        before !== undefined &&
        knownHeadings(row.cells) < 2 &&
        row.cells.length > 1 &&
        row.cells.length === before.at(-1)?.cells.length;
      if (goesOn) before.push(row);
      else blocks.push([row]);
      isOpen = true;
    }
  }
  return blocks.map(tableOf);
}

/** A line with one cell above the headings is a title. */
function tableOf(block: readonly GridRow[]): Table {
  const filled = ({ cells }: GridRow) => cells.filter((cell) => cell !== '').length;
  const isOneColumn = block.every((row) => filled(row) <= 1);
  const at = isOneColumn
    ? 0
    : Math.max(
        0,
        block.findIndex((row) => filled(row) > 1),
      );
  const first = block[at];
  const below = block.slice(at + 1);
  if (first === undefined) return { headings: [], line: 0, rows: [] };
  if (hasHeadings(first, below)) return { headings: once(first.cells), line: first.line, rows: below };
  const width = Math.max(...block.map(({ cells }) => cells.length));
  return { headings: Array.from({ length: width }, (_, place) => String(place + 1)), line: 0, rows: block.slice(at) };
}

/** Words that are known make headings; a time or an address makes a row of what it stands in. */
function hasHeadings({ cells }: GridRow, below: readonly GridRow[]): boolean {
  if (knownHeadings(cells) > 0) return true;
  const isValue = (cell: string) => cell.includes('@') || parseWhen(cell) !== undefined;
  if (cells.some(isValue)) return false;
  return below.some((row) => row.cells.some(isValue));
}
