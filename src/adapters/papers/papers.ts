import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { ZipFile } from 'yazl';
import { fewReasons, Refusal } from '../../domain/errors.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { Reason } from '../../domain/reason.ts';
import type { Papers, Report, ReportBlock } from '../../pipeline/ports/papers.ts';
import { breakLines, drawLine, findUnprintable, lineHeightOf, openPdf, type TextStyle } from './drawable.ts';
import { writeSheets } from './sheets.ts';

const margin = 50;
const padding = 3;
/** Maximum number of letters shown in a cell; the record has them all. */
const mostOfCell = 300;
/** Letters of a text that a reason repeats. */
const mostOfReason = 60;
const quiet = '#555555';
const styles = {
  title: { font: 'bold', size: 18 },
  heading: { font: 'bold', size: 13 },
  text: { font: 'text', size: 9.5 },
  cell: { font: 'text', size: 7.5 },
  foot: { font: 'text', size: 7 },
} as const satisfies Record<string, TextStyle>;

/** Reports and sheets as PDF (pdfkit), packs as ZIP (yazl). */
export function createPapers(): Papers {
  return { pdf: writePdf, zip: writeZip, sheets: writeSheets };
}

async function writePdf(report: Report): Promise<Buffer> {
  if (report.isExact) assertPrintable(report);
  const pdf = openPdf({
    margin,
    bufferPages: true,
    lang: report.language,
    info: { Title: report.title, CreationDate: report.at },
  });
  const pieces: Buffer[] = [];
  pdf.on('data', (piece: Buffer) => pieces.push(piece));
  const page = new Column(pdf);
  page.write(report.title, styles.title);
  page.skip(5);
  for (const block of report.blocks) {
    if ('heading' in block) {
      page.skip(10);
      page.write(block.heading, styles.heading, { keepWith: lineHeightOf(styles.text) });
      page.skip(4);
    } else if ('text' in block) {
      page.write(block.text, styles.text);
      page.skip(4);
    } else if ('facts' in block) {
      for (const [name, value] of block.facts) page.writeFact(name, value);
      page.skip(4);
    } else await drawTable(pdf, page, block);
  }
  const { start, count } = pdf.bufferedPageRange();
  for (let at = 0; at < count; at++) {
    pdf.switchToPage(start + at);
    pdf.page.margins.bottom = 0; // or the foot would begin a page of its own
    pdf.fillColor(quiet);
    drawLine(pdf, `${report.foot} · ${at + 1}/${count}`, styles.foot, { x: margin, y: pdf.page.height - 35 });
  }
  const ended = once(pdf, 'end');
  pdf.end();
  await ended;
  return Buffer.concat(pieces);
}

function assertPrintable({ title, foot, blocks }: Report): void {
  const texts = blocks.flatMap((block) => {
    if ('heading' in block) return [block.heading];
    if ('text' in block) return [block.text];
    return 'facts' in block ? block.facts.flat() : [...block.header, ...block.rows.flat()];
  });
  const reasons = [...new Set([title, foot, ...texts])].flatMap((text): Reason[] => {
    const letters = findUnprintable(text);
    if (letters.length === 0) return [];
    const shown = [...text].slice(0, mostOfReason).join('');
    return [{ code: 'TEXT_NOT_PRINTABLE', params: { text: shown, letters: letters.join(' ') } }];
  });
  if (reasons.length > 0) throw new Refusal('NOT_PRINTABLE', { reasons: fewReasons(reasons) });
}

/** What is written from the top of a page to its bottom, and on the next one after that. */
class Column {
  readonly #pdf: PDFKit.PDFDocument;
  readonly width: number;
  readonly #bottom: number;
  y = margin;

  constructor(pdf: PDFKit.PDFDocument) {
    this.#pdf = pdf;
    this.width = pdf.page.width - 2 * margin;
    this.#bottom = pdf.page.height - margin;
  }

