import { describe, expect, test } from 'vitest';
import { createPapers } from '../../../src/adapters/papers/papers.ts';
import { fillPages, type Piece } from '../../../src/adapters/papers/sheet-pieces.ts';
import { Refusal } from '../../../src/domain/errors.ts';
import { languageTags } from '../../../src/domain/language.ts';
import { makeTerms, type Terms, type TermsField, termsChanges, termsFields } from '../../../src/domain/terms.ts';
import { writeSheet } from '../../../src/papers/sheets.ts';
import type { PaperSheet, SheetBlock } from '../../../src/pipeline/ports/papers.ts';
import { sheetOf, sheetTerms } from '../../support/sheets.ts';

const papers = createPapers();
const options = { origin: 'https://emanet.okul.example', at: new Date('2026-09-01T00:00:00Z'), isTwoSided: false };
const pagesIn = (pdf: Buffer) => pdf.toString('latin1').match(/\/Type \/Page\b/g)?.length ?? 0;
const flat = (blocks: readonly SheetBlock[]): SheetBlock[] =>
  blocks.flatMap((block) => ('together' in block ? flat(block.together) : [block]));
const questions = ({ blocks }: PaperSheet) => flat(blocks).flatMap((block) => ('question' in block ? [block] : []));
const reasonsOf = (printing: Promise<unknown>) =>
  printing.then(
    () => 'printed',
    (error) => {
      expect(error).toBeInstanceOf(Refusal);
      return [error.code, ...error.reasons];
    },
  );

describe('a sheet in words', () => {
  test.each(languageTags)('asks everything of the terms, one by one, each with a yes and a no (%s)', (language) => {
    const sheet = writeSheet(sheetOf(1, { language }));
    // take_part, record, keep, release to two audiences; and what the office answers.
    expect(questions(sheet)).toHaveLength(6);
    expect(new Set(questions(sheet).map(({ question }) => question)).size).toBe(6);
    for (const { choices } of questions(sheet)) expect(choices).toHaveLength(2);
  });

  test.each(languageTags)(
    'has the two texts with a box of their own each, and the words of the terms (%s)',
    (language) => {
      const { blocks } = writeSheet(sheetOf(1, { language }));
      const { notice, consent } = sheetTerms.texts[language];
      const kinds = blocks.map((block) =>
        'text' in block ? block.text : 'tick' in block ? 'box' : 'heading' in block ? 'heading' : 'other',
      );
      const at = kinds.indexOf(notice.text);
      expect(kinds.slice(at, at + 5)).toEqual([notice.text, 'box', 'heading', consent.text, 'box']);
      const facts = blocks.flatMap((block) => ('facts' in block ? block.facts.map(([, value]) => value) : []));
      expect(facts).toContain(sheetTerms.reason);
      expect(facts).toContain(sheetTerms.channel);
      expect(facts).toContain(sheetTerms.sites.join('; '));
    },
  );

  test.each(termsFields)('differs when the terms differ in what a signer reads: %s', (field) => {
    const after = makeTerms({ ...sheetTerms, ...otherTerms[field] });
    expect(termsChanges(sheetTerms, after)).toEqual([field]);
    const words = (terms: Terms) => JSON.stringify(writeSheet(sheetOf(1, { terms })));
    expect(words(after)).not.toBe(words(sheetTerms));
  });

  test('asks only what the terms ask', () => {
    const terms = makeTerms({ ...sheetTerms, purposes: ['take_part'], audiences: [] });
    const sheet = writeSheet(sheetOf(1, { terms }));
    expect(questions(sheet)).toHaveLength(2);
    const facts = sheet.blocks.flatMap((block) => ('facts' in block ? block.facts : []));
    expect(facts).toHaveLength(4);
  });

  test('says whose it is on every page, and leaves the signer open where nobody is addressed', () => {
    expect(writeSheet(sheetOf(4)).head.join('\n')).toMatch(
      /Iğdır Şıhdeneme 4 \(7\/İ\)\nSayın Çağla Öğdeneme 4 \(anne\)/,
    );
    const open = writeSheet(sheetOf(4, { signer: null, subject: { name: 'Ali Deneme', className: null } }));
    expect(open.head).toHaveLength(4);
    expect(open.head.join('\n')).not.toContain('(');
    expect(open.names).toEqual(['Ali Deneme']);
  });

  test('tells how a yes is taken back, online only where there is a page for it', () => {
    const words = (address: string | null) =>
      flat(writeSheet(sheetOf(1, { withdrawal: { office: 'Oda 3', address } })).blocks).flatMap((block) =>
        'text' in block ? [block.text] : [],
      );
    expect(words(null).filter((text) => text.includes('Oda 3'))).toHaveLength(1);
    expect(words(null).join()).not.toContain('İnternet');
    expect(words('https://okul.example/izin').join()).toContain('https://okul.example/izin');
  });
});

