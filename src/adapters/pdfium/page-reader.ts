import type { Readable } from 'node:stream';
import type { GreyPicture } from '../../detection/picture-hash.ts';
import type { PageReader } from '../../pipeline/ports/readers.ts';
import type { ProcessLimits } from '../process/sandbox.ts';
import { maxPages, pageBytes, pageHeight, pageWidth, readyByte } from './drawing-protocol.ts';
import { createPdfiumRunner, type PdfiumConfig } from './run-pdfium.ts';

/** For one PDF, however many pages it has. */
const defaultLimits: ProcessLimits = {
  wallMs: 10 * 60_000,
  cpuSeconds: 10 * 60,
  memoryBytes: 1536 * 1024 ** 2,
  outputBytes: 1 + maxPages * pageBytes,
};

/** The page reader on PDFium. */
export function createPageReader(config: PdfiumConfig = {}): PageReader {
  const show = createPdfiumRunner(defaultLimits, config);
  return { read: (source, onPage, { signal } = {}) => show(source, { maxPages, ...createPages(onPage) }, signal) };
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
