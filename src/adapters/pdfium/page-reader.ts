import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { GreyPicture } from '../../detection/picture-hash.ts';
import type { MediaSource } from '../../pipeline/ports/media.ts';
import type { PageReader } from '../../pipeline/ports/readers.ts';
import { run } from '../process/run.ts';
import { findSandbox, type ProcessLimits, type Sandbox } from '../process/sandbox.ts';
import {
  exitCodes,
  lengthBytes,
  maxPages,
  maxPdfBytes,
  pageBytes,
  pageHeight,
  pageWidth,
  readyByte,
} from './drawing-protocol.ts';
import { encrypted, tooLarge, tooManyPages, tooSlow, unreadable } from './pdf-refusals.ts';

/** For one PDF, however many pages it has. */
const defaultLimits: ProcessLimits = {
  wallMs: 10 * 60_000,
  cpuSeconds: 10 * 60,
  memoryBytes: 1536 * 1024 ** 2,
  outputBytes: 1 + maxPages * pageBytes,
};

const program = join(import.meta.dirname, 'drawing-process.ts');
/** All files that the process reads: its own code, and its package. */
const paths = [
  import.meta.dirname,
  join(import.meta.dirname, '../../../package.json'),
  dirname(dirname(createRequire(import.meta.url).resolve('@hyzyla/pdfium'))),
];
const nodeOptions = [
  ...['--permission', ...paths.map((path) => `--allow-fs-read=${path}`)],
  ...['--max-old-space-size=256', '--no-warnings'],
];

/** The page reader on PDFium. Each PDF has a process of its own, confined as ffmpeg is, and without a network. */
export function createPageReader(
  config: { readonly limits?: Partial<ProcessLimits>; readonly apart?: string | undefined } = {},
): PageReader {
  const limits = { ...defaultLimits, ...config.limits };
  let sandbox: Promise<Sandbox> | undefined;
  return {
    async read(source, onPage, { signal } = {}) {
      if (source.bytes > maxPdfBytes) throw tooLarge(maxPdfBytes);
      sandbox ??= findSandbox({ apart: config.apart });
      const pages = createPages(onPage);
      const { exitCode, killedBy, hitLimit, stderrTail } = await run(await sandbox, {
        command: process.execPath,
        args: [...nodeOptions, program],
        limits,
        needs: { paths, network: false, reservesAddresses: true },
        signal,
        input: withLength(source, signal),
        pipes: [pages.take],
      });
      if (!pages.isReady()) throw new Error(`the drawing process did not start: ${stderrTail.slice(-3).join(' ')}`);
      if (hitLimit === 'wall' || killedBy === 'SIGXCPU' || killedBy === 'SIGKILL') throw tooSlow();
      if (exitCode === exitCodes.encrypted) throw encrypted();
      if (exitCode === exitCodes.tooManyPages) throw tooManyPages(maxPages);
      if (exitCode !== 0 || !pages.isWhole()) throw unreadable(stderrTail.slice(-3).join(' '));
    },
  };
}

async function* withLength(source: MediaSource, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32LE(source.bytes);
  yield length;
  yield* source.read(0, source.bytes, signal);
}

/** Pages out of the bytes that a drawing process writes, which are only ever taken for pixels. */
function createPages(onPage: (page: GreyPicture, index: number) => void) {
  let isReady = false;
  let count = 0;
  let filled = 0;
  let pixels = new Uint8Array(pageBytes);
  return {
    isReady: () => isReady,
    isWhole: () => filled === 0 && count > 0,
    async take(pipe: Readable) {
      for await (const chunk of pipe as AsyncIterable<Buffer>) {
        let at = 0;
        if (!isReady) {
          if (chunk[0] !== readyByte) throw new Error('a drawing process said something else');
          isReady = true;
          at = 1;
        }
        while (at < chunk.length) {
          const piece = chunk.subarray(at, at + pageBytes - filled);
          pixels.set(piece, filled);
          at += piece.length;
          filled += piece.length;
          if (filled < pageBytes) continue;
          onPage({ width: pageWidth, height: pageHeight, pixels }, count++);
          pixels = new Uint8Array(pageBytes);
          filled = 0;
        }
      }
    },
  };
}
