import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldAscii, foldTurkish, foldTwoLetters } from '../../../../src/domain/attendance/fold.ts';
import { jaroWinkler } from '../../../../src/domain/attendance/similarity.ts';

describe('folding as ASCII makes one of', () => {
  test.each([
    ['Işıl İğde', 'ISIL IGDE', 'isil igde'],
    ['IŞIL İĞDE', 'ışıl iğde', 'isil igde'],
    ['İlker'.toLowerCase(), 'ilker', 'ilker'],
    ['Kâmil', 'Kamil', 'kamil'],
    ["Liam O'Denby", 'LIAM O’DENBY', 'liam odenby'],
    ['Anne-Marie', 'anne marie', 'anne marie'],
    ['Straßner', 'STRASSNER', 'strassner'],
    ['François Œuvrard', 'Francois Oeuvrard', 'francois oeuvrard'],
    ['Íñigo Peñafiel', 'Inigo Penafiel', 'inigo penafiel'],
    ['Łucja Świętosław', 'Lucja Swietoslaw', 'lucja swietoslaw'],
    ['Ștefan Țepeșel', 'Stefan Tepesel', 'stefan tepesel'],
    ['Əli Məmmədli', 'Eli Memmedli', 'eli memmedli'],
    ['Nguyễn Đức', 'Nguyen Duc', 'nguyen duc'],
    ['مُحَمَّد العَلِيّ', 'محمد العلي', 'محمد العلي'],
    ['Фёдор Йович', 'Федор Иович', 'федор иович'],
    ['Ιωάννης ΨΑΡΡΆΣ', 'Ιωαννης Ψαρρας', 'ιωαννησ ψαρρασ'],
    ['Søren Bjørn', 'Soren Bjorn', 'soren bjorn'],
    ['Çağan 🦄', 'cagan', 'cagan'],
    ['\u200EAda\u200D \uFEFFÖrnek', 'ada ornek', 'ada ornek'],
    ['Ａｄａ', '𝓐𝓭𝓪', 'ada'],
  ])('%s and %s', (one, other, right) => expect([foldAscii(one), foldAscii(other)]).toEqual([right, right]));

  test('nothing that is another name: vowel signs are letters in the scripts of India', () => {
    expect(foldAscii('राम')).not.toBe(foldAscii('रमा'));
    expect(foldAscii('김민준')).toBe('김민준');
    expect(foldAscii('王伟')).not.toBe(foldAscii('王玮'));
  });
});

test('Turkish folding keeps a dot apart, and does not tell writings of one name apart', () => {
  expect(foldTurkish('SILA ARDIÇ')).toBe(foldTurkish('Sıla Ardıç'));
  expect(foldTurkish('Sila Ardıç')).not.toBe(foldTurkish('Sıla Ardıç'));
  expect(foldTurkish('  Çağan   Ömür ')).toBe(foldTurkish('C\u0327ag\u0306an O\u0308mu\u0308r'));
});

test('two letters for one, as German keyboards without it', () => {
  expect(foldTwoLetters('Jürgen Müllerhof')).toBe(foldAscii('Juergen Muellerhof'));
  expect(foldTwoLetters('Ada')).toBe(foldAscii('Ada'));
});

test('folding is the same the second time, for any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      for (const fold of [foldTurkish, foldAscii]) expect(fold(fold(text))).toBe(fold(text));
    }),
  );
});

describe('Jaro–Winkler', () => {
  test.each([
    ['MARTHA', 'MARHTA', 0.9611],
    ['DIXON', 'DICKSONX', 0.8133],
    ['DWAYNE', 'DUANE', 0.84],
    ['ada', 'ada', 1],
    ['ada', 'xyz', 0],
    ['', '', 0],
    ['', 'ada', 0],
  ])('%s and %s: the published value', (one, other, right) => expect(jaroWinkler(one, other)).toBeCloseTo(right, 4));
  test('is the same both ways, and between 0 and 1', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (one, other) => {
        const alike = jaroWinkler(one, other);
        expect(alike).toBeCloseTo(jaroWinkler(other, one), 10);
        expect(alike >= 0 && alike <= 1).toBe(true);
      }),
    );
  });
});
