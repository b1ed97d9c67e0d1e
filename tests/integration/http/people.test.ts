import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer, Api } from '../../support/api.ts';
import { hasMedia, mediaDir } from '../../support/media.ts';
import { createSchool, ok, type School } from '../../support/school.ts';
import { arrivals, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let school: School;
beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
});
afterAll(() => server?.stop());

const mapping = {
  'Okul No': 'school_number',
  Adı: 'given',
  Soyadı: 'family',
  Sınıf: 'class',
  'Veli 1 Adı Soyadı': 'guardian1.name',
  'Veli 1 Yakınlık': 'guardian1.relation',
  'Veli 1 E-posta': 'guardian1.email',
} as const;
type Row = readonly [number: string, given: string, family: string, className: string, ...guardian: string[]];
const listOf = (rows: readonly Row[]) =>
  Buffer.from(`${[Object.keys(mapping), ...rows].map((row) => row.join(',')).join('\n')}\n`);
const guardian = (name: string, relation = 'anne') =>
  [name, relation, `${name.toLowerCase().replaceAll(' ', '.')}@posta.example`] as const;

function send(api: Api, bytes: Uint8Array, fields: Record<string, string> = {}, name = 'liste.csv'): Promise<Answer> {
  const form = new FormData();
  for (const [key, value] of Object.entries({ mapping: JSON.stringify(mapping), ...fields })) form.set(key, value);
  form.set('file', new Blob([Uint8Array.from(bytes)]), name);
  return api.post('/api/rosters', form);
}
const look = async (bytes: Uint8Array, fields: Record<string, string> = {}) =>
  ok(await send(school.teacher, bytes, fields)).review;
async function takeIn(bytes: Uint8Array, accepted: readonly string[] = []) {
  const { digest: confirm } = await look(bytes);
  return ok(await send(school.teacher, bytes, { confirm, accepted: JSON.stringify(accepted) }));
}
const find = async (search: string) =>
  ok(await school.teacher.get(`/api/persons?search=${encodeURIComponent(search)}`)).items;
const one = async (search: string) => {
  const [found] = await find(search);
  return ok(await school.admin.get(`/api/persons/${found.id}`));
};
const counts = async () => {
  const { read } = server.context.outside.database;
  const [persons, contacts, guardianships, members, imports] = [
    await read.person.count(),
    await read.contact.count(),
    await read.guardianship.count(),
    await read.classMember.count(),
    await read.rosterImport.count(),
  ];
  return { persons, contacts, guardianships, members, imports };
};

const first = listOf([
  ['0042', 'Ada', 'Örnek', '7-A', ...guardian('Ayse Ornek')],
  ['43', 'Işıl', 'Söğüt', '7-A', ...guardian('Ali Sogut', 'baba')],
  ['44', 'İnci', 'Çağ', '7-B', ...guardian('Can Cag', 'amca')],
]);

