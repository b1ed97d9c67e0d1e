import { CsvError, parse } from 'csv-parse/sync';
import { Refusal } from '../../domain/errors.ts';
import type { TableReader, TableRow } from '../../pipeline/ports/readers.ts';

const maxRowLength = 64 * 1024;

/** Tables as spreadsheets write them, on csv-parse. */
export function createTableReader(): TableReader {
  return {
    read(text) {
      try {
        const rows: TableRow[] = [];
        parse(text, {
          bom: true,
          delimiter: delimiterOf(text),
          max_record_size: maxRowLength,
          relax_column_count: true,
          skip_empty_lines: true,
          trim: true, // around quotation marks
          on_record(record: string[], { lines }) {
            rows.push({ line: lines, cells: record.map((cell) => cell.trim()) });
            return null;
          },
        });
        return rows;
      } catch (error) {
        if (error instanceof CsvError) throw unreadable(error);
        throw error;
      }
    },
  };
}

/**
 * Spreadsheets separate cells by semicolons where numbers have a decimal comma. The first line holds only names of
 * columns.
 */
function delimiterOf(text: string): ',' | ';' {
  const first = text.trimStart().replace(/[\r\n].*$/s, '');
  return first.split(';').length > first.split(',').length ? ';' : ',';
}

function unreadable(error: CsvError): Refusal {
  const { lines } = error as { lines?: unknown };
  const line = typeof lines === 'number' ? lines : 1;
  return new Refusal('INVALID_REQUEST', {
    cause: error,
    reasons: [{ code: 'TABLE_UNREADABLE', params: { line } }],
  });
}
