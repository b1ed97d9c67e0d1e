import { once } from 'node:events';
import { expect, test } from 'vitest';
import {
  breakLines,
  drawLine,
  drawParagraph,
  findUnprintable,
  lineHeightOf,
  openPdf,
  widthOf,
} from '../../../src/adapters/papers/drawable.ts';
import { visualRuns } from '../../../src/adapters/papers/visual-runs.ts';

const style = { font: 'text', size: 10 } as const;
const open = () => openPdf({ margin: 30 });

test('every letter of Turkish, Arabic, Persian, Cyrillic and Hebrew names prints, composed or not', () => {
  for (const name of [
    'Çağrı Öğütçü Şıhmantepe, İIıi, âîû',
    'I\u0307lker',
    'فاطمة الزهراء',
    'گلپری می\u200cخواهم مُحَمَّد',
    'Наталья Їжак Ґалаґан',
    'שלום',
    'Nguyễn Thị Ánh, Łukasz, Əli, ქეთევან',
  ])
    expect(findUnprintable(name), name).toEqual([]);
});

test('letters without a glyph are named, each once; those that nobody sees by their number', () => {
  expect(findUnprintable('Wang 小明 (小明)')).toEqual(['小', '明']);
  expect(findUnprintable('Ay\u202eşe\u0007 \ufffdli\ud800')).toEqual(['U+202E', 'U+0007', '\ufffd', 'U+D800']);
  expect(findUnprintable('iki\nsatır')).toEqual([]);
});

test('a run from right to left is one run in its order of reading, and stands where a reader looks for it', () => {
  expect(visualRuns('Veli: فاطمة الزهراء (anne)')).toEqual(['Veli: ', 'فاطمة الزهراء', ' (anne)']);
  // Digits go from left to right within it; brackets turn around.
  expect(visualRuns('محمد (علي) 12 أحمد')).toEqual([' أحمد', '12', 'محمد )علي( ']);
  expect(visualRuns('a فاطمة b محمد c')).toEqual(['a ', 'فاطمة', ' b ', 'محمد', ' c']);
  expect(visualRuns('Ayşe')).toEqual(['Ayşe']);
  expect(visualRuns('')).toEqual([]);
});

test('lines are no wider than the column, and no word is lost; a word that is too wide is cut', () => {
  const pdf = open();
  const text = `${'Kayıt yalnızca sınıf içindir. '.repeat(20)}\n\n${'ğ'.repeat(300)}`;
  const lines = breakLines(pdf, text, style, 200);
  for (const line of lines) expect(widthOf(pdf, line, style)).toBeLessThanOrEqual(200);
  expect(lines.join('').replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
  expect(lines).toContain('');
});

test('Arabic is shaped as a whole line: its words are joined letters from right to left', async () => {
  const pdf = open();
  // Letters by themselves are wider than joined ones.
  const apart = [...'فاطمة'].reduce((sum, letter) => sum + widthOf(pdf, letter, style), 0);
  expect(widthOf(pdf, 'فاطمة', style)).toBeLessThan(apart);
  expect(widthOf(pdf, 'fi', style)).toBe(widthOf(pdf, 'f', style) + widthOf(pdf, 'i', style));
  drawLine(pdf, 'Veli: فاطمة الزهراء', style, { x: 40, y: 40 });
  expect(drawParagraph(pdf, 'bir\niki', style, { x: 40, y: 60, width: 200 })).toBe(60 + 2 * lineHeightOf(style));
  const ended = once(pdf.resume(), 'end');
  pdf.end();
  await ended;
});
