import { once } from 'node:events';
import PDFDocument from 'pdfkit';

type Drawing = (pdf: PDFKit.PDFDocument) => void;

/** A PDF with a page for each drawing; `options` are pdfkit's. */
export async function pdfOf(drawings: readonly Drawing[], options: PDFKit.PDFDocumentOptions = {}): Promise<Buffer> {
  const pdf = new PDFDocument({ size: 'A4', ...options, autoFirstPage: false });
  const pieces: Buffer[] = [];
  pdf.on('data', (piece: Buffer) => pieces.push(piece));
  const ended = once(pdf, 'end');
  for (const draw of drawings) {
    pdf.addPage();
    draw(pdf);
  }
  pdf.end();
  await ended;
  return Buffer.concat(pieces);
}

/** Blocks of ink whose places depend on the seed, so that no two pages look alike. */
export function inked(seed: number): Drawing {
  return (pdf) => {
    let state = seed * 2_654_435_761 + 12_345;
    const next = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    const { width, height } = pdf.page;
    for (let block = 0; block < 24; block++)
      pdf
        .rect(
          width * (0.08 + 0.7 * next()),
          height * (0.08 + 0.75 * next()),
          width * 0.14 * next(),
          height * 0.1 * next(),
        )
        .fill(next() < 0.7 ? 'black' : 'grey');
  };
}

/** A page that is one picture (JPEG or PNG) to its edges. */
export const pictured =
  (file: Buffer): Drawing =>
  (pdf) => {
    pdf.image(file, 0, 0, { width: pdf.page.width, height: pdf.page.height });
  };

/** The smallest PDF by hand, of `pages` empty pages that share one object, with `more` in its catalogue. */
export function tinyPdf(pages: number, more = ''): Buffer {
  const kids = '3 0 R '.repeat(pages);
  return Buffer.from(
    `%PDF-1.7\n1 0 obj <</Type/Catalog/Pages 2 0 R ${more}>> endobj\n` +
      `2 0 obj <</Type/Pages/Count ${pages}/Kids[${kids}]>> endobj\n` +
      '3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>> endobj\ntrailer <</Root 1 0 R/Size 4>>\n%%EOF\n',
  );
}
