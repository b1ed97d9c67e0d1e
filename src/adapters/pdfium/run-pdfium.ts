import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { MediaSource } from '../../pipeline/ports/media.ts';
import { type PipeReader, run } from '../process/run.ts';
import { findSandbox, type ProcessLimits, type Sandbox } from '../process/sandbox.ts';
import { assertHadTime } from '../process/too-busy.ts';
import { exitCodes, lengthBytes, maxPdfBytes } from './drawing-protocol.ts';
import { encrypted, tooLarge, tooManyPages, tooSlow, unreadable } from './pdf-refusals.ts';

export interface PdfiumConfig {
  readonly limits?: Partial<ProcessLimits>;
  /** Socket of the process that runs it instead of this one. */
  readonly apart?: string | undefined;
}

export interface PdfiumTask {
  readonly args?: readonly string[];
  readonly maxPages: number;
  /** Takes what the process writes. */
  readonly take: PipeReader;
  /** Whether the process has said that it reads: what it dies of afterwards lies in the PDF. */
  isReady(): boolean;
  /** Whether everything has arrived. */
  isWhole(): boolean;
}

const program = join(import.meta.dirname, 'drawing-process.ts');
/** All that the process reads: its own code, and the package that it needs. */
const paths = [
  import.meta.dirname,
  join(import.meta.dirname, '../../../package.json'),
  dirname(dirname(createRequire(import.meta.url).resolve('@hyzyla/pdfium'))),
];
const nodeOptions = [
  ...['--permission', ...paths.map((path) => `--allow-fs-read=${path}`)],
  ...['--max-old-space-size=256', '--no-warnings'],
];

/** Shows PDFs to PDFium. Each has a process of its own, held down as ffmpeg is, and without a network. */
export function createPdfiumRunner(defaultLimits: ProcessLimits, config: PdfiumConfig) {
  const limits = { ...defaultLimits, ...config.limits };
  let sandbox: Promise<Sandbox> | undefined;
  /** @throws Refusal `NOT_MEDIA`, `MEDIA_NOT_ALLOWED`, `TOO_LARGE`, `PROCESSOR_UNAVAILABLE`. */
  return async (source: MediaSource, task: PdfiumTask, signal: AbortSignal | undefined): Promise<void> => {
    if (source.bytes > maxPdfBytes) throw tooLarge(maxPdfBytes);
    sandbox ??= findSandbox({ apart: config.apart });
    const result = await run(await sandbox, {
      command: process.execPath,
      args: [...nodeOptions, program, ...(task.args ?? [])],
      limits,
      needs: { paths, network: false, reservesAddresses: true },
      signal,
      input: withLength(source, signal),
      pipes: [task.take],
    });
    const { exitCode, hitLimit, stderrTail } = result;
    const said = stderrTail.slice(-3).join(' ');
    assertHadTime(result);
    if (!task.isReady()) throw new Error(`the drawing process did not start: ${said}`);
    if (hitLimit === 'processor') throw tooSlow();
    if (exitCode === exitCodes.encrypted) throw encrypted();
    if (exitCode === exitCodes.tooManyPages) throw tooManyPages(task.maxPages);
    if (exitCode !== 0 || !task.isWhole()) throw unreadable(said);
  };
}

async function* withLength(source: MediaSource, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32LE(source.bytes);
  yield length;
  yield* source.read(0, source.bytes, signal);
}
