import { createRequire } from 'node:module';
import { type Font, openSync } from 'fontkit';
import PDFDocument from 'pdfkit';
import { visualRuns } from './visual-runs.ts';

/** Fonts with every letter of Turkish: the ones that PDF has by itself lack ğ, ş and İ. */
const fonts = createRequire(import.meta.url)
  .resolve('dejavu-fonts-ttf/package.json')
  .replace(/package\.json$/, 'ttf/');
const files = { text: `${fonts}DejaVuSans.ttf`, bold: `${fonts}DejaVuSans-Bold.ttf` } as const;

export interface TextStyle {
  readonly font: keyof typeof files;
  /** In points. */
  readonly size: number;
}

/** A new PDF of A4 pages with the two fonts. */
export function openPdf(options: PDFKit.PDFDocumentOptions): PDFKit.PDFDocument {
  const pdf = new PDFDocument({ size: 'A4', ...options });
  for (const [name, file] of Object.entries(files)) pdf.registerFont(name, file);
  return pdf;
}

/** Letters that nobody sees and that turn the rest of a line around, and the letter that says that one was lost. */
const deceiving = /[\u202a-\u202e\u2066-\u2069\ufffd]/u;
/** Control characters, letters of nobody's alphabet, halves of letters. Line feeds part paragraphs. */
const noLetter = /(?!\n)\p{Cc}|\p{Co}|\p{Cs}|\p{Cn}/u;
const invisible = /[\p{C}\p{Z}]/u;

/** In both fonts, so that a name that prints in a fact prints in a heading too. */
let opened: readonly Font[] | undefined;

/**
 * The letters of a text that cannot be drawn, each once and in their order; empty for a text that prints as it is written.
 * A letter that is not seen is told by its number (`U+202E`). Whoever draws a name asks first: a letter without a glyph
 * would become a box, and a box is nobody's name.
 */
export function findUnprintable(text: string): string[] {
  opened ??= Object.values(files).map((file) => openFont(file));
  const has = (letter: string) =>
    !deceiving.test(letter) &&
    !noLetter.test(letter) &&
    opened?.every((font) => letter === '\n' || font.hasGlyphForCodePoint(letter.codePointAt(0) ?? 0));
  const missing = new Set([...text.normalize('NFC')].filter((letter) => !has(letter)));
  return [...missing].map((letter) => (invisible.test(letter) ? numberOf(letter) : letter));
}

function openFont(file: string): Font {
  const font = openSync(file);
  if ('fonts' in font) throw new Error('a collection of fonts where one font was expected');
  return font;
}

const numberOf = (letter: string): string =>
  `U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

/** From one line to the next, in points. */
export const lineHeightOf = ({ size }: TextStyle): number => size * 1.3;
/** From the upper edge of a line to the foot of its letters. */
const ascentOf = ({ size }: TextStyle): number => size * 1.02;

/**
 * A text in lines of at most `width` points. A line feed begins a new line, an empty line stays; a word that is wider than
 * the line is cut between letters.
 */
export function breakLines(pdf: PDFKit.PDFDocument, text: string, style: TextStyle, width: number): string[] {
  return text
    .normalize('NFC')
    .split('\n')
    .flatMap((paragraph) => {
      const lines: string[] = [];
      const space = wordWidth(pdf, ' ', style);
      let line = '';
      let used = 0;
      for (const word of paragraph.split(/[ \t]+/u).flatMap((long) => cutLong(pdf, long, style, width))) {
        const wide = wordWidth(pdf, word, style);
        if (line === '' || used + space + wide <= width) {
          used += line === '' ? wide : space + wide;
          line = line === '' ? word : `${line} ${word}`;
        } else {
          lines.push(line);
          line = word;
          used = wide;
        }
      }
      return [...lines, line];
    });
}

/** Words come again: shaping each of them once makes a long table ten times as fast. */
const measured = new WeakMap<PDFKit.PDFDocument, Map<string, number>>();

function wordWidth(pdf: PDFKit.PDFDocument, word: string, style: TextStyle): number {
  const known = measured.get(pdf) ?? new Map<string, number>();
  measured.set(pdf, known);
  const key = `${style.font} ${style.size} ${word}`;
  const width = known.get(key) ?? widthOf(pdf, word, style);
  known.set(key, width);
  return width;
}

function cutLong(pdf: PDFKit.PDFDocument, word: string, style: TextStyle, width: number): string[] {
  if (wordWidth(pdf, word, style) <= width) return [word];
  const pieces: string[] = [];
  let piece = '';
  for (const { segment } of new Intl.Segmenter().segment(word)) {
    if (piece !== '' && widthOf(pdf, piece + segment, style) > width) {
      pieces.push(piece);
      piece = '';
    }
    piece += segment;
  }
  return [...pieces, piece];
}

/** Width of one line in points. */
export function widthOf(pdf: PDFKit.PDFDocument, line: string, { font, size }: TextStyle): number {
  pdf.font(font).fontSize(size);
  return visualRuns(line).reduce((sum, run) => sum + pdf.widthOfString(run, shapingOf(run)), 0);
}

/**
 * Given, pdfkit shapes a run as a whole: otherwise it would set the words of an Arabic name from left to right. Without the
 * ligature `fi`, whose missing dot is a letter of its own in Turkish. The library takes features to leave out; its types
 * name those to add.
 */
const wholeRun = { liga: false } as object as PDFKit.Mixins.OpenTypeFeatures[];
/** Other runs go by words, which pdfkit shapes once each: a thousand rows of a table would take seconds. */
const plain = /^(?!.*f[filt])[\p{Script=Latin}\p{Script=Common}]*$/u;
const shapingOf = (run: string) => (plain.test(run) ? {} : { features: wholeRun });

/** Draws one line that `breakLines` made, its upper left corner at (x, y). Runs from right to left are set right. */
export function drawLine(
  pdf: PDFKit.PDFDocument,
  line: string,
  style: TextStyle,
  { x, y }: { readonly x: number; readonly y: number },
): void {
  pdf.font(style.font).fontSize(style.size);
  let left = x;
  const runs = visualRuns(line.normalize('NFC'));
  for (const [at, run] of runs.entries()) {
    pdf.text(run, left, y + ascentOf(style), { lineBreak: false, baseline: 'alphabetic', ...shapingOf(run) });
    if (at < runs.length - 1) left += pdf.widthOfString(run, shapingOf(run));
  }
}

/** Draws a text in a column on this page, however long it is. @returns where the next one may begin. */
export function drawParagraph(
  pdf: PDFKit.PDFDocument,
  text: string,
  style: TextStyle,
  { x, y, width }: { readonly x: number; readonly y: number; readonly width: number },
): number {
  const lines = breakLines(pdf, text, style, width);
  for (const [at, line] of lines.entries()) drawLine(pdf, line, style, { x, y: y + at * lineHeightOf(style) });
  return y + lines.length * lineHeightOf(style);
}
