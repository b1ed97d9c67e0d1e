import type { SheetBlock } from '../../pipeline/ports/papers.ts';
import { breakLines, drawLine, lineHeightOf, type TextStyle, widthOf } from './drawable.ts';

/** What stands on one page as a whole, from the upper edge down; `y` grows downwards. */
export interface Piece {
  readonly height: number;
  /** No page ends between this piece and the next one. */
  readonly staysWithNext: boolean;
  /** Left out where a page begins. */
  readonly isSpace?: boolean;
  draw(x: number, y: number): void;
}

const body: TextStyle = { font: 'text', size: 9.5 };
const strong: TextStyle = { font: 'bold', size: 9.5 };
const heading: TextStyle = { font: 'bold', size: 11 };
const label: TextStyle = { font: 'text', size: 8.5 };
/** Thinner lines are lost in a copy of a copy. */
const line = 0.9;
const box = 11.5;
const boxGap = 6;
const namesShare = 0.3;
const padding = 7;

/** The blocks of a sheet as pieces, `width` points wide. */
export function piecesOf(pdf: PDFKit.PDFDocument, blocks: readonly SheetBlock[], width: number): Piece[] {
  return blocks.flatMap((block) => {
    if ('heading' in block)
      return [space(7, true), ...linesOf(pdf, block.heading, heading, width, true), space(2, true)];
    if ('text' in block) return [...linesOf(pdf, block.text, body, width), space(4)];
    if ('facts' in block) return [...block.facts.flatMap((fact) => factPieces(pdf, fact, width)), space(4)];
    if ('tick' in block) return [tickPiece(pdf, block.tick, width), space(5)];
    if ('question' in block) return [questionPiece(pdf, block, width)];
    if ('blanks' in block) return [blanksPiece(pdf, block.blanks, width), space(5)];
    return [togetherPiece(pdf, block, width), space(5)];
  });
}

const space = (height: number, staysWithNext = false): Piece => ({
  height,
  staysWithNext,
  isSpace: true,
  draw: () => undefined,
});

/** Lines of a text; no page ends behind its first line or before its last one. */
function linesOf(
  pdf: PDFKit.PDFDocument,
  text: string,
  style: TextStyle,
  width: number,
  staysWithNext = false,
): Piece[] {
  const lines = linesIn(pdf, text, style, width);
  return lines.map((words, at) => ({
    height: lineHeightOf(style),
    staysWithNext: at === lines.length - 1 ? staysWithNext : staysWithNext || at === 0 || at === lines.length - 2,
    draw: (x, y) => drawLine(pdf, words, style, { x, y }),
  }));
}

const broken = new WeakMap<PDFKit.PDFDocument, Map<string, readonly string[]>>();

/** As `breakLines`, once for the texts that all sheets of a file have in common: measuring takes most of the time. */
function linesIn(pdf: PDFKit.PDFDocument, text: string, style: TextStyle, width: number): readonly string[] {
  const known = broken.get(pdf) ?? new Map<string, readonly string[]>();
  broken.set(pdf, known);
  const key = JSON.stringify([style.font, style.size, width, text]);
  const lines = known.get(key) ?? breakLines(pdf, text, style, width);
  known.set(key, lines);
  return lines;
}

function factPieces(pdf: PDFKit.PDFDocument, [name, value]: readonly [string, string], width: number): Piece[] {
  const column = width * namesShare;
  const names = linesOf(pdf, name, strong, column - boxGap);
  const values = linesOf(pdf, value, body, width - column);
  return Array.from({ length: Math.max(names.length, values.length) }, (_, at) => ({
    height: lineHeightOf(body),
    staysWithNext: at < names.length - 1 || (values[at]?.staysWithNext ?? false),
    draw: (x, y) => {
      names[at]?.draw(x, y);
      values[at]?.draw(x + column, y);
    },
  }));
}

const drawBox = (pdf: PDFKit.PDFDocument, x: number, y: number) => {
  pdf.lineWidth(line).rect(x, y, box, box).stroke('black');
};

const heightOf = (pieces: readonly Piece[]) => pieces.reduce((sum, { height }) => sum + height, 0);

