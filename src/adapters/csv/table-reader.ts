import { CsvError, parse } from 'csv-parse/sync';
import { Refusal } from '../../domain/errors.ts';
import type { TableReader, TableRow } from '../../pipeline/ports/readers.ts';
import { delimiterOf } from './delimiter.ts';

const maxRowLength = 64 * 1024;

/** Tables as spreadsheets write and copy them, on csv-parse. */
export function createTableReader(): TableReader {
  return { read: (text) => readRows(text.replace(/\r\n?/g, '\n')) };
}

function readRows(text: string): TableRow[] {
  const rows: TableRow[] = [];
  let end = 0;
  try {
    parse(text, {
      bom: true,
      delimiter: delimiterOf(text),
      record_delimiter: '\n',
      max_record_size: maxRowLength,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true, // around quotation marks
      on_record(record: string[], { lines }) {
        end = lines;
        const within = record.reduce((count, cell) => count + cell.split('\n').length - 1, 0);
        rows.push({ line: lines - within, cells: record.map((cell) => cell.trim()) });
        return null;
      },
    });
    return rows;
  } catch (error) {
    if (error instanceof CsvError) throw unreadable(error, firstLineAfter(end, text));
    throw error;
  }
}

/** Where a row that cannot be read begins, which is where its quotation mark stands; csv-parse says where it gave up. */
function firstLineAfter(end: number, text: string): number {
  const found = text.split('\n').findIndex((line, at) => at >= end && line.trim() !== '');
  return found < 0 ? end + 1 : found + 1;
}

const unreadable = (cause: CsvError, line: number): Refusal =>
  new Refusal('INVALID_REQUEST', { cause, reasons: [{ code: 'TABLE_UNREADABLE', params: { line } }] });
