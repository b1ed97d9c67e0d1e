import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
const clients: Record<'web' | 'worker', pg.Client> = {} as never;

beforeAll(async () => {
  database = await createTestDatabase();
  const home = new URL(database.homeUrl).searchParams.get('options')!;
  for (const role of ['web', 'worker'] as const) {
    const url = new URL(role === 'web' ? database.webUrl : database.workerUrl);
    url.searchParams.set('options', home);
    clients[role] = new pg.Client({ connectionString: url.href });
    await clients[role].connect();
  }
});
afterAll(async () => {
  await Promise.all(Object.values(clients).map((client) => client.end()));
  await database.drop();
});

/** What a role must not do; whoever holds its password tries it in SQL of their own. */
const refused: Record<'web' | 'worker', readonly string[]> = {
  worker: [
    'SELECT hash FROM password',
    'SELECT secret FROM authenticator',
    'SELECT "publicKey" FROM passkey',
    'SELECT digest FROM backup_code',
    'SELECT "tokenDigest" FROM session',
    'SELECT "tokenDigest" FROM api_token',
    `INSERT INTO session (id) VALUES (gen_random_uuid())`,
    `UPDATE "user" SET roles = '{administrator}'`,
    `INSERT INTO account (id, email) VALUES ('x', 'x')`,
    `INSERT INTO invitation (id) VALUES (gen_random_uuid())`,
    `UPDATE school SET "requireAllGuardians" = false`,
    'DELETE FROM school',
    'INSERT INTO decision DEFAULT VALUES',
    'INSERT INTO permission DEFAULT VALUES',
    'INSERT INTO release DEFAULT VALUES',
    'INSERT INTO viewer_link DEFAULT VALUES',
    `SELECT * FROM schools_of_account('x')`,
    'SELECT * FROM school_figures()',
    'SELECT * FROM school_metrics()',
    `SELECT * FROM end_access_of_account('x', NULL, now())`,
    `SELECT move_session(gen_random_uuid(), gen_random_uuid(), 'x')`,
  ],
  web: [
    'INSERT INTO object_scrub DEFAULT VALUES',
    'INSERT INTO audit_cosignature DEFAULT VALUES',
    'SELECT paused_jobs()',
    `SELECT graphile_worker.force_unlock_workers(ARRAY['x'])`,
  ],
};
const ofBoth = [
  'UPDATE installation SET "homeSchoolId" = gen_random_uuid()',
  'UPDATE audit_entry SET at = at',
  'DELETE FROM audit_arrival',
  'INSERT INTO audit_entry DEFAULT VALUES',
  'UPDATE decision SET note = note',
  'ALTER TABLE school DISABLE ROW LEVEL SECURITY',
  'DROP POLICY own_school ON school',
  'SET ROLE emanet_owner',
  'SET row_security = off; SELECT * FROM school',
  'CREATE TABLE mine (x INT)',
];

describe.each(['web', 'worker'] as const)('the role of %s', (role) => {
  test.each([...refused[role], ...ofBoth])('is refused: %s', async (sql) => {
    await expect(clients[role].query(sql)).rejects.toMatchObject({ code: '42501' });
    await clients[role].query('RESET row_security');
  });

  test('passes by no walls and owns nothing', async () => {
    const { rows } = await clients[role].query(
      `SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,
              (SELECT count(*)::int FROM pg_class WHERE relowner = pg_roles.oid) AS owned,
              (SELECT count(*)::int FROM pg_auth_members WHERE member = pg_roles.oid) AS memberships
         FROM pg_roles WHERE rolname = current_user`,
    );
    expect(rows).toEqual([
      { rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false, owned: 0, memberships: 0 },
    ]);
  });
});

test('the role of web makes nobody an authority, and lets in whom the operator invited', async () => {
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  try {
    await owner.query(`INSERT INTO school (name) VALUES ('First')`);
    await owner.query(`INSERT INTO account (id, email) VALUES ('invited', 'i@x.example'), ('thief', 't@x.example')`);
    await owner.query(
      `INSERT INTO "user" (id, name, roles, "updatedAt") VALUES ('thief', 'Thief', '{administrator}', now())`,
    );
    await owner.query(
      `INSERT INTO invitation (id, email, name, roles, "tokenDigest", "expiresAt")
       VALUES (gen_random_uuid(), 'i@x.example', 'I', '{authority}', 'x', now())`,
    );
    for (const sql of [
      `UPDATE "user" SET roles = '{administrator,authority}' WHERE id = 'thief'`,
      `INSERT INTO "user" (id, name, roles, "updatedAt") VALUES ('thief', 'Thief', '{authority}', now())`,
      `INSERT INTO invitation (id, email, name, roles, "tokenDigest", "expiresAt")
       VALUES (gen_random_uuid(), 't@x.example', 'T', '{authority}', 'y', now())`,
    ])
      await expect(clients.web.query(sql)).rejects.toMatchObject({ code: '42501' });
    await clients.web.query(
      `INSERT INTO "user" (id, name, roles, "updatedAt") VALUES ('invited', 'I', '{authority}', now())`,
    );
    await clients.web.query(`UPDATE "user" SET roles = '{authority,teacher}' WHERE id = 'invited'`);
    // Nor does the owner make one in another school.
    await owner.query(
      `SET emanet.school = '11111111-1111-4111-8111-111111111111'; INSERT INTO school (name) VALUES ('Second')`,
    );
    await expect(
      owner.query(`INSERT INTO "user" (id, name, roles, "updatedAt") VALUES ('thief', 'Thief', '{authority}', now())`),
    ).rejects.toMatchObject({ code: '23514' });
  } finally {
    await owner.end();
  }
});

test('the role of web learns figures of every school for a collector, and names for an authority alone', async () => {
  const { fields } = await clients.web.query('SELECT * FROM school_metrics()');
  expect(fields.map(({ name }) => name)).toEqual([
    ...['school', 'states', 'counts', 'bytes', 'unsignedSince', 'faults', 'unreadSince', 'scrubbedBytes'],
    ...['backupAt', 'drillAt'],
  ]);
});
