/** What an attendance report may be at most. A lesson of 500 with every cursor move on record stays below each of these. */
export const attendanceLimits = {
  /** Bytes of one report. BigBlueButton writes every move of a cursor into `events.xml`. */
  bytes: 32 * 1024 ** 2,
  /** Rows of one table, or stays of one `events.xml`. */
  rows: 10_000,
  /** Cells of one row. */
  columns: 100,
  /** UTF-16 code units of one cell. */
  cellLength: 1_000,
  /** Elements within each other in XML. */
  depth: 50,
} as const;