describe('a roster', () => {
  test('without a mapping asks what its columns mean, and suggests it', async () => {
    const form = new FormData();
    form.set('file', new Blob([Uint8Array.from(first)]), 'liste.csv');
    const { outcome, table } = ok(await school.teacher.post('/api/rosters', form));
    expect(outcome).toBe('mapping');
    expect(table.suggested).toEqual(mapping);
  });

  test('is shown first and changes nothing; confirmed, it is taken in as a whole', async () => {
    const before = await counts();
    const review = await look(first);
    expect(review.added.map(({ name }: { name: string }) => name)).toContain('Ada Örnek');
    expect(review).toMatchObject({ persons: 6, guardianships: 3, questions: [], ended: [] });
    expect(JSON.stringify(review)).not.toContain('@posta');
    expect(await counts()).toEqual(before);
    const { outcome } = await takeIn(first);
    expect(outcome).toBe('imported');
    expect(await counts()).toEqual({ persons: 6, contacts: 3, guardianships: 3, members: 3, imports: 1 });
    expect(ok(await school.teacher.get('/api/classes')).items).toEqual([
      expect.objectContaining({ name: '7-A', pupils: 2 }),
      expect.objectContaining({ name: '7-B', pupils: 1 }),
    ]);
    expect((await arrivals(server, 'roster.imported')).at(-1)).toMatchObject({
      details: { added: 6, guardianships: 3 },
    });
  });

  test('a second time changes nothing', async () => {
    const before = await counts();
    expect(await look(first)).toMatchObject({ added: [], changes: [], ended: [], guardianships: 0, unlisted: [] });
    await takeIn(first);
    expect(await counts()).toEqual({ ...before, imports: before.imports + 1 });
  });

  test('brings a number, another name and another role to who is known', async () => {
    const bare = listOf([['', 'Ela', 'Gelen', '6-A', ...guardian('El Gelen', 'amca')]]);
    await takeIn(bare);
    const numbered = listOf([['61', 'Ela', 'Gelen', '6-A', ...guardian('El Gelen', 'amca')]]);
    expect((await look(numbered)).changes).toMatchObject([{ field: 'schoolNumber', before: null, after: '61' }]);
    await takeIn(numbered);
    const renamed = listOf([['61', 'Ela', 'Yeni', '6-A', ...guardian('El Gelen')]]);
    await takeIn(renamed, ['OTHER_CLASS']);
    expect(await find('ela yeni')).toMatchObject([{ name: 'Ela Yeni', schoolNumber: '61', roles: ['pupil'] }]);
    expect(await find('ela gelen')).toEqual([]);
    // Called a mother later, the uncle is a guardian too; that he may sign is for a person to decide.
    const uncle = await one('El Gelen');
    expect(uncle.roles).toEqual(['contact', 'guardian']);
    expect(uncle.guardianships).toMatchObject([{ relation: 'other', authority: 'none' }]);
  });

  test('finds people by name whatever the dots and marks, and shows no address in a list', async () => {
    expect((await find('isil sogut')).map(({ name }: { name: string }) => name)).toEqual(['Işıl Söğüt']);
    expect((await find('INCI')).map(({ name }: { name: string }) => name)).toEqual(['İnci Çağ']);
    expect(JSON.stringify(await find(''))).not.toContain('@posta');
  });

  test('gives parents authority and others none; every address knows its file and line', async () => {
    const mother = await one('Ayse Ornek');
    expect(mother.guardianships).toMatchObject([{ relation: 'mother', authority: 'may_sign', until: null }]);
    expect(mother.contacts).toMatchObject([
      { kind: 'email', value: 'ayse.ornek@posta.example', from: { file: 'liste.csv', line: 2 } },
    ]);
    expect((await one('Can Cag')).guardianships).toMatchObject([{ relation: 'other', authority: 'none' }]);
    expect((await arrivals(server, 'person.shown')).length).toBeGreaterThanOrEqual(2);
  });

  test('a dump of the database holds no address', async () => {
    const client = new pg.Client({ connectionString: server.database.ownerUrl });
    await client.connect();
    try {
      const { rows: tables } = await client.query(`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`);
      for (const { tablename } of tables) {
        const { rows } = await client.query(`SELECT t::text AS row FROM "${tablename}" t`);
        for (const { row } of rows) {
          expect(row).not.toMatch(/posta\.example/i);
          expect(row).not.toContain(Buffer.from('ayse.ornek@posta.example').toString('hex'));
        }
      }
    } finally {
      await client.end();
    }
  });
});

