import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { list, number, object, orNull, type Reader, text } from '../../domain/json.ts';
import { sourceOf } from '../../pipeline/ports/bytes-source.ts';
import type { ArchiveReader, Sheet, SpreadsheetReader } from '../../pipeline/ports/readers.ts';
import { collectInto, type RunResult, run } from '../process/run.ts';
import { findSandbox, type ProcessLimits, type Sandbox } from '../process/sandbox.ts';
import { assertHadTime } from '../process/too-busy.ts';
import { end, exitCodes, maxWorkbookBytes, ready, type Told } from './cells-protocol.ts';
import { checkParts } from './check-parts.ts';
import { damaged, encrypted, tooLarge, tooSlow } from './spreadsheet-refusals.ts';

/** For one workbook. */
const defaultLimits: ProcessLimits = {
  wallMs: 60_000,
  cpuSeconds: 60,
  memoryBytes: 1024 ** 3,
  outputBytes: 128 * 1024 ** 2,
};

const program = join(import.meta.dirname, 'cells-process.ts');
/** All that the process reads: its own code, and the package. */
const paths = [
  import.meta.dirname,
  join(import.meta.dirname, '../../../package.json'),
  dirname(createRequire(import.meta.url).resolve('@e965/xlsx')),
];
const nodeOptions = [
  ...['--permission', ...paths.map((path) => `--allow-fs-read=${path}`)],
  ...['--max-old-space-size=512', '--no-warnings'],
];

/** [MS-CFB] 2.2: how every .xls since Excel 5 begins. A web page that is called .xls does not. */
const compoundFile = Buffer.from('d0cf11e0a1b11ae1', 'hex');
const zip = Buffer.from('PK\x03\x04', 'latin1');

/**
 * Workbooks on SheetJS. Each has a process of its own, held down as ffmpeg is, and without a network
 * (docs/decisions/0025-workbooks-with-sheetjs.md).
 */
export function createSpreadsheetReader(config: {
  readonly archives: ArchiveReader;
  readonly limits?: Partial<ProcessLimits>;
  readonly apart?: string | undefined;
}): SpreadsheetReader {
  const limits = { ...defaultLimits, ...config.limits };
  let sandbox: Promise<Sandbox> | undefined;
  return {
    async read(bytes, { signal } = {}) {
      if (bytes.length > maxWorkbookBytes) throw tooLarge();
      if (startsWith(bytes, zip)) await checkParts(config.archives, sourceOf(bytes), signal);
      else if (!startsWith(bytes, compoundFile)) throw damaged('neither a compound file nor an archive');
      sandbox ??= findSandbox({ apart: config.apart });
      const chunks: Buffer[] = [];
      const result = await run(await sandbox, {
        command: process.execPath,
        args: [...nodeOptions, program],
        limits,
        needs: { paths, network: false, reservesAddresses: true },
        signal,
        input: inOnePiece(bytes),
        pipes: [collectInto(chunks)],
      });
      assertHadTime(result);
      const [first, ...lines] = Buffer.concat(chunks).toString('utf8').split('\n');
      if (first !== JSON.stringify(ready)) throw new Error(`the reading process did not start: ${tailOf(result)}`);
      assertRead(result, lines.at(-2) === JSON.stringify(end));
      return { sheets: sheetsOf(lines.slice(0, -2)) };
    },
  };
}

const startsWith = (bytes: Uint8Array, signature: Buffer) => signature.equals(bytes.subarray(0, signature.length));
const tailOf = ({ stderrTail }: RunResult) => stderrTail.slice(-3).join(' ');

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** @throws Refusal unless the process has told everything. */
function assertRead(result: RunResult, isWhole: boolean): void {
  const { exitCode, hitLimit } = result;
  if (hitLimit === 'output' || exitCode === exitCodes.tooMany) throw tooLarge();
  if (hitLimit === 'processor') throw tooSlow();
  if (exitCode === exitCodes.encrypted) throw encrypted();
  if (exitCode !== 0 || !isWhole) throw damaged(tailOf(result));
}

const readLine: Reader<Told> = object({
  sheet: orNull(text),
  line: number,
  cells: list(text),
  formulas: list(number),
});

/** What the process wrote, which a workbook may have taken over: read as text and numbers of the places they have. */
function sheetsOf(lines: readonly string[]): Sheet[] {
  const sheets: { name: string; rows: Sheet['rows'][number][] }[] = [];
  for (const line of lines) {
    const told = parse(line);
    if (told.sheet !== null) sheets.push({ name: told.sheet, rows: [] });
    else sheets.at(-1)?.rows.push({ line: told.line, cells: told.cells, formulas: told.formulas });
  }
  return sheets;
}

function parse(line: string) {
  try {
    return readLine(JSON.parse(line));
  } catch (error) {
    throw new Error('a reading process said something else', { cause: error });
  }
}
