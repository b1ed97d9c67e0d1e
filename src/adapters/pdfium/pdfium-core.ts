import { PDFiumModule } from '@hyzyla/pdfium';
import { pageBytes, pageHeight, pageWidth, scanSide } from './drawing-protocol.ts';
import { type Line, toLines } from './text-lines.ts';
import { piecesOfPage } from './text-pieces.ts';

/**
 * A page is drawn this many times as wide and high as it is kept, and then averaged: letters become the grey that they
 * are.
 */
const oversampling = 4;
const drawnWidth = pageWidth * oversampling;
const drawnHeight = pageHeight * oversampling;
/** Values of `fpdfview.h`. */
const bitmapBgrx = 3;
const withAnnotations = 1;
const passwordError = 4;
const securityError = 5;

export class PdfRefused extends Error {
  override readonly name = 'PdfRefused';
  readonly why: 'encrypted' | 'unreadable';
  constructor(why: PdfRefused['why']) {
    super(why);
    this.why = why;
  }
}

/** PDFium in memory. It has no JavaScript, no forms, no network, and only its own fonts. */
export async function loadPdfium() {
  const quiet = { print: () => undefined, printErr: () => undefined };
  const core = await PDFiumModule(quiet as Parameters<typeof PDFiumModule>[0]);
  core._FPDF_InitLibraryWithConfig({});
  const { malloc } = core.wasmExports;
  return {
    /** Opens a PDF of `bytes` that arrives in pieces; the program's memory holds it once. @throws PdfRefused. */
    async open(bytes: number, pieces: AsyncIterable<Uint8Array>) {
      const place = malloc(bytes);
      if (place === 0) throw new PdfRefused('unreadable');
      let at = 0;
      for await (const piece of pieces) {
        const wanted = piece.subarray(0, bytes - at);
        core.HEAPU8.set(wanted, place + at);
        at += wanted.length;
      }
      const document = at === bytes ? core._FPDF_LoadMemDocument(place, bytes, 0) : 0;
      if (document === 0) {
        const isLocked = [passwordError, securityError].includes(core._FPDF_GetLastError());
        throw new PdfRefused(at === bytes && isLocked ? 'encrypted' : 'unreadable');
      }
      const buffer = malloc(drawnWidth * drawnHeight * 4);
      let scanBuffer = 0;
      return {
        pages: core._FPDF_GetPageCount(document),
        /** One page, whatever its shape, on the pixels of `drawing-protocol.ts`. @throws PdfRefused. */
        draw(index: number): Uint8Array {
          const page = core._FPDF_LoadPage(document, index);
          if (page === 0) throw new PdfRefused('unreadable');
          const bitmap = core._FPDFBitmap_CreateEx(drawnWidth, drawnHeight, bitmapBgrx, buffer, drawnWidth * 4);
          core._FPDFBitmap_FillRect(bitmap, 0, 0, drawnWidth, drawnHeight, 0xffffffff);
          core._FPDF_RenderPageBitmap(bitmap, page, 0, 0, drawnWidth, drawnHeight, 0, withAnnotations);
          const grey = averaged(core.HEAPU8.subarray(buffer, buffer + drawnWidth * drawnHeight * 4));
          core._FPDFBitmap_Destroy(bitmap);
          core._FPDF_ClosePage(page);
          return grey;
        },
        /** One page in its own shape, its longer side on the pixels of a scan. @throws PdfRefused. */
        scan(index: number): { width: number; height: number; pixels: Uint8Array } {
          const page = core._FPDF_LoadPage(document, index);
          const size = page === 0 ? [] : [core._FPDF_GetPageWidth(page), core._FPDF_GetPageHeight(page)];
          const longer = Math.max(...size);
          if (!(longer > 0 && Number.isFinite(longer))) throw new PdfRefused('unreadable');
          const [width = 1, height = 1] = size.map((side) => Math.max(1, Math.round((side / longer) * scanSide)));
          scanBuffer ||= malloc(scanSide ** 2 * 4);
          const bitmap = core._FPDFBitmap_CreateEx(width, height, bitmapBgrx, scanBuffer, width * 4);
          core._FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xffffffff);
          core._FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, withAnnotations);
          const pixels = greyOf(core.HEAPU8.subarray(scanBuffer, scanBuffer + width * height * 4));
          core._FPDFBitmap_Destroy(bitmap);
          core._FPDF_ClosePage(page);
          return { width, height, pixels };
        },
        /** The lines of one page, from top to bottom. @throws PdfRefused. */
        text(index: number): Line[] {
          const page = core._FPDF_LoadPage(document, index);
          const text = page === 0 ? 0 : core._FPDFText_LoadPage(page);
          if (text === 0) throw new PdfRefused('unreadable');
          const lines = toLines(piecesOfPage(core, text));
          core._FPDFText_ClosePage(text);
          core._FPDF_ClosePage(page);
          return lines;
        },
      };
    },
  };
}

type Pdfium = Awaited<ReturnType<typeof loadPdfium>>;
export type OpenPdf = Awaited<ReturnType<Pdfium['open']>>;

/** Blue, green, red and nothing, to grey (ITU-R BT.601). */
function greyOf(drawn: Uint8Array): Uint8Array {
  const grey = new Uint8Array(drawn.length / 4);
  for (let at = 0, from = 0; at < grey.length; at++, from += 4)
    grey[at] = Math.round(0.114 * drawn[from]! + 0.587 * drawn[from + 1]! + 0.299 * drawn[from + 2]!);
  return grey;
}

/** Blue, green, red and nothing, to grey (ITU-R BT.601), each pixel the mean of a square. */
function averaged(drawn: Uint8Array): Uint8Array {
  const sums = new Float32Array(pageBytes);
  for (let y = 0, from = 0; y < drawnHeight; y++) {
    const row = Math.floor(y / oversampling) * pageWidth;
    for (let x = 0; x < drawnWidth; x++, from += 4)
      sums[row + Math.floor(x / oversampling)]! +=
        0.114 * drawn[from]! + 0.587 * drawn[from + 1]! + 0.299 * drawn[from + 2]!;
  }
  return Uint8Array.from(sums, (sum) => Math.round(sum / oversampling ** 2));
}