describe('what a roster cannot do', () => {
  const smaller = listOf([['43', 'Işıl', 'Söğüt', '7-A', ...guardian('Ali Sogut', 'baba')]]);

  test('remove anybody: who is gone leaves the class, and a task says so', async () => {
    const review = await look(smaller);
    expect(review).toMatchObject({ ended: [{ name: 'Ada Örnek', className: '7-A' }] });
    expect(review.questions).toMatchObject([{ code: 'MANY_GONE', text: expect.stringContaining('1 of 2') }]);
    const refused = await send(school.teacher, smaller, { confirm: review.digest });
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'WRONG_STATE', reasons: [{ code: 'ROSTER_QUESTION_OPEN' }] },
    });
    const before = await counts();
    await takeIn(smaller, ['MANY_GONE']);
    expect(await counts()).toMatchObject({ persons: before.persons, guardianships: before.guardianships });
    expect((await one('Ada Örnek')).classes).toMatchObject([{ name: '7-A', until: expect.any(String) }]);
    const { items } = ok(await school.teacher.get('/api/tasks'));
    expect(items).toMatchObject([{ kind: 'pupil_not_listed', person: { name: 'Ada Örnek' } }]);
    ok(await school.teacher.post(`/api/tasks/${items[0].id}/done`));
    expect((await school.teacher.post(`/api/tasks/${items[0].id}/done`)).status).toBe(409);
  });

  test('revoke a guardian: a task says that they are no longer listed', async () => {
    const other = listOf([['43', 'Işıl', 'Söğüt', '7-A', ...guardian('Ayten Sogut')]]);
    await takeIn(other);
    expect((await one('Ali Sogut')).guardianships).toMatchObject([{ authority: 'may_sign', until: null }]);
    const { items } = ok(await school.teacher.get('/api/tasks'));
    expect(items).toMatchObject([
      { kind: 'guardian_not_listed', person: { name: 'Işıl Söğüt' }, other: { name: 'Ali Sogut' } },
    ]);
  });

  test('be taken in as another than the one that was looked at', async () => {
    const review = await look(first);
    const changed = listOf([['77', 'Başka', 'Çocuk', '7-A', ...guardian('Baska Veli')]]);
    expect(await send(school.teacher, changed, { confirm: review.digest })).toMatchObject({
      status: 409,
      body: { reasons: [{ code: 'ROSTER_CHANGED' }] },
    });
  });

  test('be taken in with other columns than those that were looked at', async () => {
    const columns = {
      ...mapping,
      'Veli 2 Adı Soyadı': 'guardian2.name',
      'Veli 2 Yakınlık': 'guardian2.relation',
      'Veli 2 E-posta': 'guardian2.email',
    } as const;
    const row = ['81', 'Eşleme', 'Örnek', '8-B', ...guardian('Es Leme'), ...guardian('Leme Es', 'baba')];
    const fresh = Buffer.from(`${Object.keys(columns).join(',')}\n${row.join(',')}\n`);
    const { digest: confirm } = await look(fresh, { mapping: JSON.stringify(columns) });
    const swapped = { ...columns, 'Veli 1 E-posta': 'guardian2.email', 'Veli 2 E-posta': 'guardian1.email' };
    expect(await send(school.teacher, fresh, { confirm, mapping: JSON.stringify(swapped) })).toMatchObject({
      status: 409,
      body: { reasons: [{ code: 'ROSTER_CHANGED' }] },
    });
  });

  test('be taken in twice at the same moment', async () => {
    const fresh = listOf([['91', 'Eşzamanlı', 'Örnek', '8-A', ...guardian('Es Ornek')]]);
    const { digest: confirm } = await look(fresh);
    const answers = await Promise.all([1, 2, 3].map(() => send(school.teacher, fresh, { confirm })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect(await find('Eşzamanlı')).toHaveLength(1);
  });
});

