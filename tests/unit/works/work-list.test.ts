import { describe, expect, it, test } from 'vitest';
import { createTableReader } from '../../../src/adapters/csv/table-reader.ts';
import { byName, isHidden, isWorkList, titleOf, WorkLists } from '../../../src/domain/work-files.ts';
import { readWorkList } from '../../../src/pipeline/review/work-list.ts';

const read = (text: string) => readWorkList({ tables: createTableReader() }, text);
const codesOf = (text: string) => {
  try {
    return read(text);
  } catch (error) {
    return (error as { reasons: { code: string }[] }).reasons.map(({ code }) => code);
  }
};

describe('a list of works', () => {
  const rows = [{ file: 'a.mp3', title: 'İlk; şarkı, bir', rightsHolder: 'Müzik A.Ş.', validUntil: '2030-01-31' }];
  it.each([
    ['commas', 'file,title,rightsHolder,validUntil\r\na.mp3,"İlk; şarkı, bir",Müzik A.Ş.,2030-01-31\r\n'],
    ['semicolons', 'file;title;rightsHolder;validUntil\na.mp3;"İlk; şarkı, bir";Müzik A.Ş.;2030-01-31'],
    ['a byte order mark', '\uFEFFfile,title,rightsHolder,validUntil\na.mp3,"İlk; şarkı, bir",Müzik A.Ş.,2030-01-31\n'],
    [
      'empty lines and cells',
      '\nfile,isrc,title,rightsHolder,validUntil,\n\na.mp3,," İlk; şarkı, bir ",Müzik A.Ş.,2030-01-31,\n',
    ],
    [
      'columns in another order and spelling',
      'Valid-Until;RIGHTS HOLDER;File;Title\n31.1.2030;Müzik A.Ş.;a.mp3;İlk; şarkı, bir'.replace(
        'İlk; şarkı, bir',
        '"İlk; şarkı, bir"',
      ),
    ],
  ])('may have %s', (_what, text) => {
    expect(read(text)).toEqual(rows);
  });

  it.each([
    ['no column for the file', 'title,isrc\nA,B', ['LIST_COLUMNS']],
    ['a column that nobody knows', 'file,composer\na,b', ['LIST_COLUMNS_UNKNOWN']],
    ['nothing in it', '', ['LIST_COLUMNS']],
    [
      'another encoding than UTF-8',
      Buffer.from('file,title\na,\xfeark\xfd', 'latin1').toString('utf8'),
      ['LIST_NOT_UTF8'],
    ],
    ['rows without a file, or one twice', 'file,title\n,A\nb,B\nb,C', ['LIST_NO_FILE', 'LIST_TWICE']],
    ['a quotation mark too few', 'file,title\na,"b\nc,d', ['TABLE_UNREADABLE']],
    ['too many rows', `file\n${Array.from({ length: 10_001 }, (_, n) => n).join('\n')}`, ['LIST_TOO_LONG']],
  ])('is refused for %s', (_what, text, codes) => {
    expect(codesOf(text)).toEqual(codes);
  });

  it('names the line that is wrong', () => {
    expect(() => read('file,title\n\na,A\n,B')).toThrow(
      expect.objectContaining({ reasons: [expect.objectContaining({ params: { line: 4 } })] }),
    );
  });
});

describe('files of a folder', () => {
  it.each(['.DS_Store', 'a/.git/x.mp3', '__MACOSX/a/._b.mp3', 'a/Thumbs.db', 'desktop.ini', '', '/', '..'])(
    '%s is left out',
    (path) => {
      expect(isHidden(path)).toBe(true);
    },
  );
  it.each(['a.mp3', 'a/b.mp3', '../a.mp3', './a.mp3', '/etc/passwd'])('%s is not left out', (path) => {
    expect(isHidden(path)).toBe(false);
  });
  it.each([
    ['a/b/Şarkı 1.mp3', 'Şarkı 1'],
    ['Dr. No.mkv', 'Dr. No'],
    ['README', 'README'],
    [`${'x'.repeat(400)}.mp3`, 'x'.repeat(300)],
  ])('%s is called %s', (path, title) => {
    expect(titleOf(path)).toBe(title);
  });
  it('are counted as people count', () => {
    expect(['p10', 'p2', 'ç', 'd', 'c'].toSorted(byName)).toEqual(['c', 'ç', 'd', 'p2', 'p10']);
  });
});

test('what lists say is found by path, from the folder of the list, however systems spell it', () => {
  expect(['works.csv', 'a/Works.CSV', 'myworks.csv'].map(isWorkList)).toEqual([true, true, false]);
  const lists = new WorkLists();
  lists.add('works.csv', [
    { file: 'a/b.mp3', title: 'B' },
    { file: '.\\Ş.mp3', title: 'Ş' },
    { file: 'none.mp3', title: 'None' },
  ]);
  lists.add('deep/works.csv', [{ file: 'b.mp3', title: 'Deep B' }]);
  expect(lists.factsOf('a/B.mp3')).toEqual({ title: 'B' });
  expect(lists.factsOf('S\u0327.mp3')).toEqual({ title: 'Ş' });
  expect(lists.factsOf('deep/b.mp3')).toEqual({ title: 'Deep B' });
  expect(lists.factsOf('b.mp3')).toEqual({});
  expect(lists.missing()).toEqual(['none.mp3']);
});
