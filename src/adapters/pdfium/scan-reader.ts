import type { Readable } from 'node:stream';
import type { GreyPicture } from '../../detection/picture-hash.ts';
import type { ScanReader } from '../../pipeline/ports/readers.ts';
import type { ProcessLimits } from '../process/sandbox.ts';
import { maxScanPages, readyByte, scanMode, scanSide, sizeBytes } from './drawing-protocol.ts';
import { createPdfiumRunner, type PdfiumConfig } from './run-pdfium.ts';

/** For one PDF. Whoever takes the pages looks for codes meanwhile. */
const defaultLimits: ProcessLimits = {
  wallMs: 15 * 60_000,
  cpuSeconds: 5 * 60,
  memoryBytes: 1536 * 1024 ** 2,
  outputBytes: 1 + maxScanPages * (sizeBytes + scanSide ** 2),
};

/** The reader of scans on PDFium. */
export function createScanReader(config: PdfiumConfig = {}): ScanReader {
  const show = createPdfiumRunner(defaultLimits, config);
  return {
    pages: (source, onPage, { signal } = {}) =>
      show(source, { args: [scanMode], maxPages: maxScanPages, ...createPages(onPage) }, signal),
  };
}

/** Pages out of the bytes that a drawing process writes, which are only ever taken for sizes and pixels. */
function createPages(onPage: (page: GreyPicture, index: number) => Promise<void>) {
  let isReady = false;
  let count = 0;
  let filled = 0;
  let size = Buffer.alloc(sizeBytes);
  let page: GreyPicture | undefined;
  return {
    isReady: () => isReady,
    isWhole: () => filled === 0 && page === undefined && count > 0,
    async take(pipe: Readable) {
      for await (const chunk of pipe as AsyncIterable<Buffer>) {
        let at = 0;
        if (!isReady) {
          if (chunk[0] !== readyByte) throw new Error('a drawing process said something else');
          isReady = true;
          at = 1;
        }
        while (at < chunk.length) {
          const place: Uint8Array = page?.pixels ?? size;
          const piece = chunk.subarray(at, at + place.length - filled);
          place.set(piece, filled);
          at += piece.length;
          filled += piece.length;
          if (filled < place.length) continue;
          filled = 0;
          if (page === undefined) {
            page = emptyPage(size);
            size = Buffer.alloc(sizeBytes);
          } else {
            const whole = page;
            page = undefined;
            await onPage(whole, count++);
          }
        }
      }
    },
  };
}

function emptyPage(size: Buffer): GreyPicture {
  const [width, height] = [size.readUInt32LE(0), size.readUInt32LE(4)];
  if (width < 1 || height < 1 || width > scanSide || height > scanSide)
    throw new Error(`a drawing process said a page of ${width} × ${height}`);
  return { width, height, pixels: new Uint8Array(width * height) };
}
