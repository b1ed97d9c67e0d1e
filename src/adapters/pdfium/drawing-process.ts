import { once } from 'node:events';
import {
  exitCodes,
  lengthBytes,
  maxPages,
  maxPdfBytes,
  maxScanPages,
  readyByte,
  scanMode,
  sizeBytes,
} from './drawing-protocol.ts';
import { loadPdfium, type OpenPdf, PdfRefused } from './pdfium-core.ts';
import { maxTextPages, textMode } from './text-protocol.ts';

/** The process that draws, or tells the text: a PDF comes in behind its length, every page goes out. */

async function* all(first: Uint8Array, rest: AsyncIterator<Buffer>): AsyncGenerator<Uint8Array> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

async function readLength(input: AsyncIterator<Buffer>): Promise<{ bytes: number; first: Uint8Array }> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < lengthBytes) {
    const next = await input.next();
    if (next.done === true) throw new PdfRefused('unreadable');
    head = Buffer.concat([head, next.value]);
  }
  const bytes = head.readUInt32LE(0);
  if (bytes > maxPdfBytes) throw new PdfRefused('unreadable');
  return { bytes, first: head.subarray(lengthBytes) };
}

async function write(bytes: Uint8Array): Promise<void> {
  if (!process.stdout.write(bytes)) await once(process.stdout, 'drain');
}

/** What is shown of each page, and of how many pages at most. */
const modes = {
  [textMode]: {
    most: maxTextPages,
    show: (document: OpenPdf, page: number) => [Buffer.from(`${JSON.stringify({ lines: document.text(page) })}\n`)],
  },
  [scanMode]: {
    most: maxScanPages,
    show: (document: OpenPdf, page: number) => {
      const { width, height, pixels } = document.scan(page);
      const size = Buffer.alloc(sizeBytes);
      size.writeUInt32LE(width, 0);
      size.writeUInt32LE(height, 4);
      return [size, pixels];
    },
  },
  draw: { most: maxPages, show: (document: OpenPdf, page: number) => [document.draw(page)] },
};

async function showAll({ most, show }: (typeof modes)[keyof typeof modes]): Promise<number> {
  const pdfium = await loadPdfium();
  await write(Uint8Array.of(readyByte));
  const input: AsyncIterator<Buffer> = process.stdin[Symbol.asyncIterator]();
  const { bytes, first } = await readLength(input);
  const document = await pdfium.open(bytes, all(first, input));
  if (document.pages < 1) return exitCodes.unreadable;
  if (document.pages > most) return exitCodes.tooManyPages;
  for (let page = 0; page < document.pages; page++) for (const piece of show(document, page)) await write(piece);
  return 0;
}

const mode = process.argv[2];
const isMode = (name: string | undefined): name is keyof typeof modes => name !== undefined && name in modes;
process.exitCode = await showAll(modes[isMode(mode) ? mode : 'draw']).catch((error: unknown) => {
  if (error instanceof PdfRefused) return exitCodes[error.why];
  throw error;
});
