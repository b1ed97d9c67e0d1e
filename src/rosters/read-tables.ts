import { readEOkul } from './e-okul.ts';
import { isEOkul } from './e-okul-blocks.ts';
import { type Grid, withinLimits } from './grid.ts';
import { looksLikeList } from './headed-table.ts';
import { placedLines, placedRows } from './placed-row.ts';
import { readTable } from './read-table.ts';
import { unreadable } from './refusal.ts';
import type { ColumnMapping, RosterReading } from './roster.ts';

/**
 * Tables of one file: the text of a CSV, or the sheets of a workbook. A class list of e-Okul may go over several sheets; of
 * other sheets one has to be the list, the others are let alone.
 * @throws Refusal `ROSTER_UNREADABLE`, `TOO_LARGE`.
 */
export function readTables(file: string, tables: readonly Grid[], mapping?: ColumnMapping): RosterReading {
  const grids = tables.map(withinLimits);
  const listed = grids.map(placedRows).filter(isEOkul);
  if (listed.length > 0) return { outcome: 'roster', roster: readEOkul(listed.flat()) };
  const lists = grids.length === 1 ? grids : grids.filter(looksLikeList);
  const [list, second] = lists;
  if (list === undefined) throw unreadable({ code: 'ROSTER_UNKNOWN_KIND', params: { file } });
  if (second !== undefined)
    throw unreadable({ code: 'ROSTER_SEVERAL_LISTS', params: { first: list.file, second: second.file } });
  return readTable(list, mapping);
}

type PdfPage = { readonly lines: Parameters<typeof placedLines>[1] };

/** A PDF may be a class list of e-Okul and nothing else. @throws Refusal `ROSTER_UNREADABLE`. */
export function readPdfPages(file: string, pages: readonly PdfPage[]): RosterReading {
  // A place in a PDF is a page (RFC 8118) and a line of it.
  const rows = pages.flatMap(({ lines }, index) => placedLines(`${file}#page=${index + 1}`, lines));
  if (!isEOkul(rows)) throw unreadable({ code: 'ROSTER_UNKNOWN_KIND', params: { file } });
  return { outcome: 'roster', roster: readEOkul(rows) };
}
