import { describe, expect, it } from 'vitest';
import { readPdfPages, readTables } from '../../../src/rosters/read-tables.ts';
import { gridOf, refusalOf, rosterIn } from './grids.ts';

const title = (of: string) =>
  `T.C.\nÖRNEK VALİLİĞİ\nÖrnek İlçe / Örnek Ortaokulu (TEST) Müdürlüğü\n${of} Sınıf Listesi`;
const teachers = 'Sınıf Öğretmeni: DEFNE YALÇINÖRS|||||||Sınıf Başkanı: ADA ÖRNEK';
const head = 'S.No|Öğrenci No||Adı||Soyadı||Cinsiyeti';
const pupil = (place: number, number: string, given: string, family: string) =>
  `${place}|${number}||${given}||${family}||Kız`;
const count = (total: number) => `Kız Öğrenci Sayısı :|${total}|Toplam Öğrenci Sayısı    :||${total}`;
const read = (...lines: readonly string[]) => rosterIn(readTables('a.xls', [gridOf('Sheet1', ...lines)]));
const refused = (...lines: readonly string[]) => refusalOf(() => read(...lines));
const block = (of: string, ...pupils: readonly string[]) => [
  title(of),
  teachers,
  head,
  ...pupils,
  count(pupils.length),
];

describe('the class list of e-Okul', () => {
  it('names its pupils, one block for each class, and nobody of the teachers', () => {
    const roster = read(
      ...block('7. Sınıf / A Şubesi', pupil(1, '42', 'ADA', 'ÖRNEK'), pupil(2, '43', 'ELİF SU', 'ÇINAR')),
      ...block('AL - 10. Sınıf / İ Şubesi (ALANI YOK)', pupil(1, '44', 'EFE', 'O’DENBY')),
      '||46307|0.64',
      '|OOG01001R020',
    );
    expect(roster).toMatchObject({
      format: 'e_okul',
      extent: 'classes',
      schoolName: 'Örnek Ortaokulu (TEST)',
      links: [],
      dropped: ['Cinsiyeti'],
    });
    expect(roster.persons.map(({ name, schoolNumber, from }) => [name, schoolNumber, from.line])).toEqual([
      ['ADA ÖRNEK', '42', 4],
      ['ELİF SU ÇINAR', '43', 5],
      ['EFE O’DENBY', '44', 10],
    ]);
    expect(roster.memberships.map(({ className }) => className)).toEqual(['7-A', '7-A', '10/İ']);
  });

  it('keeps two classes of one grade and section apart by their titles', () => {
    const roster = read(
      ...block('AL - 10. Sınıf / A Şubesi (ALANI YOK)', pupil(1, '1', 'ADA', 'ÖRNEK')),
      ...block('AMP - 10. Sınıf / A Şubesi (BİLİŞİM)', pupil(1, '2', 'EFE', 'ÖRNEK')),
    );
    expect(roster.memberships.map(({ className }) => className)).toEqual([
      'AL - 10. Sınıf / A Şubesi (ALANI YOK)',
      'AMP - 10. Sınıf / A Şubesi (BİLİŞİM)',
    ]);
  });

  it('may leave the count out, as a part that was copied does', () => {
    expect(read(title('7. Sınıf / A Şubesi'), head, pupil(1, '1', 'ADA', 'ÖRNEK')).persons).toHaveLength(1);
  });

  it('takes cells that stand a little beside their headings', () => {
    const shifted = read(title('7. Sınıf / A Şubesi'), head, '1||42|ADA|SU||ÖRNEK|Kız');
    expect(shifted.persons[0]).toMatchObject({ name: 'ADA SU ÖRNEK', schoolNumber: '42' });
  });

  it.each([
    ['a count that is not that of the rows', [pupil(1, '1', 'ADA', 'ÖRNEK')], 2, ['ROSTER_COUNT_DIFFERS 5 2 1']],
    ['a row that is no pupil', [pupil(1, '', 'ADA', 'ÖRNEK')], 1, ['ROSTER_ROW_UNREADABLE 4']],
    ['a pupil without a family name', [pupil(1, '1', 'ADA', '')], 1, ['ROSTER_ROW_UNREADABLE 4']],
    [
      'one number with two names',
      [pupil(1, '1', 'ADA', 'ÖRNEK'), pupil(2, '1', 'EFE', 'ÖRNEK')],
      2,
      ['ROSTER_NUMBER_TWICE 4 1', 'ROSTER_NUMBER_TWICE 5 1'],
    ],
    ['nobody in it', [], 0, ['ROSTER_NO_ROWS']],
  ])('is refused for %s', (_, pupils, total, reasons) => {
    expect(refused(title('7. Sınıf / A Şubesi'), teachers, head, ...pupils, count(total))).toEqual(reasons);
  });
});

describe('as a PDF', () => {
  const words = (...placed: readonly (readonly [number, string])[]) => ({
    words: placed.map(([x, text]) => ({ x, text })),
  });
  const top = [
    words([287, 'T.C.']),
    words([257, 'ÖRNEK VALİLİĞİ']),
    words([178, 'Örnek İlçe / Örnek Ortaokulu (TEST) Müdürlüğü']),
    words([174, '7. Sınıf / A Şubesi Sınıf Listesi']),
    words([40.5, 'Sınıf Öğretmeni: DEFNE YALÇINÖRS'], [320, 'Sınıf Başkanı: ADA ÖRNEK']),
    words([40.6, 'S.No'], [75.4, 'Öğrenci No'], [140, 'Adı'], [300.6, 'Soyadı'], [430, 'Cinsiyeti']),
  ];
  const row = (place: number, number: string, given: string) =>
    words([40.4, String(place)], [75.9, number], [139.2, given], [300, 'ÖRNEK'], [430, 'Kız']);
  const foot = words([40, 'OOG01001R020'], [200, '12/10/2026 15:23:02'], [500, '1']);
  const total = (count: number) => words([40, 'Kız Öğrenci Sayısı : 1'], [300, `Toplam Öğrenci Sayısı : ${count}`]);

  it('names pupils by what stands below the headings, over several pages', () => {
    const roster = rosterIn(
      readPdfPages('a.pdf', [
        { lines: [...top, row(1, '42', 'ADA SU'), foot] },
        { lines: [...top, row(2, '43', 'EFE'), total(2), foot] },
      ]),
    );
    expect(roster.persons.map(({ name, schoolNumber, from }) => [name, schoolNumber, from])).toEqual([
      ['ADA SU ÖRNEK', '42', { file: 'a.pdf#page=1', line: 7 }],
      ['EFE ÖRNEK', '43', { file: 'a.pdf#page=2', line: 7 }],
    ]);
    expect(roster.schoolName).toBe('Örnek Ortaokulu (TEST)');
  });

  it('is refused if it is any other document', () => {
    expect(refusalOf(() => readPdfPages('a.pdf', [{ lines: [words([10, 'Dilekçe'])] }]))).toEqual([
      'ROSTER_UNKNOWN_KIND',
    ]);
    expect(refusalOf(() => readPdfPages('a.pdf', []))).toEqual(['ROSTER_UNKNOWN_KIND']);
  });

  it('is refused if its count says more', () => {
    const pages = [{ lines: [...top, row(1, '42', 'ADA'), total(3)] }];
    expect(refusalOf(() => readPdfPages('a.pdf', pages))).toEqual(['ROSTER_COUNT_DIFFERS 8 3 1']);
  });
});
