import { list, number, object, text } from '../../domain/json.ts';
import type { PdfTextReader } from '../../pipeline/ports/readers.ts';
import { collectInto } from '../process/run.ts';
import type { ProcessLimits } from '../process/sandbox.ts';
import { readyByte } from './drawing-protocol.ts';
import { createPdfiumRunner, type PdfiumConfig } from './run-pdfium.ts';
import { maxTextPages, textMode } from './text-protocol.ts';

/** For one PDF. */
const defaultLimits: ProcessLimits = {
  wallMs: 60_000,
  cpuSeconds: 60,
  memoryBytes: 1536 * 1024 ** 2,
  outputBytes: 64 * 1024 ** 2,
};

const readPage = object({ lines: list(object({ words: list(object({ x: number, text })) })) });

/** The text reader on PDFium. What the process writes is text and places, and nothing else. */
export function createPdfTextReader(config: PdfiumConfig = {}): PdfTextReader {
  const show = createPdfiumRunner(defaultLimits, config);
  return {
    async read(source, { signal } = {}) {
      const chunks: Buffer[] = [];
      const isReady = () => chunks[0]?.[0] === readyByte;
      const said = () => Buffer.concat(chunks).toString('utf8').slice(1);
      const isWhole = () => said().endsWith('\n');
      const task = { args: [textMode], maxPages: maxTextPages, take: collectInto(chunks), isReady, isWhole };
      await show(source, task, signal);
      return { pages: said().split('\n').slice(0, -1).map(parse) };
    },
  };
}

function parse(line: string) {
  try {
    return readPage(JSON.parse(line));
  } catch (error) {
    throw new Error('a drawing process said something else', { cause: error });
  }
}
