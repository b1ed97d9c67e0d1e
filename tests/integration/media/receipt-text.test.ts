import { expect, it } from 'vitest';
import { createPapers } from '../../../src/adapters/papers/papers.ts';
import { createPdfTextReader } from '../../../src/adapters/pdfium/pdf-text-reader.ts';
import { writeReceiptReport } from '../../../src/papers/receipt.ts';
import { entryOnLog, someEvidence, someTerms } from '../../support/evidence.ts';
import { bufferSource } from '../../support/media.ts';

it.each(['Şükrüye İIıi Çağlar-Öğütçü Âfitap', 'Наталья Їжак Ґалаґан', 'فاطمة الزهراء العلي', 'Office of fifty flats'])(
  'the name %s comes out of a receipt as letters',
  async (name) => {
    const terms = someTerms();
    const base = someEvidence(terms);
    const evidence = { ...base, signer: { ...base.signer, name, typedName: null } };
    const given = { evidence, terms, entry: entryOnLog(evidence), fileSha256: 'f'.repeat(64), lesson: null };
    const pdf = await createPapers().pdf(writeReceiptReport({ ...given, timeZone: 'Europe/Istanbul' }, 'tr'));
    const { pages } = await createPdfTextReader().read(bufferSource(pdf, 4_000));
    const lines = pages.flatMap((page) => page.lines.map(({ words }) => words.map(({ text }) => text).join(' ')));
    const line = lines.find((one) => one.startsWith('Yanıtlayan'));
    // Arabic letters may come as the forms in which they are drawn, which NFKC makes letters again.
    expect(line?.normalize('NFKC')).toBe(`Yanıtlayan ${name}`);
  },
);
