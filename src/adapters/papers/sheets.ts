import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { fewReasons, Refusal } from '../../domain/errors.ts';
import type { Reason } from '../../domain/reason.ts';
import { mostSheetPages, sheetAddress, showSheetCode } from '../../domain/sheet-code.ts';
import type { PaperSheet, PrintedSheets, SheetBlock, SheetOptions } from '../../pipeline/ports/papers.ts';
import { type CodeModules, makeCode } from './code-modules.ts';
import {
  breakLines,
  drawLine,
  drawParagraph,
  findUnprintable,
  lineHeightOf,
  openPdf,
  type TextStyle,
  widthOf,
} from './drawable.ts';
import { fillPages, type Piece, piecesOf } from './sheet-pieces.ts';

const millimetre = 72 / 25.4;
/** What every printer reaches. */
const margin = 12 * millimetre;
const codeWidth = 40 * millimetre;
/** White around a code, in modules (ISO/IEC 18004, 9.1). */
const quietModules = 4;
const title: TextStyle = { font: 'bold', size: 14 };
const head: TextStyle = { font: 'text', size: 9.5 };
/** As wide as the code at most. */
const codeStyle: TextStyle = { font: 'bold', size: 7.8 };
const pageStyle: TextStyle = { font: 'text', size: 8.5 };
/** Below the code: its letters, and the number of the page. */
const captionHeight = lineHeightOf(codeStyle) + lineHeightOf(pageStyle);
/** The smallest code has 21 modules a side; its white is the widest. */
const widestQuiet = (codeWidth / 21) * quietModules;

/** See `Papers.sheets`. */
export async function writeSheets(
  sheets: readonly PaperSheet[],
  { origin, at, isTwoSided }: SheetOptions,
): Promise<PrintedSheets> {
  assertPrintable(sheets);
  const pdf = openPdf({
    margin: 0,
    autoFirstPage: false,
    lang: sheets[0]?.language ?? '',
    info: { Title: sheets[0]?.title ?? '', CreationDate: at },
  });
  const pieces: Buffer[] = [];
  pdf.on('data', (piece: Buffer) => pieces.push(piece));
  const ended = once(pdf, 'end');
  const counts: number[] = [];
  for (const sheet of sheets) {
    const plan = planSheet(pdf, sheet);
    const pages = plan.pages.length;
    counts.push(pages);
    for (const [index, page] of plan.pages.entries()) {
      const number = index + 1;
      pdf.addPage();
      const code = await makeCode(sheetAddress(origin, { code: sheet.code, page: number }));
      drawHead(pdf, sheet, { code, pageText: sheet.pageText(number, pages) });
      let top = plan.top;
      for (const piece of page) {
        piece.draw(margin, top);
        top += piece.height;
      }
    }
    if (isTwoSided && pages % 2 === 1) pdf.addPage();
    await setImmediate(); // others are served meanwhile
  }
  pdf.end();
  await ended;
  return { pdf: Buffer.concat(pieces), pages: counts };
}

/** Size of A4 in points. */
const paper = { width: 595.28, height: 841.89 };
const contentWidth = paper.width - 2 * margin;
const headWidth = contentWidth - codeWidth - widestQuiet;

/** What stands on each page of a sheet, and where it begins. @throws Refusal `INVALID_REQUEST`. */
function planSheet(pdf: PDFKit.PDFDocument, sheet: PaperSheet): { top: number; pages: Piece[][] } {
  const lines = (text: string, style: TextStyle) =>
    breakLines(pdf, text, style, headWidth).length * lineHeightOf(style);
  const words = lines(sheet.title, title) + sheet.head.reduce((sum, text) => sum + lines(text, head), 0);
  const top = margin + Math.max(codeWidth + widestQuiet + captionHeight, words) + 4;
  const pages = fillPages(piecesOf(pdf, sheet.blocks, contentWidth), paper.height - margin - top);
  if (pages.length > mostSheetPages)
    throw new Refusal('INVALID_REQUEST', {
      reasons: [{ code: 'SHEET_TOO_LONG', params: { pages: pages.length, most: mostSheetPages } }],
    });
  return { top, pages };
}

function drawHead(
  pdf: PDFKit.PDFDocument,
  sheet: PaperSheet,
  { code, pageText }: { readonly code: CodeModules; readonly pageText: string },
): void {
  let y = drawParagraph(pdf, sheet.title, title, { x: margin, y: margin, width: headWidth });
  for (const text of sheet.head) y = drawParagraph(pdf, text, head, { x: margin, y, width: headWidth });
  const left = paper.width - margin - codeWidth;
  const module = codeWidth / code.side;
  drawModules(pdf, code, { left, top: margin, module });
  const caption = (text: string, style: TextStyle, top: number) =>
    drawLine(pdf, text, style, { x: left + (codeWidth - widthOf(pdf, text, style)) / 2, y: top });
  const below = margin + codeWidth + module * quietModules;
  caption(showSheetCode(sheet.code), codeStyle, below);
  caption(pageText, pageStyle, below + lineHeightOf(codeStyle));
}

/** Each row of dark modules beside each other is one rectangle: no hairlines between them. */
function drawModules(
  pdf: PDFKit.PDFDocument,
  { side, isDark }: CodeModules,
  { left, top, module }: { readonly left: number; readonly top: number; readonly module: number },
): void {
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      if (!isDark(column, row)) continue;
      const first = column;
      while (column + 1 < side && isDark(column + 1, row)) column++;
      pdf.rect(left + first * module, top + row * module, (column + 1 - first) * module, module);
    }
  pdf.fill('black');
}

/** Letters of a text that a reason repeats. */
const mostShown = 60;

/** Every name and text of every sheet, each once. @throws Refusal `NOT_PRINTABLE`. */
function assertPrintable(sheets: readonly PaperSheet[]): void {
  const reasons: Reason[] = [];
  const names = new Set(sheets.flatMap((sheet) => sheet.names));
  for (const name of names) {
    const letters = findUnprintable(name);
    if (letters.length > 0) reasons.push({ code: 'NAME_NOT_PRINTABLE', params: { name, letters: letters.join(' ') } });
  }
  const texts = new Set(
    sheets.flatMap(({ title: first, head: others, blocks }) => [first, ...others, ...blocks.flatMap(wordsOf)]),
  );
  for (const text of texts) {
    const letters = findUnprintable(text);
    if (letters.length === 0 || [...names].some((name) => text.includes(name) && findUnprintable(name).length > 0))
      continue;
    const shown = text.length > mostShown ? `${text.slice(0, mostShown)} …` : text;
    reasons.push({ code: 'TEXT_NOT_PRINTABLE', params: { text: shown, letters: letters.join(' ') } });
  }
  if (reasons.length > 0) throw new Refusal('NOT_PRINTABLE', { reasons: fewReasons(reasons) });
}

function wordsOf(block: SheetBlock): string[] {
  if ('heading' in block) return [block.heading];
  if ('text' in block) return [block.text];
  if ('facts' in block) return block.facts.flat();
  if ('tick' in block) return [block.tick];
  if ('question' in block) return [block.question, ...block.choices];
  if ('blanks' in block) return block.blanks.map(({ label }) => label);
  return block.together.flatMap(wordsOf);
}