function drawAll(pieces: readonly Piece[], x: number, y: number): void {
  let top = y;
  for (const piece of pieces) {
    piece.draw(x, top);
    top += piece.height;
  }
}

/** A box, and what a tick in it says. */
function tickPiece(pdf: PDFKit.PDFDocument, text: string, width: number): Piece {
  const lines = linesOf(pdf, text, strong, width - box - boxGap);
  return {
    height: Math.max(box + 2, heightOf(lines)),
    staysWithNext: false,
    draw: (x, y) => {
      drawBox(pdf, x, y + 0.5);
      drawAll(lines, x + box + boxGap, y);
    },
  };
}

/** A question with its boxes at the right, and a line below for the eye to follow. */
function questionPiece(
  pdf: PDFKit.PDFDocument,
  { question, choices }: { readonly question: string; readonly choices: readonly string[] },
  width: number,
): Piece {
  const widths = choices.map((choice) => box + boxGap + widthOf(pdf, choice, strong) + 16);
  const left = width - widths.reduce((sum, one) => sum + one, 0);
  const lines = linesOf(pdf, question, body, left - 16);
  const height = Math.max(heightOf(lines), box) + 10;
  return {
    height,
    staysWithNext: false,
    draw: (x, y) => {
      drawAll(lines, x, y + (height - heightOf(lines)) / 2);
      let at = x + left;
      for (const [index, choice] of choices.entries()) {
        drawBox(pdf, at, y + (height - box) / 2);
        drawLine(pdf, choice, strong, { x: at + box + boxGap, y: y + (height - lineHeightOf(strong)) / 2 });
        at += widths[index] ?? 0;
      }
      pdf
        .lineWidth(0.5)
        .moveTo(x, y + height)
        .lineTo(x + width, y + height)
        .stroke('black');
    },
  };
}

/** Lines to write on by hand, each with its label below. */
function blanksPiece(
  pdf: PDFKit.PDFDocument,
  blanks: readonly { readonly label: string; readonly share: number }[],
  width: number,
): Piece {
  const columns = blanks.map(({ label: text, share }) => {
    const inner = width * share - 14;
    return { width: width * share, inner, lines: linesOf(pdf, text, label, inner) };
  });
  const room = 27;
  return {
    height: room + Math.max(...columns.map(({ lines }) => heightOf(lines))) + 3,
    staysWithNext: false,
    draw: (x, y) => {
      let left = x;
      for (const { width: outer, inner, lines } of columns) {
        pdf
          .lineWidth(line)
          .moveTo(left, y + room)
          .lineTo(left + inner, y + room)
          .stroke('black');
        drawAll(lines, left, y + room + 1);
        left += outer;
      }
    },
  };
}

function togetherPiece(
  pdf: PDFKit.PDFDocument,
  { together, framed }: { readonly together: readonly SheetBlock[]; readonly framed: boolean },
  width: number,
): Piece {
  const inset = framed ? padding : 0;
  const pieces = piecesOf(pdf, together, width - 2 * inset);
  const height = heightOf(pieces) + 2 * inset;
  return {
    height,
    staysWithNext: false,
    draw: (x, y) => {
      if (framed) pdf.lineWidth(line).rect(x, y, width, height).stroke('black');
      drawAll(pieces, x + inset, y + inset);
    },
  };
}

/** Pieces that fill pages of this height, each page at least one piece; a page does not begin with empty space. */
export function fillPages(pieces: readonly Piece[], height: number): Piece[][] {
  const pages: Piece[][] = [[]];
  let used = 0;
  for (let at = 0; at < pieces.length; ) {
    let end = at + 1;
    while (end < pieces.length && pieces[end - 1]?.staysWithNext) end++;
    const bundle = pieces.slice(at, end);
    const isSpace = bundle.every((piece) => piece.isSpace);
    if (used > 0 && used + heightOf(bundle) > height) {
      pages.push([]);
      used = 0;
    }
    if (!(isSpace && used === 0)) {
      pages.at(-1)?.push(...bundle);
      used += heightOf(bundle);
    }
    at = end;
  }
  return pages.filter((page) => page.length > 0);
}
