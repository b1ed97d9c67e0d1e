import { type CellObject, read, SSF, set_cptable, utils, type WorkBook, type WorkSheet } from '@e965/xlsx';
import * as codePages from '@e965/xlsx/dist/cpexcel.full.mjs';
import { type exitCodes, maxCells, maxRows } from './cells-protocol.ts';

export class WorkbookRefused extends Error {
  override readonly name = 'WorkbookRefused';
  readonly why: keyof typeof exitCodes;
  constructor(why: WorkbookRefused['why'], cause?: unknown) {
    super(why, { cause });
    this.why = why;
  }
}

export interface CellRow {
  readonly line: number;
  readonly cells: string[];
  readonly formulas: number[];
}

// Without them the letters of workbooks before Excel 97 are lost without a word.
set_cptable(codePages);

/** The sheets of a workbook. @throws WorkbookRefused. */
export function openWorkbook(bytes: Buffer): { name: string; rows: CellRow[] }[] {
  const workbook = parse(bytes);
  let left = maxCells;
  return workbook.SheetNames.map((name) => {
    const rows = rowsOf(workbook.Sheets[name] ?? {}, left);
    left -= rows.reduce((count, { cells }) => count + cells.length, 0);
    if (left < 0 || rows.length > maxRows) throw new WorkbookRefused('tooMany');
    return { name, rows };
  });
}

function parse(bytes: Buffer): WorkBook {
  try {
    return read(bytes, { type: 'buffer', cellHTML: false, cellNF: true, sheetStubs: true });
  } catch (error) {
    // Whatever a damaged file makes the library throw, it says no more than that.
    const isLocked = error instanceof Error && /password/i.test(error.message);
    throw new WorkbookRefused(isLocked ? 'encrypted' : 'unreadable', error);
  }
}

/** Only cells that are there: a sheet may say that it goes to the last row of the last column. */
function rowsOf(sheet: WorkSheet, most: number): CellRow[] {
  const rows = new Map<number, CellRow>();
  let count = 0;
  for (const [address, cell] of Object.entries(sheet)) {
    if (address.startsWith('!') || isFormatOnly(cell)) continue;
    const { r, c } = utils.decode_cell(address);
    const row = rows.get(r) ?? { line: r + 1, cells: [], formulas: [] };
    count += Math.max(0, c + 1 - row.cells.length);
    if (count > most) throw new WorkbookRefused('tooMany');
    while (row.cells.length <= c) row.cells.push('');
    const text = textOf(cell);
    if (cell.f !== undefined && text === '') row.formulas.push(c);
    row.cells[c] = text;
    rows.set(r, row);
  }
  return [...rows.values()].sort((one, other) => one.line - other.line);
}

/** A cell that somebody coloured, and that holds nothing. */
const isFormatOnly = ({ t, f }: CellObject): boolean => t === 'z' && f === undefined;

/** The stored value, never what a formula would say now; errors and what was never worked out are empty. */
function textOf({ t, v, w, z }: CellObject): string {
  if (t === 's') return String(v ?? '');
  if (t === 'b') return v === true ? 'TRUE' : 'FALSE';
  if (t !== 'n' || typeof v !== 'number') return '';
  const format = String(z ?? '');
  if (SSF.is_date(format)) return momentOf(v, format);
  return padsWithZeros(format) ? (w ?? plainNumber(v)) : plainNumber(v);
}

/**
 * The library cannot write every form of a date, `dd.mm.yyyy` among them: a day is YYYY-MM-DD. Where the format shows
 * hours, HH:MM follows, and seconds if there are any.
 */
function momentOf(serial: number, format: string): string {
  const moment = SSF.parse_date_code(serial) as ReturnType<typeof SSF.parse_date_code> | null; // null before 1900
  if (moment === null) return plainNumber(serial);
  const { y, m, d, H, M, S } = moment;
  const two = (part: number) => String(part).padStart(2, '0');
  const day = [String(y).padStart(4, '0'), two(m), two(d)].join('-');
  const shown = format.replaceAll(/"[^"]*"|\\./g, '');
  if (!/h/i.test(shown)) return day;
  const time = [two(H), two(M), ...(S > 0 || /s/i.test(shown) ? [two(S)] : [])].join(':');
  return serial < 1 ? time : `${day} ${time}`;
}

/** As a school number or a telephone is displayed: `0000`, `0### ### ## ##`. */
const padsWithZeros = (format: string): boolean => /^[0#() \-\\/]*0[0#() \-\\/]*$/.test(format) && format !== '0';

/** Without exponent and without more digits than the number has. */
const plainNumber = (value: number): string =>
  Number.isInteger(value)
    ? BigInt(value).toString()
    : value.toLocaleString('en-US', { useGrouping: false, maximumFractionDigits: 15 });
