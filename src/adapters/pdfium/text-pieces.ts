import type { PDFiumModule } from '@hyzyla/pdfium';
import type { PlacedText } from './text-lines.ts';

/** Functions of `fpdf_text.h` that the package has and does not declare. */
interface TextFunctions {
  _FPDFText_CountRects(text: number, start: number, count: number): number;
  _FPDFText_GetRect(text: number, index: number, left: number, top: number, right: number, bottom: number): number;
  _FPDFText_GetBoundedText(
    ...args: [text: number, left: number, top: number, right: number, bottom: number, buffer: number, length: number]
  ): number;
}
type Core = Awaited<ReturnType<typeof PDFiumModule>>;

const wholeText = -1;
const doubleBytes = 8;
/** Runs on one page; a class list has some hundred. */
const mostRuns = 20_000;

/** The runs of letters of a page, each within its box. */
export function piecesOfPage(core: Core, text: number): PlacedText[] {
  if (!hasText(core)) throw new Error('this PDFium reads no text');
  const { malloc, free } = core.wasmExports;
  const box = malloc(4 * doubleBytes);
  const places = [0, 1, 2, 3].map((at) => box + at * doubleBytes) as [number, number, number, number];
  const count = Math.min(core._FPDFText_CountRects(text, 0, wholeText), mostRuns);
  const pieces = Array.from({ length: Math.max(0, count) }, (_, index) => {
    core._FPDFText_GetRect(text, index, ...places);
    const view = new DataView(core.HEAPU8.buffer);
    const [left, top, right, bottom] = places.map((place) => view.getFloat64(place, true)) as typeof places;
    const length = core._FPDFText_GetBoundedText(text, left, top, right, bottom, 0, 0);
    const buffer = malloc(2 * length);
    core._FPDFText_GetBoundedText(text, left, top, right, bottom, buffer, length);
    const run = Buffer.from(core.HEAPU8.slice(buffer, buffer + 2 * length)).toString('utf16le');
    free(buffer);
    return { text: run.replaceAll('\0', ''), left, top, bottom };
  });
  free(box);
  return pieces.filter((piece) => piece.text.trim() !== '');
}

const hasText = (core: Core): core is Core & TextFunctions => '_FPDFText_GetBoundedText' in core;