describe('who may', () => {
  test('import and see people: teachers and administrators, with a session', async () => {
    for (const stranger of [school.reviewer, school.auditor]) {
      expect((await send(stranger, first)).status).toBe(403);
      expect((await stranger.get('/api/persons')).status).toBe(403);
    }
    expect((await send(school.nobody, first)).status).toBe(401);
    const { token } = ok(
      await school.teacher.post('/api/tokens', { name: 'lists', scopes: ['read', 'write'], days: 1 }),
    );
    const headers = { cookie: '', authorization: `Bearer ${token}` };
    expect((await school.nobody.get('/api/persons', headers)).status).toBe(200);
    const [{ id }] = await find('Ayse Ornek');
    expect((await school.nobody.get(`/api/persons/${id}`, headers)).status).toBe(403);
    expect((await school.nobody.post(`/api/tasks/${id}/done`, {}, headers)).status).toBe(403);
  });

  test('decide what a guardian may do: administrators only; what has ended stays ended', async () => {
    const [{ id }] = (await one('Ali Sogut')).guardianships;
    const path = `/api/guardianships/${id}`;
    expect((await school.teacher.patch(path, { authority: 'none' })).status).toBe(403);
    expect(ok(await school.admin.patch(path, { authority: 'contact_only' }))).toMatchObject({
      authority: 'contact_only',
    });
    expect(ok(await school.teacher.get('/api/tasks')).items).toEqual([]);
    expect(ok(await school.admin.patch(path, { end: true, why: 'TEST document, 2026-11-02' })).until).not.toBeNull();
    expect((await school.admin.patch(path, { authority: 'may_sign' })).status).toBe(409);
    expect((await arrivals(server, 'guardianship.decided')).map(({ details }) => details)).toMatchObject([
      { authority: 'contact_only', ended: false },
      { ended: true },
    ]);
    expect((await school.admin.patch(path, {})).status).toBe(400);
  });

  test.each(['x', Buffer.from('[]').toString('base64url'), Buffer.from('["a","\\u0000"]').toString('base64url')])(
    'nobody confuses the list with the cursor %s',
    async (cursor) => {
      expect((await school.teacher.get(`/api/persons?cursor=${cursor}`)).status).toBe(400);
    },
  );

  test.each([
    ['mapping', '{'],
    ['mapping', '{"Adı":"password"}'],
    ['mapping', '[1]'],
    ['accepted', '["EVERYTHING"]'],
    ['confirm', 'yes'],
    ['schoolYear', '99999'],
  ])('nobody sends %s %s', async (name, value) => {
    expect((await send(school.teacher, first, { [name]: value })).status).toBe(400);
  });

  test('a roster of 21 MiB is refused while it arrives', async () => {
    expect(await send(school.teacher, Buffer.alloc(21 * 2 ** 20, 'a'))).toMatchObject({
      status: 413,
      body: { code: 'TOO_LARGE' },
    });
  });
});

test('pages of the list follow one another, and each person is on one', async () => {
  const names: string[] = [];
  let cursor = '';
  do {
    const page = ok(await school.teacher.get(`/api/persons?limit=2${cursor && `&cursor=${cursor}`}`));
    names.push(...page.items.map(({ id }: { id: string }) => id));
    cursor = page.next ?? '';
  } while (cursor);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBe(await server.context.outside.database.read.person.count());
});

