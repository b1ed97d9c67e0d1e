import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findTextNotices } from '../../../src/detection/text-notices.ts';
import { defaultWatchedNames } from '../../../src/domain/watched-names.ts';

const box = { x: 1, y: 2, width: 30, height: 4 };
const line = (text: string, confidence = 1) => ({ text, confidence, box });
const read = (text: string) => findTextNotices([line(text)], defaultWatchedNames).map(({ kind, name }) => name ?? kind);

describe('a notice in a picture', () => {
  it.each([
    '© 2019 Örnek Yayınevi. Tüm hakları saklıdır.',
    'TÜM HAKLARI SAKLIDIR',
    'Tum haklari sakhdir',
    'All rights reserved.',
    'Ail rights reserved',
    'ALL RIGHTS RESERVEO',
    'Copyright Somebody',
    'Her hakkı mahfuzdur',
    'Izinsiz kullanilamaz',
    '€ 2019 Ornek Yayinevi',
    '@ 2021 Somebody',
    '(c) 2020 Biri',
    'No part of this publication may be copied',
    'Photo © Jane Roe',
    'CC BY-SA 4.0',
    'İzinsiz kopyalanamaz',
    'Sahibinin izni olmadan çoğaltılamaz',
  ])('is read in: %s', (text) => {
    expect(read(text)).toContain('rights_notice');
  });

  it.each([
    'Haklarımız ve ödevlerimiz',
    'ders@2021okul',
    'Toplam 0 2019 yılında',
    'a) 2019  b) 2020  c) 2021',
    'The right hand rule',
    'saklı kentler',
    '€ 2019',
    '© BR my best tea gem',
    '©',
    'üçgenin alanı © şıkkında verilmiştir',
    'CC lessons by Ada',
    '',
  ])('is not read in: %s', (text) => {
    expect(read(text)).toEqual([]);
  });
});

describe('a watched name', () => {
  it.each([
    ['gettyimages', ['Getty Images']],
    ['getty images', ['Getty Images']],
    ['Shutterst0ck', ['Shutterstock']],
    ['shutterstock.com', ['Shutterstock']],
    ['NETFLIX', ['Netflix']],
    ['TRT Belgesel', ['TRT']],
    ['ARTRTIS', []],
    ['trt', []],
    ['Anadolu Ajansi', ['Anadolu Ajansı']],
    ['CNN TÜRK', ['CNN Türk']],
    ['Paramount Pictures presents', ['Paramount Pictures']],
    ['Oxford Universlty Press', ['Oxford University Press']],
    ['Netfix', []],
    ['Pearson correlation', ['Pearson']],
  ])('in “%s” is %j', (text, names) => {
    expect(read(text)).toEqual(names);
  });

  it('is looked for in the list that is given, and in no other', () => {
    const own = [{ name: 'Örnek Yayınevi', kind: 'publisher' as const }];
    expect(findTextNotices([line('ORNEK YAYINEVI'), line('Netflix')], own)).toEqual([
      { kind: 'watched_name', name: 'Örnek Yayınevi', text: 'ORNEK YAYINEVI', confidence: 0.8, box },
    ]);
  });
});

describe('reading', () => {
  it('is as sure as the reader was', () => {
    const [sure, unsure] = findTextNotices([line('© 2019 Biri', 1), line('© 2019 Biri', 0.2)], []);
    expect(sure!.confidence).toBe(0.95);
    expect(unsure!.confidence).toBeLessThan(0.6);
  });

  it('ends soon whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2_000, unit: 'grapheme' }), (text) => {
        for (const { confidence } of findTextNotices([line(text)], defaultWatchedNames))
          expect(confidence).toBeGreaterThan(0);
      }),
      { numRuns: 50 },
    );
  });
});
