import type { GridRow } from '../rosters/grid.ts';
import { attendanceLimits } from './limits.ts';
import { tooLargeReport, unreadableReport } from './refusal.ts';

export interface DelimitedText {
  /** Every line, an empty one without cells. */
  readonly rows: readonly GridRow[];
  /** Whether a quotation mark within a name was taken as a letter, since the tool had not doubled it. */
  readonly isRepaired: boolean;
}

/**
 * Lines and cells of a report (RFC 4180, with commas, semicolons or tabs). BigBlueButton does not double the quotation
 * marks within a name: one that no delimiter follows is a letter. A cell over several lines that has a delimiter in it is
 * two rows glued together, so the report is refused. The time is linear in the length.
 * @throws Refusal `ATTENDANCE_UNREADABLE` with the line, `TOO_LARGE`.
 */
export function readDelimited(text: string, file: string): DelimitedText {
  const whole = text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');
  const told = /^sep=(.)\n/.exec(whole)?.[1];
  const delimiter = told ?? delimiterOf(whole);
  const rows: GridRow[] = [];
  let isRepaired = false;
  let at = told === undefined ? 0 : 6;
  let line = told === undefined ? 1 : 2;
  while (at < whole.length) {
    if (rows.length >= attendanceLimits.rows)
      throw tooLargeReport('ATTENDANCE_TOO_MANY_ROWS', { file, most: attendanceLimits.rows });
    const row = readRow(whole, at, { delimiter, file, line });
    isRepaired ||= row.isRepaired;
    rows.push({ line, cells: row.cells });
    line += row.lines;
    at = row.end;
  }
  return { rows, isRepaired };
}

interface Place {
  readonly delimiter: string;
  readonly file: string;
  readonly line: number;
}

function readRow(text: string, start: number, place: Place) {
  const { delimiter, file, line } = place;
  const cells: string[] = [];
  let at = start;
  let lines = 1;
  let isRepaired = false;
  for (;;) {
    const cell = readCell(text, at, place);
    isRepaired ||= cell.isRepaired;
    lines += cell.breaks;
    if (cells.length >= attendanceLimits.columns)
      throw tooLargeReport('ATTENDANCE_TOO_MANY_COLUMNS', { file, line, most: attendanceLimits.columns });
    if (cell.value.length > attendanceLimits.cellLength)
      throw tooLargeReport('ATTENDANCE_CELL_TOO_LONG', { file, line, most: attendanceLimits.cellLength });
    cells.push(unwrapped(cell.value.trim()));
    at = cell.end;
    if (text[at] !== delimiter) break;
    at++;
  }
  const isEmpty = cells.every((cell) => cell === '');
  return { cells: isEmpty ? [] : cells, end: at + 1, lines, isRepaired };
}

/** Webex writes `="2026-10-12 10:00:00"`, so that a spreadsheet takes it for text. */
const unwrapped = (cell: string): string => /^="(.*)"$/s.exec(cell)?.[1]?.replaceAll('""', '"') ?? cell;

function readCell(text: string, start: number, { delimiter, file, line }: Place) {
  let from = start;
  while (text[from] === ' ') from++;
  if (text[from] !== '"') {
    let end = start;
    while (end < text.length && text[end] !== delimiter && text[end] !== '\n') end++;
    return { value: text.slice(start, end), end, breaks: 0, isRepaired: false };
  }
  let value = '';
  let breaks = 0;
  let isRepaired = false;
  let at = from + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0 || quote - from > 4 * attendanceLimits.cellLength)
      throw unreadableReport({ code: 'ATTENDANCE_LINE_UNREADABLE', params: { file, line } });
    value += text.slice(at, quote);
    const isTwo = text[quote + 1] === '"';
    let after = quote + (isTwo ? 2 : 1);
    // After a mark that was not doubled, the second of two ends the cell: "Ada "Minik"",
    const isEndOfRepaired = isTwo && isRepaired && isEdge(text, after, delimiter);
    if (isTwo) value += '"';
    if (isTwo && !isEndOfRepaired) {
      at = quote + 2;
      continue;
    }
    while (text[after] === ' ') after++;
    if (isEdge(text, after, delimiter)) {
      breaks = value.split('\n').length - 1;
      const isGlued =
        breaks > 0 ? value.includes(delimiter) || isRepaired : isRepaired && value.includes(`${delimiter}"`);
      if (isGlued) throw unreadableReport({ code: 'ATTENDANCE_LINE_UNREADABLE', params: { file, line } });
      return { value: value.replaceAll('\n', ' '), end: Math.min(after, text.length), breaks, isRepaired };
    }
    isRepaired = true;
    value += '"';
    at = quote + 1;
  }
}

const isEdge = (text: string, at: number, delimiter: string): boolean =>
  at >= text.length || text[at] === delimiter || text[at] === '\n';

/**
 * What stands between the cells: tabs where most lines have one, as times of many languages have commas in them;
 * otherwise the more frequent of semicolon and comma, outside of quotation marks, in the first lines.
 */
function delimiterOf(text: string): string {
  const counts = { '\t': 0, ';': 0, ',': 0 };
  let isQuoted = false;
  let lines = 0;
  let withTab = 0;
  let hasTab = false;
  let isFull = false;
  for (const letter of text.slice(0, 64 * 1024)) {
    if (letter === '"') isQuoted = !isQuoted;
    if (letter === '\n') {
      if (isFull) lines++;
      if (hasTab) withTab++;
      hasTab = false;
      isFull = false;
      isQuoted = false;
      if (lines >= 50) break;
    } else if (letter !== ' ') isFull = true;
    if (isQuoted) continue;
    if (letter === '\t') hasTab = true;
    if (letter === '\t' || letter === ';' || letter === ',') counts[letter]++;
  }
  if (hasTab) withTab++;
  if (withTab > 0 && withTab * 2 >= lines) return '\t';
  return counts[';'] > 0 && counts[';'] >= counts[','] ? ';' : ',';
}
