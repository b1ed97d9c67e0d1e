import fc from 'fast-check';
import { expect, test } from 'vitest';
import { termsDigest } from '../../../src/audit/terms-digest.ts';
import { audiences, purposes } from '../../../src/domain/permission.ts';
import { makeTerms, questionsOf, type Terms, termsChanges, termsFields } from '../../../src/domain/terms.ts';
import { someTerms } from '../../support/evidence.ts';

const word = fc.constantFrom('', 'Ada', 'Fizik', 'İzmir', 'Iğdır');
const text = fc.record({ version: fc.nat(2), text: word });
const pair = fc.record({ notice: text, consent: text });
const anyTerms = fc
  .record({
    school: word,
    course: word,
    reason: word,
    channel: word,
    sites: fc.array(word, { maxLength: 3 }),
    from: word,
    until: word,
    purposes: fc.subarray([...purposes]),
    audiences: fc.subarray([...audiences]),
    keptUntil: fc.option(word),
    texts: fc.record({ tr: pair, en: pair }),
  })
  .map(makeTerms);

test('terms have no change if and only if they have one digest', () => {
  // Two of a kind that are equal by chance, nearly equal by construction, or unrelated.
  const couple = fc.oneof(
    fc.tuple(anyTerms, anyTerms),
    fc.tuple(anyTerms, anyTerms, fc.subarray([...termsFields])).map(([one, other, taken]): [Terms, Terms] => {
      const mixed: Record<string, unknown> = { ...one };
      for (const field of taken) if (field in one) mixed[field] = other[field as 'school'];
      return [one, makeTerms(mixed as Terms & Record<string, unknown>)];
    }),
  );
  fc.assert(
    fc.property(couple, ([before, after]) => {
      expect(termsChanges(before, after).length === 0).toBe(termsDigest(before) === termsDigest(after));
    }),
    { numRuns: 2_000 },
  );
});

const before = someTerms();
const one = before.texts.tr;
test.each<[string, Partial<Terms>, string[]]>([
  ['nothing', {}, []],
  ['another order of sites and purposes', { purposes: ['release', 'keep', 'record'] }, []],
  ['another school', { school: 'X' }, ['school']],
  ['a course of another name', { course: 'Fizik 10/B' }, ['course']],
  ['another reason', { reason: 'X' }, ['reason']],
  ['another channel', { channel: 'X' }, ['channel']],
  ['one site more', { sites: ['Çınaraltı Ortaokulu', 'Başka okul'] }, ['sites']],
  ['other days', { from: '2026-02-10', until: '2026-06-20' }, ['from', 'until']],
  ['one purpose more', { purposes: ['take_part', 'record', 'keep', 'release'] }, ['purposes']],
  ['no release', { purposes: ['record', 'keep'] }, ['purposes', 'audiences']],
  ['a release to nobody', { audiences: [] }, ['purposes', 'audiences']],
  ['one audience more', { audiences: ['class', 'school', 'families'] }, ['audiences']],
  ['kept by the rules', { keptUntil: null }, ['keptUntil']],
  [
    'another notice in one language',
    { texts: { ...before.texts, tr: { ...one, notice: { version: 2, text: one.notice.text } } } },
    ['notice'],
  ],
  [
    'another consent in one language',
    { texts: { ...before.texts, tr: { ...one, consent: { version: 1, text: 'X' } } } },
    ['consent'],
  ],
])('%s: what a signer reads has changed so', (_, given, changed) => {
  expect(termsChanges(before, someTerms(given))).toEqual(changed);
});

test('sites stand by code point, once each, also beyond the first plane', () => {
  const { sites } = someTerms({ sites: ['b', '\u{1f3eb}', '\uff5e', 'a', 'b', 'ab'] });
  expect(sites).toEqual(['a', 'ab', 'b', '\uff5e', '\u{1f3eb}']);
});

test('what else a row of a school holds is no part of terms', () => {
  const row = { ...before, id: 'x', texts: { ...before.texts, en: { ...before.texts.en, more: 1 } } };
  expect(makeTerms(row)).toEqual(before);
  expect(termsDigest(makeTerms(row))).toBe(termsDigest(before));
});

test('every purpose is one question, a release one for each audience; no audience without a release', () => {
  expect(questionsOf(someTerms({ purposes: [...purposes], audiences: ['families', 'class'] }))).toEqual([
    ...purposes.filter((purpose) => purpose !== 'release').map((purpose) => ({ purpose, audience: null })),
    { purpose: 'release', audience: 'class' },
    { purpose: 'release', audience: 'families' },
  ]);
  expect(someTerms({ purposes: ['record'], audiences: ['class'] }).audiences).toEqual([]);
  expect(someTerms({ purposes: ['record', 'release'], audiences: [] }).purposes).toEqual(['record']);
});
