import { Refusal } from '../../domain/errors.ts';
import { decodeText } from '../../rosters/decode-text.ts';
import type { Grid } from '../../rosters/grid.ts';
import { unreadable } from '../../rosters/refusal.ts';
import type { RosterFile, TableReader } from '../ports/readers.ts';

/** A table of text. @throws Refusal `ROSTER_UNREADABLE` that names the file and the line. */
export function readText(tables: TableReader, { name: file, bytes }: RosterFile): Grid {
  const text = decodeText(bytes, file);
  try {
    return { file, rows: tables.read(text) };
  } catch (error) {
    const line = error instanceof Refusal ? error.reasons[0]?.params?.line : undefined;
    throw line === undefined ? error : unreadable({ code: 'ROSTER_LINE_UNREADABLE', params: { file, line } });
  }
}
