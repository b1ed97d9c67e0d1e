/** A workbook is handed over whole; a roster is far smaller. */
export const maxWorkbookBytes = 20 * 1024 ** 2;

/** Rows of one sheet that have a cell. */
export const maxRows = 100_000;
/** Cells of all sheets. */
export const maxCells = 4_000_000;

/** How the process says why it reads nothing, as its exit status. */
export const exitCodes = { encrypted: 10, unreadable: 11, tooMany: 12 } as const;

/**
 * What the process writes: a line of JSON for each sheet and row, `"ready"` before it reads and `"end"` when all is told.
 * What it dies of after `"ready"` lies in the workbook.
 */
export const ready = 'ready';
export const end = 'end';

/** A sheet with its name, or a row of the sheet before it. */
export interface Told {
  readonly sheet: string | null;
  readonly line: number;
  readonly cells: readonly string[];
  /** Columns whose formula has no stored result. */
  readonly formulas: readonly number[];
}
