import type { Refusal } from '../../../src/domain/errors.ts';
import type { Bundle } from '../../../src/rosters/bundle.ts';
import type { Grid } from '../../../src/rosters/grid.ts';
import type { Roster, RosterReading } from '../../../src/rosters/roster.ts';

/** A table by its lines; a vertical bar stands between cells. */
export const gridOf = (file: string, ...lines: readonly string[]): Grid => ({
  file,
  rows: lines.map((line, at) => ({ line: at + 1, cells: line.split('|').map((cell) => cell.trim()) })),
});

/** A bundle by its files, each of which is a table by its lines. */
export const bundleOf = (files: Record<string, readonly string[]>, unread: readonly string[] = []): Bundle => ({
  tables: new Map(Object.entries(files).map(([name, lines]) => [name, gridOf(name, ...lines)])),
  unread,
});

export function rosterIn(reading: RosterReading): Roster {
  if (reading.outcome !== 'roster') throw new Error('no roster');
  return reading.roster;
}

/** What a call refuses, as `CODE line …` with what the reason names beside the file. */
export function refusalOf(call: () => unknown): string[] {
  try {
    call();
  } catch (error) {
    return (error as Refusal).reasons.map(({ code, params = {} }) => {
      const { file, ...named } = params;
      return [code, ...Object.values(named)].join(' ');
    });
  }
  return ['read'];
}
