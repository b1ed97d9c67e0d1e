import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import type { Refusal } from '../../../src/domain/errors.ts';
import type { Roster } from '../../../src/rosters/roster.ts';
import { listenAsCanary } from '../../support/media.ts';
import {
  hasRosters,
  readAsSuggested,
  rosterDir,
  rosterFiles,
  rosterOf,
  rosterReader,
  toldReasons,
} from '../../support/rosters.ts';

interface ExpectedPerson {
  readonly kind: string;
  readonly full: string;
  readonly class?: string;
  readonly school_no?: string;
  readonly guardians?: readonly { id: string; relation: string }[];
  readonly contacts?: readonly { id: string; relation: string }[];
  readonly email?: string;
  readonly phone?: string;
}
interface ExpectedRoster {
  readonly outcome: string;
  readonly counts: Record<string, number>;
  readonly columns?: Record<string, string | null>;
  readonly dropped_unread?: readonly string[];
  readonly to_decide?: readonly { pupil: string; other: string }[];
  readonly not_told?: readonly string[];
  readonly left_out?: readonly string[];
  readonly name_differs?: readonly { id: string; in_file: string }[];
  readonly numbers_without_zeros?: Record<string, string>;
}
interface Expected {
  readonly persons: Record<string, ExpectedPerson>;
  readonly classes: Record<string, readonly string[]>;
  readonly rosters: Record<string, ExpectedRoster>;
}

const expected: Expected = hasRosters
  ? JSON.parse(readFileSync(join(rosterDir, 'variants/expected.json'), 'utf8'))
  : { persons: {}, classes: {}, rosters: {} };
const { persons, classes, rosters } = expected;
const why = hasRosters ? '' : ' (skipped: no samples of rosters in EMANET_MEDIA_DIR)';
const pupilIds = Object.keys(persons).filter((id) => persons[id]!.kind === 'pupil');

/** Pupils by their identifier with everything that a file says of them, for comparing. */
function toldOf(roster: Roster, numberOf: (id: string) => string) {
  const nameOf = new Map(roster.persons.map(({ key, name }) => [key, name]));
  const byNumber = new Map(pupilIds.map((id) => [numberOf(id), id]));
  const pupils = roster.persons.filter(({ kinds }) => kinds.includes('pupil'));
  const named = (pupil: string, authority: string) =>
    roster.links
      .filter((link) => link.pupil === pupil && link.authority === authority)
      .map(({ other }) => nameOf.get(other))
      .sort();
  return new Map(
    pupils.map(({ key, name, sourceId, schoolNumber }) => [
      sourceId ?? byNumber.get(schoolNumber!),
      {
        name,
        schoolNumber,
        classes: roster.memberships.filter(({ person }) => person === key).map(({ className }) => className),
        maySign: named(key, 'may_sign'),
        undecided: named(key, 'undecided'),
        others: named(key, 'none'),
      },
    ]),
  );
}

const kindsIn = (roster: Roster, kind: string) =>
  roster.persons.filter(({ kinds }) => kinds.some((one) => one === kind)).length;
const linksIn = (roster: Roster, authority: string) => roster.links.filter((link) => link.authority === authority);

const countsOf = (roster: Roster): Record<string, number> => ({
  pupils: kindsIn(roster, 'pupil'),
  guardians: kindsIn(roster, 'guardian'),
  guardianships: linksIn(roster, 'may_sign').length,
  contacts: kindsIn(roster, 'contact'),
  contact_links: linksIn(roster, 'none').length,
  staff: kindsIn(roster, 'staff'),
  persons: roster.persons.length,
  classes: new Set(roster.memberships.map(({ className }) => className)).size,
});

