import type { Grid } from './grid.ts';
import type { Provenance } from './roster.ts';

/** A row whose cells have places, so that what stands below a heading is told from what stands beside it. */
export interface PlacedRow {
  readonly from: Provenance;
  /** How much further left than its heading a cell may begin. */
  readonly play: number;
  /** From left to right; empty ones are left out. */
  readonly cells: readonly PlacedCell[];
}

export interface PlacedCell {
  /** A column from 0, or a distance from the left edge in points. */
  readonly at: number;
  readonly text: string;
}

/** Cells of a sheet or of pasted text. */
export const placedRows = ({ file, rows }: Grid): PlacedRow[] =>
  rows.map(({ line, cells }) => ({
    from: { file, line },
    play: 0,
    cells: cells.flatMap((text, at) => (text.trim() === '' ? [] : [{ at, text }])),
  }));

/** Letters do not begin at the same point below each other; columns are further apart. */
const pointsOfPlay = 6;

/** Lines of a page of a PDF, whose places are in points. */
export const placedLines = (
  file: string,
  lines: readonly { readonly words: readonly { readonly x: number; readonly text: string }[] }[],
): PlacedRow[] =>
  lines.map(({ words }, index) => ({
    from: { file, line: index + 1 },
    play: pointsOfPlay,
    cells: words.flatMap(({ x, text }) => (text.trim() === '' ? [] : [{ at: x, text }])),
  }));

/** What stands below each heading: from a little left of it to a little left of the next. */
export function below(headings: readonly PlacedCell[], { cells, play }: PlacedRow): string[] {
  return headings.map(({ at }, index) => {
    const end = headings[index + 1]?.at ?? Number.POSITIVE_INFINITY;
    const within = cells.filter((cell) => cell.at >= at - play && cell.at < end - play);
    return within.map(({ text }) => text.trim()).join(' ');
  });
}
