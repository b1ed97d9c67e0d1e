import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { ZipFile } from 'yazl';
import { mustHave } from '../../domain/must-have.ts';
import type { Papers, Report, ReportBlock } from '../../pipeline/ports/papers.ts';
import { openPdf } from './drawable.ts';

const margin = 50;
const padding = 3;
/** Maximum number of letters shown in a cell; the record has them all. */
const mostOfCell = 300;
const quiet = '#555555';

/** Reports as PDF (pdfkit), packs as ZIP (yazl). */
export function createPapers(): Papers {
  return { pdf: writePdf, zip: writeZip };
}

async function writePdf(report: Report): Promise<Buffer> {
  const pdf = openPdf({
    margin,
    bufferPages: true,
    lang: report.language,
    info: { Title: report.title, CreationDate: report.at },
  });
  const pieces: Buffer[] = [];
  pdf.on('data', (piece: Buffer) => pieces.push(piece));
  pdf.font('bold').fontSize(18).text(report.title).moveDown(0.3);
  for (const block of report.blocks) {
    if ('heading' in block)
      pdf.moveDown(0.8).font('bold').fontSize(13).fillColor('black').text(block.heading).moveDown(0.3);
    else if ('text' in block) pdf.font('text').fontSize(9.5).fillColor('black').text(block.text).moveDown(0.3);
    else if ('facts' in block)
      for (const [name, value] of block.facts) {
        pdf.font('text').fontSize(9.5).fillColor(quiet).text(`${name}: `, { continued: true });
        pdf.fillColor('black').text(value);
      }
    else await drawTable(pdf, block);
  }
  const { start, count } = pdf.bufferedPageRange();
  for (let page = 0; page < count; page++) {
    pdf.switchToPage(start + page);
    pdf.page.margins.bottom = 0; // or the foot would begin a page of its own
    pdf.font('text').fontSize(7).fillColor(quiet);
    pdf.text(`${report.foot} · ${page + 1}/${count}`, margin, pdf.page.height - 35, { lineBreak: false });
  }
  const ended = once(pdf, 'end');
  pdf.end();
  await ended;
  return Buffer.concat(pieces);
}

/** pdfkit's own tables open the font again for every cell: a thousand rows would take a minute. */
async function drawTable(
  pdf: PDFKit.PDFDocument,
  { header, widths, rows }: Extract<ReportBlock, { header: unknown }>,
): Promise<void> {
  const whole = pdf.page.width - 2 * margin;
  const columns = widths.map((share) => ({ outer: share * whole, inner: share * whole - 2 * padding }));
  const bottom = pdf.page.height - margin;
  const drawRow = (row: readonly string[], font: 'text' | 'bold') => {
    const cells = row.map((text, at) => ({
      text: text.length > mostOfCell ? `${text.slice(0, mostOfCell)} …` : text,
      column: mustHave(columns[at], 'column for a cell'),
    }));
    pdf.font(font).fontSize(7.5).fillColor('black');
    const height = Math.max(...cells.map(({ text, column }) => pdf.heightOfString(text, { width: column.inner })));
    if (pdf.y + height + 2 * padding > bottom) {
      pdf.addPage();
      if (font === 'text') drawRow(header, 'bold');
      pdf.font(font);
    }
    const top = pdf.y;
    let left = margin;
    for (const { text, column } of cells) {
      pdf.text(text, left + padding, top + padding, { width: column.inner });
      left += column.outer;
    }
    pdf.x = margin;
    pdf.y = top + height + 2 * padding;
    pdf
      .moveTo(margin, pdf.y)
      .lineTo(margin + whole, pdf.y)
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
