import { describe, expect, test } from 'vitest';
import { createPapers } from '../../../src/adapters/papers/papers.ts';
import { evidenceDigest } from '../../../src/audit/evidence-digest.ts';
import type { Refusal } from '../../../src/domain/errors.ts';
import type { Evidence } from '../../../src/domain/evidence.ts';
import { languageTags } from '../../../src/domain/language.ts';
import { termsTexts } from '../../../src/language/terms-texts.ts';
import { writeReceiptReport } from '../../../src/papers/receipt.ts';
import { entryOnLog, someEvidence, someTerms } from '../../support/evidence.ts';

const terms = someTerms({ texts: termsTexts('Çınaraltı Ortaokulu') });
const base = someEvidence(terms);
const reportOf = (given: Partial<Evidence> = {}, language: 'tr' | 'en' = 'tr', more: object = {}) => {
  const evidence = { ...base, ...given };
  const entry = entryOnLog(evidence);
  const told = { evidence, terms, entry, fileSha256: 'f'.repeat(64), lesson: null, timeZone: 'Europe/Istanbul' };
  return writeReceiptReport({ ...told, ...more }, language);
};
const textOf = (report: ReturnType<typeof reportOf>) => JSON.stringify(report);
const named = (name: string) => reportOf({ subject: { ...base.subject, name } });

test.each(languageTags)('a receipt in %s says who answered what, when, and how it is checked', (language) => {
  const report = reportOf({}, language);
  const text = textOf(report);
  for (const said of [
    'Ilgın Şahingöz (10/I)',
    'Gülçin Şahingöz',
    'gülçin şahingöz',
    'Fizik 10/A',
    '20:05:31 (Europe/Istanbul)',
    '2026-02-03T17:05:31.250Z',
    evidenceDigest(base),
    'f'.repeat(64),
    'emanet-verify receipt.json',
    '7 / 12',
  ])
    expect(text).toContain(said);
  // What was read, in the language in which it was read.
  expect(report.blocks).toContainEqual({ text: terms.texts.tr.notice.text });
  expect(report.blocks).toContainEqual({ text: terms.texts.tr.consent.text });
  // A link is for its owner alone: neither it nor its digest is on paper.
  expect(text).not.toContain(base.tokenSha256);
});

test('each question stands there with its own answer', () => {
  const table = reportOf().blocks.find((block) => 'rows' in block)!;
  expect('rows' in table && table.rows.map(([label, , answer]) => [label, answer])).toEqual([
    ['Dersi kaydetmek', 'EVET'],
    ['Kaydı saklamak', 'EVET'],
    ['Kaydı sınıfa göstermek', 'EVET'],
    ['Kaydı ailelere göstermek', 'HAYIR'],
  ]);
});

describe('what there was none of is not on it', () => {
  test('no link: it is not said to withdraw by one', () => {
    expect(textOf(reportOf({}, 'en'))).toContain('by the link that you were sent');
    expect(textOf(reportOf({ tokenSha256: null }, 'en'))).not.toContain('by the link that you were sent');
  });
  test('a paper has its dates; nothing was read, nothing is shown as read', () => {
    const paper = {
      sheet: 'x',
      page: 1,
      code: null,
      imageSha256: 'e'.repeat(64),
      writtenDate: '2026-02-01',
      receivedOn: '2026-02-02',
      readBy: 'x',
      confirmedBy: null,
    };
    const text = textOf(reportOf({ paper, notice: null, consent: null }, 'en'));
    expect(text).toContain('1 February 2026');
    expect(text).toContain('2 February 2026');
    expect(text).not.toContain('The information that was noted');
    expect(textOf(reportOf({}, 'en'))).toContain('The information that was noted (version 1)');
  });
  test('an objection names its lesson', () => {
    const text = textOf(reportOf({ event: 'objected' }, 'en', { lesson: 'Optics, 3 March' }));
    expect(text).toContain('Optics, 3 March');
    expect(text).toContain('Receipt of your objection');
  });
});

describe('a name is printed right or not at all', () => {
  const refusalOf = (making: Promise<unknown>) =>
    making.then(
      () => 'made',
      ({ code, reasons }: Refusal) => `${code} ${reasons[0]?.code} ${reasons[0]?.params?.letters}`,
    );
  test.each(['فاطمة الزهراء', 'Наталья Їжак', 'I\u0307lker Şıhmantepe'])('%s is printed', async (name) => {
    expect(await refusalOf(createPapers().pdf(named(name)))).toBe('made');
  });
  test.each([
    ['Wang 小明', '小 明'],
    ['Ay\u202eşe', 'U+202E'],
    ['अनिता', 'अ न ि त ा'],
  ])('%s is refused, with the letters', async (name, letters) => {
    expect(await refusalOf(createPapers().pdf(named(name)))).toBe(`NOT_PRINTABLE TEXT_NOT_PRINTABLE ${letters}`);
  });
  test('in every part of the paper', async () => {
    const of = (blocks: Parameters<ReturnType<typeof createPapers>['pdf']>[0]['blocks'], more: object = {}) =>
      refusalOf(
        createPapers().pdf({ language: 'tr', title: 'a', at: new Date(0), foot: 'b', blocks, isExact: true, ...more }),
      );
    const table = { widths: [1], header: ['小'], rows: [['a']] };
    for (const blocks of [
      [{ heading: '小' }],
      [{ text: '小' }],
      [{ facts: [['a', '小']] as const }],
      [{ facts: [['小', 'a']] as const }],
      [table],
      [{ ...table, header: ['a'], rows: [['a'], ['小']] }],
    ])
      expect(await of(blocks)).toBe('NOT_PRINTABLE TEXT_NOT_PRINTABLE 小');
    for (const more of [{ title: '小' }, { foot: '小' }])
      expect(await of([], more)).toBe('NOT_PRINTABLE TEXT_NOT_PRINTABLE 小');
    // Reports for auditors are made all the same.
    expect(await of([{ text: '小' }], { isExact: false })).toBe('made');
  });
  test('line ends of other programs are no letters', async () => {
    const text = { version: 1, text: 'bir\r\niki\tüç\r\n' };
    const pair = { notice: text, consent: text };
    const other = someTerms({ texts: { tr: pair, en: pair } });
    expect(await refusalOf(createPapers().pdf(reportOf({}, 'tr', { terms: other })))).toBe('made');
  });
});
