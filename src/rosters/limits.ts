import { mostRosterBytes } from '../domain/roster.ts';

/** What a roster may be at most. A school of ten thousand pupils stays far below each of these. */
export const rosterLimits = {
  /** Bytes of all files that are handed in together. */
  bytes: mostRosterBytes,
  /** Bytes of all members of an archive, unpacked. */
  unpackedBytes: 50 * 1024 ** 2,
  /** Members of an archive, or files of a folder. */
  members: 100,
  /** Rows of one table. */
  rows: 100_000,
  /** Cells of one row. */
  columns: 200,
  /** UTF-16 code units of one cell. */
  cellLength: 2_000,
} as const;
