import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createTableReader } from '../../src/adapters/csv/table-reader.ts';
import { createPdfTextReader } from '../../src/adapters/pdfium/pdf-text-reader.ts';
import { createSpreadsheetReader } from '../../src/adapters/spreadsheet/spreadsheet-reader.ts';
import { createArchiveReader } from '../../src/adapters/zip/archive-reader.ts';
import type { Refusal } from '../../src/domain/errors.ts';
import { createRosterReader } from '../../src/pipeline/people/roster-reader.ts';
import type { RosterFile } from '../../src/pipeline/ports/readers.ts';
import type { Roster, RosterReading } from '../../src/rosters/roster.ts';
import { mediaDir } from './media.ts';

export const rosterDir = join(mediaDir, 'rosters');
export const hasRosters = existsSync(join(rosterDir, 'variants/expected.json'));

const archives = createArchiveReader();
export const rosterReader = createRosterReader({
  archives,
  tables: createTableReader(),
  spreadsheets: createSpreadsheetReader({ archives }),
  pdfTexts: createPdfTextReader(),
});

/** A file, or every file of a folder. */
export function rosterFiles(path: string): RosterFile[] {
  const whole = join(rosterDir, path);
  const paths = statSync(whole).isDirectory() ? readdirSync(whole).map((name) => join(whole, name)) : [whole];
  return paths.map((one) => ({ name: basename(one), bytes: readFileSync(one) }));
}

/** Reads as a person does who takes what is suggested. */
export async function readAsSuggested(files: readonly RosterFile[]): Promise<{ outcomes: string[]; roster: Roster }> {
  const first = await rosterReader.read(files);
  if (first.outcome === 'roster') return { outcomes: [first.outcome], roster: first.roster };
  const second = await rosterReader.read(files, first.table.suggested);
  return { outcomes: [first.outcome, second.outcome], roster: rosterOf(second) };
}

export function rosterOf(reading: RosterReading): Roster {
  if (reading.outcome !== 'roster') throw new Error(`no roster: ${reading.outcome}`);
  return reading.roster;
}

/** What a refusal says, as `CODE file line column`. */
export const toldReasons = (refusal: Refusal): string[] =>
  refusal.reasons.map(({ code, params: { file, line, column } = {} }) =>
    [code, file, line, column].filter((part) => part !== undefined).join(' '),
  );