describe.skipIf(!hasMedia)('the rosters of one school (needs the media folder: EMANET_MEDIA_DIR)', () => {
  let other: TestServer;
  let staff: School;
  const rosters = join(mediaDir, 'rosters/variants');
  const read = (path: string) => readFileSync(join(rosters, path));
  const post = async (path: string, fields: Record<string, string> = {}) => {
    const form = new FormData();
    for (const [key, value] of Object.entries(fields)) form.set(key, value);
    form.set('file', new Blob([Uint8Array.from(read(path))]), path.split('/').at(-1));
    return ok(await staff.teacher.post('/api/rosters', form));
  };
  /** As a person does it: the suggested columns, and yes to every question. */
  const through = async (path: string, isTakenIn = true) => {
    const opened = await post(path);
    const fields: Record<string, string> =
      opened.outcome === 'mapping' ? { mapping: JSON.stringify(opened.table.suggested) } : {};
    const { review } = opened.outcome === 'mapping' ? await post(path, fields) : opened;
    if (!isTakenIn) return review;
    const accepted = JSON.stringify(review.questions.map(({ code }: { code: string }) => code));
    return (await post(path, { ...fields, confirm: review.digest, accepted })).review;
  };
  beforeAll(async () => {
    other = await startTestServer({ WORKER: 'false' });
    staff = await createSchool(other);
    await other.context.outside.database.read.school.updateMany({ data: { name: 'Örnek Ortaokulu (TEST)' } });
  });
  afterAll(() => other?.stop());

  test('a list of everybody, and each other writing of it finds the same pupils', async () => {
    const review = await through('rosters/pupils_utf8.csv');
    expect(review).toMatchObject({ persons: 138, guardianships: 98, questions: [] });
    for (const path of ['pupils_utf8bom_semicolon.csv', 'pupils_utf16le_tab.txt', 'pupils_utf8.csv']) {
      const again = await through(`rosters/${path}`, false);
      expect([path, again.added, again.changes, again.ended, again.questions]).toEqual([path, [], [], [], []]);
    }
  });

  test('a delta of OneRoster comes on top of the bulk: two come, one changes, one leaves', async () => {
    const own = await startTestServer({ WORKER: 'false' });
    try {
      const keepers = await createSchool(own);
      const over = async (path: string, confirm?: string, accepted: string[] = []) => {
        const form = new FormData();
        if (confirm)
          for (const [key, value] of [
            ['confirm', confirm],
            ['accepted', JSON.stringify(accepted)],
          ] as const)
            form.set(key, value);
        form.set('file', new Blob([Uint8Array.from(read(path))]), 'roster.zip');
        return ok(await keepers.teacher.post('/api/rosters', form)).review;
      };
      const bulk = await over('rosters/oneroster_1p2p1_bulk.zip');
      await over(
        'rosters/oneroster_1p2p1_bulk.zip',
        bulk.digest,
        bulk.questions.map(({ code }: { code: string }) => code),
      );
      const delta = await over('rosters/oneroster_1p2p1_delta.zip');
      expect(delta.added.map(({ name }: { name: string }) => name).sort()).toEqual([
        'Ilgın Nur Tozlugöl',
        'Ömür Güzelçay',
      ]);
      expect(delta.changes.filter(({ field }: { field: string }) => field === 'name')).toMatchObject([
        { before: expect.stringContaining('Söğütlüpınar'), after: expect.stringContaining('Yeniörnek') },
      ]);
      expect(delta.ended).toHaveLength(1);
      // Who stands for the two is on record and not in the file: a person decides.
      expect(delta.undecided).toHaveLength(2);
      await over(
        'rosters/oneroster_1p2p1_delta.zip',
        delta.digest,
        delta.questions.map(({ code }: { code: string }) => code),
      );
      const { read: rows } = own.context.outside.database;
      expect(await rows.person.count({ where: { roles: { has: 'pupil' } } })).toBe(62);
      expect(await rows.classMember.count({ where: { until: null, person: { roles: { has: 'pupil' } } } })).toBe(61);
      expect(await over('rosters/oneroster_1p2p1_delta.zip')).toMatchObject({
        added: [],
        changes: [],
        guardianships: 0,
      });
    } finally {
      await own.stop();
    }
  });

  test('the class list of e-Okul asks once about numbers without zeros, and renames nobody', async () => {
    const review = await through('rosters/eokul_OOG01001R020.xls');
    expect(review.changes).toEqual([]);
    // Two children are written in Latin letters: nobody guesses who they are.
    expect(review.added.map(({ name }: { name: string }) => name).sort()).toEqual(['LAYAN ALMİSALİ', 'TİMUR OBRAZCOV']);
    expect(review.questions.map(({ code }: { code: string }) => code)).toContain('NUMBERS_DIFFER');
    const again = await through('rosters/eokul_OOG01001R020.pdf', false);
    expect([
      again.added,
      again.changes,
      again.questions.filter(({ code }: { code: string }) => code === 'NUMBERS_DIFFER'),
    ]).toEqual([[], [], []]);
  });

  test.each([
    ['broken/other_school.xls', 'OTHER_SCHOOL'],
    ['broken/other_class.csv', 'OTHER_CLASS'],
    ['broken/pupils_12_percent_gone.csv', 'MANY_GONE'],
  ])('%s asks %s and renames nobody', async (path, question) => {
    const review = await through(path, false);
    expect(review.questions.map(({ code }: { code: string }) => code)).toContain(question);
    expect(review.changes.filter(({ field }: { field: string }) => field === 'name')).toEqual([]);
  });
});