describe.skipIf(!hasRosters)(`a school by every kind of file${why}`, () => {
  const whole = Object.keys(rosters).filter((name) => !name.includes('delta'));

  it.each(whole)('%s: everybody, their class, number and who may sign', async (file) => {
    const want = rosters[file]!;
    const { outcomes, roster } = await readAsSuggested(rosterFiles(`variants/rosters/${file}`));
    expect(outcomes).toEqual(want.outcome === 'mapping' ? ['mapping', 'roster'] : ['roster']);
    const { by_class: byClass, ...counts } = want.counts as Record<string, unknown>;
    expect(countsOf(roster)).toMatchObject(counts);

    const isEOkul = roster.format === 'e_okul';
    const inFile = new Map(want.name_differs?.map(({ id, in_file: name }) => [id, name]));
    const nameOf = (id: string) =>
      inFile.get(id) ?? (isEOkul ? persons[id]!.full.toLocaleUpperCase('tr') : persons[id]!.full);
    const numberOf = (id: string) => want.numbers_without_zeros?.[id] ?? persons[id]!.school_no!;
    const classesTold = byClass ? Object.keys(byClass) : Object.keys(classes);
    const isDecidedLater = (pupil: string, other: string) =>
      want.to_decide?.some((one) => one.pupil === pupil && one.other === other) === true;
    const told = toldOf(roster, numberOf);
    // OneRoster has no role for a doctor or a neighbour.
    const notTold = want.not_told ?? (roster.format === 'oneroster' ? ['doctor', 'other'] : []);
    const listed = pupilIds.filter((id) => classesTold.includes(persons[id]!.class!));
    expect([...told.keys()].sort()).toEqual(listed);
    for (const id of listed) {
      const { class: className, guardians = [], contacts = [] } = persons[id]!;
      const signers = isEOkul ? [] : guardians.map((one) => one.id).filter((one) => !want.left_out?.includes(one));
      const others = isEOkul ? [] : contacts.filter(({ relation }) => !notTold.includes(relation));
      expect(told.get(id), id).toEqual({
        name: nameOf(id),
        schoolNumber: roster.format === 'sds' ? null : numberOf(id),
        classes: [className],
        maySign: signers
          .filter((other) => !isDecidedLater(id, other))
          .map(nameOf)
          .sort(),
        undecided: signers.filter((other) => isDecidedLater(id, other)).map(nameOf),
        others: others.map((one) => nameOf(one.id)).sort(),
      });
    }
    const dropped = want.dropped_unread?.map((name) => name.replace(/ \{.*/, ''));
    expect([...roster.dropped].sort()).toEqual([...(dropped ?? ['Cinsiyeti'])].sort());
    expect(roster.extent).toBe(['oneroster', 'sds'].includes(roster.format) ? 'school' : 'classes');
    expect(roster.schoolName).toBe(roster.format === 'table' ? null : 'Örnek Ortaokulu (TEST)');
    expect(JSON.stringify(roster)).not.toMatch(/Gizli-TEST|00000000000|Deneme Mah/);
  });

  it.each(whole.filter((name) => rosters[name]!.columns))('%s: the headings suggest the columns', async (file) => {
    const reading = await rosterReader.read(rosterFiles(`variants/rosters/${file}`));
    if (reading.outcome !== 'mapping') throw new Error('no table to map');
    const columns = Object.entries(rosters[file]!.columns!).map(([name, meaning]) => [
      name,
      meaning === 'school_no' ? 'school_number' : meaning,
    ]);
    expect(reading.table.suggested).toEqual(Object.fromEntries(columns));
    expect(JSON.stringify(reading.table.sample)).not.toMatch(/00000000000|Deneme Mah/);
    expect(reading.table.sample).toHaveLength(5);
  });

  it('the addresses and relations of a table come with their names', async () => {
    const { roster } = await readAsSuggested(rosterFiles('variants/rosters/pupils.xlsx'));
    const told = new Map(roster.persons.map((person) => [person.name, person]));
    expect(told.get('Veli Veli')).toMatchObject({ email: 'veli.veli@posta.example' }); // a stored result
    expect(told.get('Zehra Veli')).toMatchObject({ email: null, from: { file: 'Öğrenciler', line: 7 } });
    expect(told.get('Mine Ardıç')).toMatchObject({ phone: '05000000007' }); // was a number
    expect(told.get('Cem Örnek')).toMatchObject({ phone: '0500 000 0002' });
    expect(roster.notices).toContainEqual({
      code: 'FORMULA_WITHOUT_RESULT',
      params: { column: 'Veli 1 E-posta' },
      from: { file: 'Öğrenciler', line: 7 },
    });
    const relationTo = (pupil: string) =>
      roster.links.filter((link) => told.get(pupil)?.key === link.pupil).map(({ relation }) => relation);
    expect(relationTo('Ada Örnek')).toEqual(['mother', 'father', 'other']);
    expect(relationTo('Zeynep Ezgi Ağaçlıoğlu')).toEqual(['carer']);
  });

  test('a delta names who comes, who changes and who leaves, and nobody is gone', async () => {
    const roster = rosterOf(await rosterReader.read(rosterFiles('variants/rosters/oneroster_1p2p1_delta.zip')));
    expect(roster.extent).toBe('changes');
    expect(
      roster.persons.map(({ sourceId, name, kinds, schoolNumber }) => [sourceId, name, kinds, schoolNumber]),
    ).toEqual([
      ['P901', 'Ömür Güzelçay', ['pupil'], '1901'],
      ['P902', 'Ilgın Nur Tozlugöl', ['pupil'], '1902'],
      ['P058', 'Civan Yeniörnek', [], '1385'],
    ]);
    expect(roster.leaving).toEqual(['P060']);
    expect(roster.links.map(({ pupil, other, authority }) => [pupil, other, authority])).toEqual([
      ['P901', 'G003', 'undecided'],
      ['P902', 'G028', 'undecided'],
    ]);
    expect(
      roster.memberships.map(({ person, className, classSourceId }) => [person, className, classSourceId]),
    ).toEqual([
      ['P901', null, 'sinif-7b'],
      ['P902', null, 'sinif-5a'],
    ]);
  });

  test('what the two sides of a relation say differently is told', async () => {
    const { roster } = await readAsSuggested(rosterFiles('variants/rosters/oneroster_1p1_guardian_side'));
    const told = roster.notices.filter(({ code }) => code !== 'GUARDIAN_WITHOUT_ADDRESS');
    expect(told.map(({ code, params, from }) => [code, params, from.file])).toEqual([
      ['REFERENCE_TO_NOBODY', { id: 'yok-9999' }, 'users.csv'],
      ['RELATION_ON_ONE_SIDE_ONLY', { pupil: 'P013', other: 'G016' }, 'users.csv'],
    ]);
  });

  test('a public sample of OneRoster 1.1 is read', async () => {
    const { roster } = await readAsSuggested(rosterFiles('oneroster_v1p1_oat'));
    expect(countsOf(roster)).toMatchObject({ pupils: 2, persons: 2, classes: 3 });
    expect(roster.notices).toEqual([]);
  });
});

describe.skipIf(!hasRosters)(`a file with something wrong${why}`, () => {
  const wrong: Record<string, readonly string[]> = {
    'missing_column.csv': ['ROSTER_COLUMN_MISSING missing_column.csv family'],
    'unclosed_quote.csv': ['ROSTER_LINE_UNREADABLE unclosed_quote.csv 22'],
    'duplicate_numbers.csv': [
      'ROSTER_NUMBER_TWICE duplicate_numbers.csv 10',
      'ROSTER_NUMBER_TWICE duplicate_numbers.csv 32',
    ],
    'oneroster_duplicate_ids.zip': ['ROSTER_ID_TWICE users.csv 15'],
    'cp1254_lost_names.csv': [17, 24].flatMap((line) =>
      ['Adı', 'Soyadı'].map((column) => `ROSTER_NAME_LOST cp1254_lost_names.csv ${line} ${column}`),
    ),
    'mojibake_utf8_twice.csv': [
      ...Array.from({ length: 20 }, (_, at) => `ROSTER_WRONG_ENCODING mojibake_utf8_twice.csv ${at + 1}`),
      'MORE',
    ],
    'bomb_huge_csv.zip': ['ROSTER_UNPACKED_TOO_LARGE'],
    'bomb_nested.zip': Array.from(
      { length: 16 },
      (_, at) => `ROSTER_NESTED_ARCHIVE 2-${String(at).padStart(2, '0')}.zip`,
    ),
    'bomb_lying_size.zip': ['ENTRY_DAMAGED'],
    'zip_slip.zip': ['ROSTER_MEMBER_NAME ../../../tmp/roster-slip.csv', 'ROSTER_MEMBER_NAME /tmp/roster-slip-2.csv'],
    'xxe.xlsx': ['SPREADSHEET_DOCUMENT_TYPE'],
    'entities_billion_laughs.xlsx': ['SPREADSHEET_DOCUMENT_TYPE'],
    'empty.csv': ['ROSTER_EMPTY empty.csv'],
    'header_only.csv': ['ROSTER_NO_ROWS header_only.csv'],
    'html_named.xls': ['ROSTER_IS_WEB_PAGE html_named.xls'],
    'eokul_truncated.xls': ['SPREADSHEET_UNREADABLE'],
  };

  it.each(Object.entries(wrong))('%s is refused as a whole, with every reason', async (file, reasons) => {
    await using canary = await listenAsCanary(18_080);
    const refusal: Refusal = await readAsSuggested(rosterFiles(`variants/broken/${file}`)).then(
      () => Promise.reject(new Error('it was read')),
      (error) => error,
    );
    expect(toldReasons(refusal)).toEqual(reasons);
    expect(refusal.code).toBe(file === 'bomb_huge_csv.zip' ? 'TOO_LARGE' : 'ROSTER_UNREADABLE');
    expect(canary.hits()).toBe(0);
    expect(['/tmp/roster-slip.csv', '/tmp/roster-slip-2.csv'].filter((path) => existsSync(path))).toEqual([]);
  });

  const whole = 'for the review to decide, is read';
  it.each([
    ['two_header_rows.csv', { pupils: 60, guardians: 74, guardianships: 94, contacts: 4, persons: 138, classes: 5 }],
    ['header_repeated.csv', { pupils: 28, classes: 2 }],
    ['other_school.xls', { pupils: 17, classes: 1 }],
    ['other_class.csv', { pupils: 17, classes: 1 }],
    ['pupils_12_percent_gone.csv', { pupils: 53, classes: 5 }],
    ['pupils_8_percent_gone.csv', { pupils: 55, classes: 5 }],
    ['formula_injection.csv', { pupils: 11, classes: 1 }],
  ])(`%s, ${whole}`, async (file, counts) => {
    await using canary = await listenAsCanary(18_080);
    const { roster } = await readAsSuggested(rosterFiles(`variants/broken/${file}`));
    expect(countsOf(roster)).toMatchObject(counts);
    expect(roster.persons.map(({ name }) => name)).not.toContain('Adı Soyadı');
    expect(canary.hits()).toBe(0);
  });

  test('every broken sample is one of these', () => {
    const { broken } = JSON.parse(readFileSync(join(rosterDir, 'variants/expected.json'), 'utf8'));
    const left = Object.keys(broken).filter((file) => !(file in wrong));
    expect(left.sort()).toEqual([
      'formula_injection.csv',
      'header_repeated.csv',
      'other_class.csv',
      'other_school.xls',
      'pupils_12_percent_gone.csv',
      'pupils_8_percent_gone.csv',
      'two_header_rows.csv',
    ]);
  });

  test('another school says its name', async () => {
    const { roster } = await readAsSuggested(rosterFiles('variants/broken/other_school.xls'));
    expect(roster.schoolName).toBe('Kurgu Ortaokulu (TEST)');
  });

  test('text that a spreadsheet takes for a formula stays text, and each is told', async () => {
    const { roster } = await readAsSuggested(rosterFiles('variants/broken/formula_injection.csv'));
    const told = roster.notices.filter(({ code }) => code === 'FORMULA_LIKE_TEXT');
    expect(told.map(({ from, params }) => [from.line, params.column])).toEqual([
      [2, 'Soyadı'],
      [3, 'Adı'],
      [4, 'Veli 1 Adı Soyadı'],
      [5, 'Veli 1 Adı Soyadı'],
      [6, 'Diğer Kişi'],
      [7, 'Soyadı'],
      [8, 'Veli 1 E-posta'],
      [9, 'Diğer Kişi'],
    ]);
    expect(roster.persons.map(({ name }) => name)).toContain("Elif Su =cmd|'/C calc'!A0");
  });
});
