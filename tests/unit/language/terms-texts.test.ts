import { describe, expect, test } from 'vitest';
import { languageTags } from '../../../src/domain/language.ts';
import { audiences, purposes } from '../../../src/domain/permission.ts';
import { readers } from '../../../src/domain/reader.ts';
import { questionsOf } from '../../../src/domain/terms.ts';
import { questionWords } from '../../../src/language/question-words.ts';
import { termsTexts } from '../../../src/language/terms-texts.ts';

const words = (text: string) => text.split(/\s+/).length;

describe.each(languageTags)('the texts in %s with which a school begins', (language) => {
  const { notice, consent } = termsTexts('Çınaraltı Ortaokulu')[language];
  test('name the school and hold no placeholder', () => {
    for (const { text, version } of [notice, consent]) {
      expect(version).toBe(1);
      expect(text).toContain('Çınaraltı Ortaokulu');
      expect(text).not.toMatch(/[{}]/);
    }
  });
  test('are short enough to be read', () => {
    expect(words(notice.text)).toBeGreaterThanOrEqual(150);
    expect(words(notice.text)).toBeLessThanOrEqual(250);
    expect(words(consent.text)).toBeGreaterThanOrEqual(40);
    expect(words(consent.text)).toBeLessThanOrEqual(80);
    for (const sentence of notice.text.split(/(?<=[.;:])\s/)) expect(words(sentence), sentence).toBeLessThanOrEqual(25);
  });
});

test('a school whose name looks like a placeholder keeps its name', () => {
  expect(termsTexts('{school} $& Okulu').tr.notice.text).toContain('{school} $& Okulu görüntülü');
});

describe.each(readers)('every question for a reader who is an %s', (reader) => {
  test.each(languageTags)('has a label of its own and one sentence in %s', (language) => {
    const questions = [
      ...questionsOf({ purposes, audiences }),
      { purpose: 'release' as const, audience: null }, // the heading above the audiences
    ];
    const all = questions.map((question) => questionWords(question, reader, language));
    expect(new Set(all.map(({ label }) => label)).size).toBe(questions.length);
    for (const { label, text } of all) {
      expect(label).not.toMatch(/[.!?]$/);
      expect(text).toMatch(/^[^.!?]+\.$/);
      expect(words(text)).toBeLessThanOrEqual(28);
    }
  });
});
