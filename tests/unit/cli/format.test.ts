import { expect, test } from 'vitest';
import { chooseLanguage } from '../../../src/cli/choose-language.ts';
import {
  formatBytes,
  formatDuration,
  formatPercent,
  parseClock,
  parseWhen,
  plain,
  table,
} from '../../../src/cli/format.ts';
import { createProgress, describeProgress } from '../../../src/cli/progress.ts';
import { findSegment, parseDecision } from '../../../src/cli/review.ts';

test.each([
  ['75', 75_000],
  ['1:15', 75_000],
  ['1:02:03.5', 3_723_500],
  ['0', 0],
  ['1:60', null],
  ['1:60:00', null],
  ['-1', null],
  ['soon', null],
])('the place %s in a recording is %s ms', (text, ms) => {
  expect(parseClock(text)).toBe(ms);
});

test('a date alone counts as a whole day: it begins at its start and ends where the next one starts', () => {
  expect(parseWhen('2026-06-30')).toBe(new Date(2026, 5, 30).toISOString());
  expect(parseWhen('2026-06-30', 'end')).toBe(new Date(2026, 6, 1).toISOString());
  expect(parseWhen('2026-06-30 14:05', 'end')).toBe(new Date(2026, 5, 30, 14, 5).toISOString());
  expect(parseWhen('2026-06-30T14:05:00+03:00')).toBe('2026-06-30T11:05:00.000Z');
});

test.each(['2026-02-30', '2026-13-01', '30.06.2026', '2026-06-30 25:00', ''])('%s is not a date', (text) => {
  expect(parseWhen(text)).toBeNull();
});

test('numbers are written as the reader writes them', () => {
  expect(formatBytes(3_838_098, 'en')).toBe('3.8 MB');
  expect(formatBytes(3_838_098, 'tr')).toBe('3,8 MB');
  expect(formatBytes(0, 'en')).toBe('0 B');
  expect(formatPercent(99_999, 100_000, 'en')).toBe('99%');
  expect(formatPercent(1, 2, 'tr')).toBe('%50');
  expect(formatDuration(187_000, 'tr')).toBe('3 dk 07 sn');
  expect(formatDuration(3_720_000, 'en')).toBe('1 h 02 min');
});

test('text from elsewhere cannot steer the terminal', () => {
  expect(plain('a\x1b[2Jb\u202ec\nd')).toBe('a[2Jbc d');
  expect(table(['Ad'], [['Gül\x1b'], [null]])).toBe('Ad\n───\nGül\n');
});

test.each([
  [['--lang', 'tr'], {}, 'tr'],
  [['upload', '--lang=en'], { LANG: 'tr_TR.UTF-8' }, 'en'],
  [[], { LC_ALL: 'tr_TR.UTF-8', LANG: 'en_GB.UTF-8' }, 'tr'],
  [[], { LC_ALL: '', LANG: 'de_DE.UTF-8' }, 'en'],
  [[], {}, 'en'],
])('arguments %j and environment %j choose %s', (args, env, language) => {
  expect(chooseLanguage(args, env)).toBe(language);
});

test('a decision is SEGMENT=KIND[:GROUND[:NOTE]], and its note may have colons', () => {
  expect(parseDecision('3f=permitted:licence:see: contract')).toEqual({
    segment: '3f',
    kind: 'permitted',
    ground: 'licence',
    note: 'see: contract',
  });
  expect(parseDecision('3f=mute')).toEqual({ segment: '3f', kind: 'mute' });
  expect(parseDecision('3f=mute::loud')).toEqual({ segment: '3f', kind: 'mute', note: 'loud' });
  for (const wrong of ['3f', '=mute', '3f=dance', '3f=permitted:whim']) expect(parseDecision(wrong)).toBeNull();
});

test('the beginning of a segment’s id is enough when it is one segment’s only', () => {
  const segments = [{ id: 'abc1' }, { id: 'abd2' }] as Parameters<typeof findSegment>[0]['segments'];
  expect(findSegment({ segments }, 'abd', 'en').id).toBe('abd2');
  expect(() => findSegment({ segments }, 'ab', 'en')).toThrow('Several');
  expect(() => findSegment({ segments }, 'x', 'tr')).toThrow('yok');
});

test('progress says percentage, speed and what remains; without a terminal a line for each tenth', () => {
  expect(describeProgress(50_000_000, 100_000_000, 5_000, 'en')).toBe(' 50%  50 MB / 100 MB  10 MB/s  0:05 left');
  const lines: string[] = [];
  const stderr = { write: (line: string) => lines.push(line) } as never;
  const progress = createProgress({ stderr }, 'en', { label: 'Sending', quiet: false });
  for (let sent = 0; sent <= 1000; sent += 1) progress.update(sent, 1000);
  expect(lines).toHaveLength(10);
  expect(lines.join('')).not.toContain('\r');
});
