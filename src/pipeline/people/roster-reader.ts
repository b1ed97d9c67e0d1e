import { isUnavailable, Refusal } from '../../domain/errors.ts';
import { isWorkbook } from '../../rosters/archive-members.ts';
import { kindOf } from '../../rosters/file-kind.ts';
import { rosterLimits } from '../../rosters/limits.ts';
import { readPdfPages, readTables } from '../../rosters/read-tables.ts';
import { tooLarge, unreadable } from '../../rosters/refusal.ts';
import type { ColumnMapping, RosterReading } from '../../rosters/roster.ts';
import { sourceOf } from '../ports/bytes-source.ts';
import type { PdfTextReader, RosterFile, RosterReader, SpreadsheetReader } from '../ports/readers.ts';
import { type BundleTools, readArchive, readFolder } from './roster-bundle.ts';
import { asRosterRefusal } from './roster-refusal.ts';
import { readText } from './roster-text.ts';

export interface RosterTools extends BundleTools {
  readonly spreadsheets: SpreadsheetReader;
  readonly pdfTexts: PdfTextReader;
}

/**
 * Reads rosters of any known kind: the adapters make rows out of bytes, `src/rosters/` makes people out of rows. It stands
 * here because only the pipeline may know both.
 */
export function createRosterReader(tools: RosterTools): RosterReader {
  return {
    async read(files, mapping, { signal } = {}) {
      const { bytes: most } = rosterLimits;
      if (files.reduce((sum, { bytes }) => sum + bytes.length, 0) > most)
        throw tooLarge({ code: 'ROSTER_TOO_LARGE', params: { mebibytes: most / 1024 ** 2 } });
      const [file, second] = files;
      if (file === undefined) throw unreadable({ code: 'NO_FILE' });
      try {
        return second === undefined ? await readOne(tools, file, mapping, signal) : readFolder(tools, files);
      } catch (error) {
        throw error instanceof Refusal && !isUnavailable(error) ? asRosterRefusal(error) : error;
      }
    },
  };
}

async function readOne(
  tools: RosterTools,
  file: RosterFile,
  mapping: ColumnMapping | undefined,
  signal: AbortSignal | undefined,
): Promise<RosterReading> {
  const { name, bytes } = file;
  const options = signal === undefined ? {} : { signal };
  switch (kindOf(bytes)) {
    case 'empty':
      throw unreadable({ code: 'ROSTER_EMPTY', params: { file: name } });
    case 'markup':
      throw unreadable({ code: 'ROSTER_IS_WEB_PAGE', params: { file: name } });
    case 'pdf':
      return readPdfPages(name, (await tools.pdfTexts.read(sourceOf(bytes), options)).pages);
    case 'text':
      return readTables(name, [readText(tools.tables, file)], mapping);
    case 'xls':
      return readWorkbook(tools, file, mapping, options);
    case 'archive': {
      const archive = await tools.archives.open(sourceOf(bytes), options);
      return isWorkbook(archive.entries) ? readWorkbook(tools, file, mapping, options) : readArchive(tools, archive);
    }
  }
}

async function readWorkbook(
  { spreadsheets }: RosterTools,
  { name, bytes }: RosterFile,
  mapping: ColumnMapping | undefined,
  options: { signal?: AbortSignal },
): Promise<RosterReading> {
  const { sheets } = await spreadsheets.read(bytes, options);
  const tables = sheets.map(({ name: sheet, rows }) => ({ file: sheet, rows }));
  return readTables(name, tables, mapping);
}