  skip(points: number): void {
    this.y += points;
  }

  /** @returns whether a new page was begun because there was less room than this. */
  need(points: number): boolean {
    if (this.y === margin || this.y + points <= this.#bottom) return false;
    this.#pdf.addPage();
    this.y = margin;
    return true;
  }

  write(text: string, style: TextStyle, { keepWith = 0 } = {}): void {
    const lines = breakLines(this.#pdf, text, style, this.width);
    this.need(Math.min(lines.length, 2) * lineHeightOf(style) + keepWith);
    for (const line of lines) {
      this.need(lineHeightOf(style));
      this.#pdf.fillColor('black');
      drawLine(this.#pdf, line, style, { x: margin, y: this.y });
      this.y += lineHeightOf(style);
    }
  }

  writeFact(name: string, value: string): void {
    const style = styles.text;
    const gap = 8;
    const left = this.width * 0.28;
    const names = breakLines(this.#pdf, name, style, left - gap);
    const values = breakLines(this.#pdf, value, style, this.width - left);
    for (let at = 0; at < Math.max(names.length, values.length); at++) {
      this.need(lineHeightOf(style));
      this.#pdf.fillColor(quiet);
      drawLine(this.#pdf, names[at] ?? '', style, { x: margin, y: this.y });
      this.#pdf.fillColor('black');
      drawLine(this.#pdf, values[at] ?? '', style, { x: margin + left, y: this.y });
      this.y += lineHeightOf(style);
    }
  }
}

/** pdfkit's own tables open the font again for every cell: a thousand rows would take a minute. */
async function drawTable(
  pdf: PDFKit.PDFDocument,
  page: Column,
  { header, widths, rows, isLarge }: Extract<ReportBlock, { header: unknown }>,
): Promise<void> {
  const columns = widths.map((share) => ({ outer: share * page.width, inner: share * page.width - 2 * padding }));
  const drawRow = (row: readonly string[], font: 'text' | 'bold') => {
    const style = { ...(isLarge ? styles.text : styles.cell), font };
    const cells = row.map((text, at) => {
      const column = mustHave(columns[at], 'column for a cell');
      const shown = text.length > mostOfCell ? `${text.slice(0, mostOfCell)} …` : text;
      return { lines: breakLines(pdf, shown, style, column.inner), column };
    });
    const height = Math.max(...cells.map(({ lines }) => lines.length)) * lineHeightOf(style) + 2 * padding;
    if (page.need(height) && font === 'text') drawRow(header, 'bold');
    let left = margin;
    pdf.fillColor('black');
    for (const { lines, column } of cells) {
      for (const [at, line] of lines.entries())
        drawLine(pdf, line, style, { x: left + padding, y: page.y + padding + at * lineHeightOf(style) });
      left += column.outer;
    }
    page.skip(height);
    pdf
      .moveTo(margin, page.y)
      .lineTo(margin + page.width, page.y)
      .lineWidth(0.5)
      .strokeColor('#bbbbbb')
      .stroke();
  };
  drawRow(header, 'bold');
  for (const [at, row] of rows.entries()) {
    drawRow(row, 'text');
    if (at % 20 === 19) await setImmediate(); // others are served meanwhile
  }
}

function writeZip(files: Parameters<Papers['zip']>[0], at: Date): Readable {
  const zip = new ZipFile();
  const out = new Readable().wrap(zip.outputStream);
  const broken = (error: unknown) => out.destroy(error as Error);
  (async () => {
    for (const { name, octets } of files) {
      const options = { mtime: at, mode: 0o100644, compress: !name.endsWith('.pdf') };
      if (octets instanceof Uint8Array) zip.addBuffer(Buffer.from(octets), name, options);
      else {
        const stream = Readable.from(octets);
        stream.once('error', broken);
        zip.addReadStream(stream, name, options);
      }
    }
    zip.end();
  })().catch(broken);
  return out;
}