describe('sheets as PDF', () => {
  test('each has its pages; on paper printed on both sides nobody begins behind another', async () => {
    const one = makeTerms({ ...sheetTerms, purposes: ['take_part', 'record'], texts: shortTexts });
    const sheets = [writeSheet(sheetOf(1)), writeSheet(sheetOf(2, { terms: one })), writeSheet(sheetOf(3))];
    expect(pagesIn((await papers.sheets(sheets, options)).pdf)).toBe(5);
    expect((await papers.sheets(sheets, options)).pages).toEqual([2, 1, 2]);
    expect(pagesIn((await papers.sheets(sheets, { ...options, isTwoSided: true })).pdf)).toBe(6);
  });

  test('the same sheets at the same time are the same file', async () => {
    const print = () => papers.sheets([writeSheet(sheetOf(1))], options).then(({ pdf }) => pdf);
    expect((await print()).equals(await print())).toBe(true);
  });

  test('names that cannot be printed are told by their letters, all of them at once', async () => {
    const named = (number: number, name: string) => writeSheet(sheetOf(number, { subject: { name, className: null } }));
    const sheets = [named(1, '小明 Deneme'), writeSheet(sheetOf(2)), named(3, 'Ay\u202eşe')];
    expect(await reasonsOf(papers.sheets(sheets, options))).toEqual([
      'NOT_PRINTABLE',
      { code: 'NAME_NOT_PRINTABLE', params: { name: '小明 Deneme', letters: '小 明' } },
      { code: 'NAME_NOT_PRINTABLE', params: { name: 'Ay\u202eşe', letters: 'U+202E' } },
    ]);
  });

  test('a text that cannot be printed is told once, by its beginning', async () => {
    const terms = { ...sheetTerms, reason: 'Deney \u{1f9ea}' };
    const sheets = [1, 2].map((number) => writeSheet(sheetOf(number, { terms })));
    expect(await reasonsOf(papers.sheets(sheets, options))).toEqual([
      'NOT_PRINTABLE',
      { code: 'TEXT_NOT_PRINTABLE', params: { text: 'Deney \u{1f9ea}', letters: '\u{1f9ea}' } },
    ]);
  });

  test('line ends of other systems and tabs print', async () => {
    const notice = { ...tr.notice, text: 'Bir\r\niki\rüç\tdört' };
    const terms = { ...sheetTerms, texts: { ...sheetTerms.texts, tr: { ...tr, notice } } };
    const sheet = writeSheet(sheetOf(1, { terms }));
    expect(flat(sheet.blocks)).toContainEqual({ text: 'Bir\niki\nüç dört' });
    expect(pagesIn((await papers.sheets([sheet], options)).pdf)).toBeGreaterThan(0);
  });

  test('a sheet with more pages than its code can count is refused', async () => {
    const blocks = Array.from({ length: 4_600 }, () => ({ text: 'Satır' }));
    const sheet = { ...writeSheet(sheetOf(1)), blocks };
    expect(await reasonsOf(papers.sheets([sheet], options))).toEqual([
      'INVALID_REQUEST',
      { code: 'SHEET_TOO_LONG', params: { pages: expect.any(Number), most: 99 } },
    ]);
  });
});

const { tr } = sheetTerms.texts;
/** One change of each thing that a signer reads; of a text, its version alone. */
const otherTerms: Record<TermsField, Partial<Terms>> = {
  school: { school: 'Başka Bir Deneme Ortaokulu' },
  course: { course: 'Matematik 7/İ' },
  reason: { reason: 'Başka bir amaç' },
  channel: { channel: 'Başka bir hizmet' },
  sites: { sites: ['Örnek Köyü Deneme Ortaokulu'] },
  from: { from: '2026-09-15' },
  until: { until: '2027-06-17' },
  purposes: { purposes: ['take_part', 'record', 'release'] },
  audiences: { audiences: ['class'] },
  keptUntil: { keptUntil: null },
  notice: { texts: { ...sheetTerms.texts, tr: { ...tr, notice: { ...tr.notice, version: 4 } } } },
  consent: { texts: { ...sheetTerms.texts, tr: { ...tr, consent: { ...tr.consent, version: 3 } } } },
};

const shortTexts = {
  tr: { notice: { version: 1, text: 'Kısa.' }, consent: { version: 1, text: 'Kısa.' } },
  en: { notice: { version: 1, text: 'Short.' }, consent: { version: 1, text: 'Short.' } },
};

describe('pieces on pages', () => {
  const piece = (name: string, height: number, more: Partial<Piece> = {}) => ({
    name,
    height,
    staysWithNext: false,
    draw: () => undefined,
    ...more,
  });
  const namesOn = (pieces: ReturnType<typeof piece>[], height: number) =>
    fillPages(pieces, height).map((page) => page.map((one) => pieces.find((other) => other === one)?.name).join(''));

  test('no page ends behind a heading, and none begins with empty space', () => {
    const heading = piece('h', 10, { staysWithNext: true });
    expect(namesOn([piece('a', 80), heading, piece('b', 15)], 100)).toEqual(['a', 'hb']);
    expect(namesOn([piece('a', 95), piece('_', 10, { isSpace: true }), piece('b', 50)], 100)).toEqual(['a', 'b']);
  });

  test('what is higher than a page stands alone and nothing is lost', () => {
    expect(namesOn([piece('a', 10), piece('b', 150), piece('c', 10)], 100)).toEqual(['a', 'b', 'c']);
    expect(fillPages([], 100)).toEqual([]);
  });
});
