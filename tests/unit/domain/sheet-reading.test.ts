import { describe, expect, test } from 'vitest';
import {
  answersOf,
  isAllNo,
  readingFlaws,
  type SheetFacts,
  type SheetReading,
} from '../../../src/domain/sheet-reading.ts';

const facts: SheetFacts = {
  questions: 3,
  signerName: 'Işıl Çağ Deneme',
  printedOn: '2026-11-02',
  today: '2026-11-09',
  missingPages: [],
};
const whole: SheetReading = {
  answers: ['yes', 'no', 'none'],
  isNoted: true,
  isConsented: true,
  isSigned: true,
  name: 'IŞIL ÇAĞ DENEME',
  acceptsName: false,
  writtenDate: '2026-11-04',
  receivedOn: '2026-11-06',
  wasBeforeLesson: false,
};
const codes = (differing: Partial<SheetReading>, other: Partial<SheetFacts> = {}) =>
  readingFlaws({ ...whole, ...differing }, { ...facts, ...other }).map(({ code }) => code);

test('a whole sheet is an answer, and what was left open is a no', () => {
  expect(codes({})).toEqual([]);
  expect(answersOf(whole)).toEqual(['yes', 'no', 'no']);
});

test.each([
  [{ isNoted: false }, 'PAPER_NOT_NOTED'],
  [{ isConsented: false }, 'PAPER_NOT_CONSENTED'],
  [{ isSigned: false }, 'PAPER_NOT_SIGNED'],
  [{ name: ' ' }, 'PAPER_NAME_MISSING'],
  [{ name: 'Başka Biri' }, 'PAPER_NAME_DIFFERS'],
  [{ writtenDate: null }, 'PAPER_DATE_MISSING'],
  [{ writtenDate: '2026-11-01' }, 'PAPER_DATE_IMPOSSIBLE'],
  [{ writtenDate: '2026-11-07' }, 'PAPER_DATE_IMPOSSIBLE'],
  [{ receivedOn: '2026-11-10' }, 'PAPER_RECEIVED_IMPOSSIBLE'],
  [{ answers: ['yes', 'yes'] }, 'PAPER_ANSWERS'],
  [{ answers: ['none', 'none', 'none'] }, 'PAPER_BLANK'],
] as const)('a yes is refused: %j', (differing, code) => {
  expect(codes(differing)).toEqual([code]);
});

test('a paper from before its printing was never this paper', () => {
  expect(codes({ receivedOn: '2026-11-01', writtenDate: null, answers: ['no', 'no', 'no'] })).toEqual([
    'PAPER_RECEIVED_IMPOSSIBLE',
  ]);
});

test('a yes needs every page; another way to write a name is accepted by a person', () => {
  expect(codes({}, { missingPages: [2] })).toEqual(['SHEET_PAGES_MISSING']);
  expect(codes({ name: 'Isil Deneme', acceptsName: true })).toEqual([]);
  expect(codes({ name: 'Isil Cag Deneme' })).toEqual([]);
  expect(codes({ name: 'Kim Olsa' }, { signerName: null })).toEqual([]);
});

describe('a no', () => {
  const no = { answers: ['no', 'none', 'no'] as const, isNoted: false, isConsented: false, isSigned: false, name: '' };

  test('is taken without tick, name, date or the other pages', () => {
    expect(isAllNo(no)).toBe(true);
    expect(codes({ ...no, writtenDate: null }, { missingPages: [1] })).toEqual([]);
  });
});
