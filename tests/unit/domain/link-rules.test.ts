import { expect, test } from 'vitest';
import { assertLinkRules, linkEnd } from '../../../src/domain/link-rules.ts';
import { codesOf } from '../../support/refused.ts';

const day = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 86_400_000);
const rules = { linkDays: 30, longestLinkDays: 90 };
const end = (releaseEnds: Date, asked?: Date) => linkEnd(rules, { now: day(0), releaseEnds, asked });

test('a link lives as long as the school says, and never longer than its release', () => {
  expect(end(day(200))).toEqual(day(30));
  expect(end(day(7))).toEqual(day(7));
  expect(end(day(200), day(60))).toEqual(day(60));
  expect(end(day(40), day(60))).toEqual(day(40));
});

test('it lives as long as links may, and not a moment longer', () => {
  expect(end(day(200), day(90))).toEqual(day(90));
  expect(codesOf(() => end(day(200), new Date(day(90).getTime() + 1)))).toEqual(['LINK_TOO_LONG']);
  // The release ends before that: nothing is too long.
  expect(end(day(80), day(100))).toEqual(day(80));
});

test('links do not live longer by themselves than they may', () => {
  expect(codesOf(() => assertLinkRules({ linkDays: 91, longestLinkDays: 90 }))).toEqual(['LINK_DAYS_ORDER']);
  expect(codesOf(() => assertLinkRules({ linkDays: 90, longestLinkDays: 90 }))).toEqual([]);
});
