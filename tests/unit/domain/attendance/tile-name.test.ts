import { describe, expect, test } from 'vitest';
import { createLabelMatcher } from '../../../../src/domain/attendance/tile-name.ts';

const ada = { id: 'ada', names: ['Ada Yılmaz', 'ada y.', 'iPad (3)'] };
const efe = { id: 'efe', names: ['Efe Kaya'] };
const match = createLabelMatcher([ada, efe], ['Efe Kaya Demir', 'Elif Çelik', 'iPad (2)', 'Derya Öztürkoğlu']);
const who = (line: string) => {
  const found = match(line);
  return found === null || found === 'other' ? found : found.personId;
};

describe('whose label a line is', () => {
  test.each([
    ['Ada Yılmaz', 'ada'],
    ['ada yilmaz', 'ada'],
    ['ADA YILMAZ (Siz)', 'ada'],
    ['| Ada Yılmaz ▾', 'ada'],
    ['7 Ada Yılmaz e', 'ada'],
    ['Elif Çelik', 'other'],
    ['Efe Kaya', 'efe'],
  ])('%s', (line, expected) => expect(who(line)).toBe(expected));

  test.each(['', 'Ada', 'Ada Yilmas', 'AdaYılmaz', 'Slayt 3', 'a'.repeat(500)])(
    'a letter that was misread names nobody: %s',
    (line) => expect(who(line)).toBeNull(),
  );

  test('a longer name of somebody else wins over the wanted one in it', () => {
    expect(who('Efe Kaya Demir')).toBe('other');
  });

  test('a relative beside a pupil is not the pupil', () => {
    expect(who('Ada Yılmaz (anne)')).toBeNull();
    expect(who('Ada Yılmaz annesi')).toBeNull();
  });

  test('devices are told by their numbers', () => {
    expect(who('iPad (3)')).toBe('ada');
    expect(who('iPad (2)')).toBe('other');
    expect(who('iPad')).toBeNull();
  });

  test('a name that was cut short counts if it begins one name only', () => {
    expect(who('Ada Yıl…')).toBe('ada');
    expect(who('Ada Yılm...')).toBe('ada');
    expect(who('Derya Özt…')).toBe('other');
    expect(who('Efe Kay…')).toBeNull();
    expect(who('Ada…')).toBeNull();
    expect(who('Ada Yıl')).toBeNull();
  });

  test('one name of two people is nobody’s who is wanted', () => {
    const twice = createLabelMatcher([ada, { id: 'other ada', names: ['ADA YILMAZ'] }], []);
    expect(twice('Ada Yılmaz')).toBe('other');
    expect(createLabelMatcher([ada], ['Ada Yilmaz'])('Ada Yılmaz')).toBe('other');
  });
});
