import { Refusal } from '../../domain/errors.ts';
import type { Reason } from '../../domain/reason.ts';
import type { WorkRow } from '../../domain/work-files.ts';
import type { Outside } from '../ports/outside.ts';
import type { TableRow } from '../ports/readers.ts';

/** Columns of `works.csv`; the first names the file. Case, blanks and hyphens in their names do not matter. */
const columns = 'file title rightsHolder licence terms isrc iswc eidr isbn validFrom validUntil'.split(' ');
const maxRows = 10_000;
/**
 * Maximum number of columns. A spreadsheet leaves empty columns at the end; a table with more is not a list of works.
 */
const maxColumns = 50;
const fewReasons = 20;

/**
 * Reads a list of works. An empty cell says nothing; days may be written as in Turkish (26.11.2026).
 * @throws Refusal `INVALID_REQUEST`, with the lines that are wrong.
 */
export function readWorkList({ tables }: Pick<Outside, 'tables'>, text: string): WorkRow[] {
  if (text.includes('\uFFFD')) throw refused([{ code: 'LIST_NOT_UTF8' }]);
  const [header, ...rows] = tables.read(text);
  const head = header?.cells.slice(0, maxColumns + 1) ?? [];
  const names = head.map(nameOf);
  const unknown = head.filter((cell, at) => cell !== '' && names[at] === undefined);
  if (head.length > maxColumns || unknown.length > 0 || !names.includes('file')) throw refused([wrongColumns(unknown)]);
  if (rows.length > maxRows) throw refused([tooManyRows]);
  const files = new Set<string>();
  const wrong: Reason[] = [];
  const listed = rows.map((row) => {
    const said = toRow(names, row);
    if (said.file === '' || files.has(said.file)) wrong.push(wrongFile(row.line, said.file));
    files.add(said.file);
    return said;
  });
  if (wrong.length > 0) throw refused(wrong.slice(0, fewReasons));
  return listed;
}

const simple = (name: string) => name.toLowerCase().replace(/[\s_-]/g, '');
const nameOf = (cell: string): string | undefined => columns.find((name) => simple(name) === simple(cell));

function toRow(names: readonly (string | undefined)[], { cells }: TableRow): WorkRow {
  const facts = names.flatMap((name, at) => {
    const value = cells[at] ?? '';
    return name === undefined || value === '' ? [] : [[name, name.startsWith('valid') ? dayOf(value) : value]];
  });
  return { file: '', ...Object.fromEntries(facts) };
}

function dayOf(value: string): string {
  const turkish = /^(\d\d?)\.(\d\d?)\.(\d{4})$/.exec(value);
  if (turkish === null) return value;
  const [, day = '', month = '', year = ''] = turkish;
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

const refused = (reasons: readonly Reason[]) => new Refusal('INVALID_REQUEST', { reasons });

const wrongColumns = (unknown: readonly string[]): Reason => {
  const list = columns.join(', ');
  const names = unknown
    .slice(0, 5)
    .map((name) => name.slice(0, 50))
    .join(', ');
  return names === ''
    ? { code: 'LIST_COLUMNS', params: { list } }
    : { code: 'LIST_COLUMNS_UNKNOWN', params: { list, names } };
};

const tooManyRows: Reason = { code: 'LIST_TOO_LONG', params: { maxRows } };

const wrongFile = (line: number, name: string): Reason => {
  const file = name.slice(0, 100);
  return file === '' ? { code: 'LIST_NO_FILE', params: { line } } : { code: 'LIST_TWICE', params: { line, file } };
};
