import type { Language } from '../domain/language.ts';
import { mustHave } from '../domain/must-have.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';

/** Text from anywhere, made safe for a terminal: one line, without control and direction characters. */
export function plain(text: string): string {
  return text.replace(/[\r\n\t]+/g, ' ').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '');
}

/** `2026-06-30 14:05`, in the reader's time zone. */
export function formatTime(time: string | null): string {
  if (time === null) return '';
  const date = new Date(time);
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `3.8 MB`; `3,8 MB` in Turkish. Powers of ten. */
export function formatBytes(bytes: number, language: Language): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  const value = (bytes / 1000 ** power).toLocaleString(language, { maximumFractionDigits: power === 0 ? 0 : 1 });
  return `${value} ${units[power]}`;
}

/** `42%`; `%42` in Turkish. Rounded down: 100 means all of it. */
export function formatPercent(part: number, whole: number, language: Language): string {
  const percent = whole > 0 ? Math.min(100, Math.floor((part / whole) * 100)) : 100;
  return fill(textsIn(language).cli.format.percent, { n: percent });
}

/**
 * A date (`2026-06-30`), a date and time of the local time zone (`2026-06-30 14:00`), or RFC 3339, to RFC 3339 in UTC.
 * A date alone is its first instant as a `start`, and the first instant after it as an `end`: the day counts as a
 * whole. Null if it is none of these.
 */
export function parseWhen(text: string, alone: 'start' | 'end' = 'start'): string | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.exec(
    text.trim(),
  );
  if (match) {
    const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const local = new Date(year, month - 1, day, hour, minute, second);
    const isReal = new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day && month >= 1 && month <= 12;
    if (isReal && hour < 24 && minute < 60 && second < 60) {
      if (match[7] !== undefined) return new Date(text.trim().replace(' ', 'T')).toISOString();
      if (match[4] === undefined && alone === 'end') local.setDate(local.getDate() + 1);
      return local.toISOString();
    }
  }
  return null;
}

/** A place in a recording, `75`, `1:15`, `1:02:03.5`, in milliseconds; null for any other text. */
export function parseClock(text: string): number | null {
  const match = /^(?:(?:(\d+):)?(\d{1,4}):)?(\d+(?:[.,]\d{1,3})?)$/.exec(text.trim());
  if (match?.[3] !== undefined) {
    const [hours, minutes] = [Number(match[1] ?? 0), Number(match[2] ?? 0)];
    const seconds = Number(match[3].replace(',', '.'));
    const isClock = match[2] === undefined || (seconds < 60 && (match[1] === undefined || minutes < 60));
    if (isClock) return Math.round(((hours * 60 + minutes) * 60 + seconds) * 1000);
  }
  return null;
}

/** `1 h 02 min`, `3 min 07 s`; in Turkish `1 sa 02 dk`, `3 dk 07 sn`. */
export function formatDuration(ms: number, language: Language): string {
  const units = textsIn(language).cli.format.units;
  const seconds = Math.round(ms / 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  if (seconds >= 3600)
    return `${Math.floor(seconds / 3600)} ${units.h} ${two(Math.floor(seconds / 60) % 60)} ${units.m}`;
  if (seconds >= 60) return `${Math.floor(seconds / 60)} ${units.m} ${two(seconds % 60)} ${units.s}`;
  return `${seconds} ${units.s}`;
}

type Cell = string | number | null | undefined;

/** Columns under their headings, two spaces apart. */
export function table(headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cells = [headings, ...rows].map((row) => row.map((cell) => plain(String(cell ?? ''))));
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => widthOf(row[column] ?? ''))));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat(mustHave(widths[column], 'heading over a cell') - widthOf(cell)))
      .join('  ')
      .trimEnd(),
  );
  return [lines[0], widths.map((width) => '─'.repeat(width)).join('  '), ...lines.slice(1)].join('\n');
}

/** Names and values below each other; a missing value is left out. */
export function listing(fields: readonly (readonly [name: string, value: Cell])[]): string {
  const present = fields.filter(([, value]) => value !== null && value !== undefined);
  const width = Math.max(0, ...present.map(([name]) => widthOf(name)));
  return present
    .map(([name, value]) => `${name}:${' '.repeat(width - widthOf(name) + 2)}${plain(String(value))}`)
    .join('\n');
}

const graphemes = new Intl.Segmenter();
const widthOf = (text: string) => [...graphemes.segment(text)].length;
