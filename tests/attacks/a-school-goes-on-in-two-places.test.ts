import { randomBytes, randomUUID } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepare } from '../../src/assembly/first-start.ts';
import { setUp } from '../../src/assembly/set-up.ts';
import { loadConfig } from '../../src/config/env.ts';
import { readBackupKeys } from '../../src/keys/backup-keys.ts';
import { folderOfSchool, type Manifest } from '../../src/pipeline/backup/manifest.ts';
import { openBeside } from '../support/another-school.ts';
import { signedInStaff } from '../support/api.ts';
import { BackupPlace, emanet, envOf, inTable, type Machine, rewriteRows, serving } from '../support/backup.ts';
import { createSchool, type School } from '../support/school.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

// What an installation takes in is written by another one, which may be in the hands of anybody: the school that comes gets what
// is its own, and nothing of whoever is there.
let server: TestServer;
let beside: Awaited<ReturnType<typeof openBeside>>;
let id: string;
let people: School;
let backups: BackupPlace;
let keys: string;
let theirs: Machine;
let owner: pg.Client;
let homeId: string;
/** Somebody of the school that is there, with an address that nobody of the other school has. */
let victim: { readonly id: string; readonly email: string };

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  await signedInStaff(server, 'Ada First', ['administrator']);
  beside = await openBeside(server, 'Gezgin Okulu');
  id = beside.schoolId;
  people = await createSchool(beside, ' Traveller');
  await beside.context.outside.database.transact({ actor: { kind: 'system', id: 'test' } }, (tx) =>
    tx.enqueue('mail-daily-digest' as never, {} as never, { key: 'digest' }),
  );
  backups = await BackupPlace.make();
  await mkdir(join(backups.folder, 'safe'));
  await emanet(envOf(server), 'backup', 'key');
  for (const name of ['backup.private.asc', 'backup.passphrase.txt'])
    await rename(join(server.home, 'keys', name), join(backups.folder, 'safe', name));
  keys = join(backups.folder, 'safe/keys.pgp');
  theirs = await backups.emptyMachine();
  const { config, stop } = await prepare(loadConfig({ LOG_LEVEL: 'silent', ...theirs.env }));
  await setUp(config, { school: 'Ev Okulu', 'dry-run': false }, () => {});
  await stop();
  await serving(theirs, async ({ context, url }) => {
    victim = await signedInStaff({ url, context }, 'Vera Home', ['administrator']);
  });
  owner = new pg.Client({ connectionString: theirs.database.ownerUrl });
  await owner.connect();
  homeId = (await owner.query('SELECT "homeSchoolId" AS id FROM installation')).rows[0].id;
  const taking = ['backup', '--to', backups.place, '--school', id, '--keys-to', keys, '--take-out', 'there'];
  expect((await emanet(envOf(server), ...taking)).err).toBe('');
});
afterAll(async () => {
  await owner?.end();
  await server?.stop();
  await backups?.remove();
});

async function changed(change: (dump: string) => string, statement: Partial<Manifest> = {}): Promise<string> {
  const place = join(backups.folder, `place-${randomBytes(4).toString('hex')}`);
  await cp(backups.place, place, { recursive: true });
  await rewriteRows(place, beside.context.outside, folderOfSchool(id), change, {
    statement,
    for: await readBackupKeys(server.home),
  });
  return place;
}

const putIn = (place: string, ...more: string[]) =>
  emanet(theirs.env, 'restore', '--from', place, '--school', id, '--keys', keys, ...backups.opener, ...more);

const counted = async () => {
  const { rows } = await owner.query(
    `SELECT (SELECT count(*) FROM school)::int AS schools, (SELECT array_agg(email ORDER BY email) FROM account) AS accounts,
            (SELECT count(*) FROM password)::int AS passwords, (SELECT count(*) FROM audit_entry)::int AS entries,
            (SELECT count(*) FROM graphile_worker._private_jobs)::int AS jobs,
            (SELECT count(*) FROM restore WHERE finished_at IS NULL)::int AS unfinished,
            (SELECT last_value FROM pg_sequences WHERE sequencename = 'work_number_seq') AS number`,
  );
  return rows;
};

async function expectRefused(place: string, code: string, words: string, ...more: string[]): Promise<void> {
  const before = await counted();
  const refused = await putIn(place, ...more);
  expect(refused).toMatchObject({ status: 1, code, err: expect.stringContaining(words) });
  expect(await counted()).toEqual(before);
}

/** A line of a table with other first columns. */
const lineOf = (dump: string, table: string) =>
  new RegExp(`COPY "public"\\."${table}" .*\\n(.*)\\n`).exec(dump)?.[1] ?? '';

describe('an account', () => {
  const withAccount = (account: string, email: string) =>
    changed((dump) =>
      inTable(
        inTable(
          dump,
          'account',
          (rows) => `${rows}${lineOf(dump, 'account').replace(/^[^\t]+\t[^\t]+/, `${account}\t${email}`)}\n`,
        ),
        'user',
        (rows) => `${rows}${lineOf(dump, 'user').replace(people.admin.id, account)}\n`,
      ),
    );

  test('with the address of somebody who is there', async () => {
    await expectRefused(await withAccount(randomUUID(), victim.email), 'ACCOUNT_THERE', victim.email);
  });

  test('with the id of somebody who is there, and another address', async () => {
    await expectRefused(await withAccount(victim.id, 'evil@school.example'), 'ACCOUNT_THERE', 'evil@school.example');
  });

  test('that is given the address of somebody who is there, or is not in the backup', async () => {
    const { email } = people.teacher;
    await expectRefused(backups.place, 'ACCOUNT_THERE', victim.email, '--address', `${email}=${victim.email}`);
    await expectRefused(
      backups.place,
      'NO_ACCOUNT',
      'nobody@school.example',
      '--address',
      'nobody@school.example=x@y.example',
    );
    expect(await putIn(backups.place, '--address', 'no-address')).toMatchObject({ status: 2 });
  });
});

describe('rows that are of others', () => {
  test('under the id of a row that is there', async () => {
    await owner.query(`INSERT INTO channel (id, "schoolId", name) VALUES ($1, $2, 'Zoom')`, [people.channelId, homeId]);
    await expectRefused(backups.place, 'NOT_A_DUMP', 'is there already');
    await owner.query('DELETE FROM channel WHERE id = $1', [people.channelId]);
  });

  test('numbers that leave none for others', async () => {
    const place = await changed(
      (dump) => `${dump}SELECT pg_catalog.setval('"public"."work_number_seq"', 2147483647, true);\n`,
    );
    await expectRefused(place, 'NOT_A_DUMP', 'no numbers');
  });

  test('of the school that is there', async () => {
    const place = await changed((dump) => inTable(dump, 'channel', (rows) => rows.replaceAll(id, homeId)));
    await expectRefused(place, 'NOT_A_DUMP', 'another school');
  });
});

test('a backup that says that it is of the school which is there', async () => {
  const place = await changed((dump) => dump.replaceAll(id, homeId), { school: homeId });
  await cp(join(place, folderOfSchool(id)), join(place, folderOfSchool(homeId)), { recursive: true });
  const asking = (...more: string[]) =>
    emanet(theirs.env, 'restore', '--from', place, '--school', homeId, ...backups.opener, ...more);
  const before = await counted();
  expect(await asking()).toMatchObject({ status: 1, code: 'NOT_OURS' });
  expect(await asking('--replace')).toMatchObject({ status: 1, code: 'NOT_OURS' });
  expect(await asking('--replace', '--keys', keys)).toMatchObject({ status: 1, code: 'KEYS_OF_ANOTHER' });
  expect(await counted()).toEqual(before);
});

test('an octet changed, or a statement that nobody of the school signed', async () => {
  const place = await changed((dump) => dump);
  const below = join(place, folderOfSchool(id), 'backups');
  const [backup = ''] = await readdir(below);
  const file = join(below, backup, 'database/body~');
  const octets = await readFile(file);
  octets[octets.length - 40]! ^= 1;
  await writeFile(file, octets);
  await expectRefused(place, 'VAULT', 'changed');
  const other = await changed((dump) => dump);
  await cp(join(below, backup, 'manifest~'), join(other, folderOfSchool(id), 'backups', backup, 'manifest~'));
  await expectRefused(other, 'VAULT', 'changed');
});

test('what comes is what is the school’s, under the address that was given, and once', async () => {
  const place = await changed((dump) => {
    const identity = `https://provider.example\tvictim\t${people.admin.id}\t2026-01-01 00:00:00+00\n`;
    return inTable(dump, 'external_identity', () => identity).replaceAll(`${id} digest`, `${homeId} digest`);
  });
  const { email } = people.teacher;
  const restored = await putIn(place, '--address', `${email.toUpperCase()}=Other@School.example`);
  expect(restored.err).toBe('');
  const of = (table: string) => owner.query(`SELECT * FROM ${table} WHERE "accountId" <> $1`, [victim.id]);
  for (const table of ['authenticator', 'backup_code', 'external_identity', 'passkey'])
    expect((await of(table)).rows).toEqual([]);
  const { rows: factors } = await owner.query('SELECT 1 FROM authenticator WHERE "accountId" = $1', [victim.id]);
  expect(factors).toHaveLength(1);
  const { rows: teachers } = await owner.query('SELECT email FROM account WHERE id = $1', [people.teacher.id]);
  expect(teachers).toEqual([{ email: 'other@school.example' }]);
  const { rows: jobs } = await owner.query(`SELECT key FROM graphile_worker._private_jobs WHERE key LIKE '% digest'`);
  expect(jobs).toEqual([]);
  await expectRefused(backups.place, 'SCHOOL_THERE', id);
});

test('put back where it was taken out, only when told that it is nowhere else', async () => {
  // The machine that it was taken out of, as its own backup brings it back.
  const usual = join(backups.folder, 'usual');
  const folder = join(backups.folder, 'usual-keys');
  expect(
    (await emanet(envOf(server), 'backup', '--to', usual, '--keys-to', join(backups.folder, 'first.pgp'))).err,
  ).toBe('');
  await mkdir(folder);
  await cp(join(backups.folder, 'first.pgp'), join(folder, 'first.pgp'));
  await cp(keys, join(folder, `${id}.pgp`));
  await cp(join(backups.place, 'schools'), join(usual, 'schools'), { recursive: true });
  const machine = await backups.emptyMachine();
  const whole = await emanet(machine.env, 'restore', '--from', usual, '--keys', folder, ...backups.opener);
  expect(whole.err).toBe('');
  expect(whole.said).toMatchObject({ takenOut: [id] });
  const command = ['restore', '--from', usual, '--school', id, '--replace'];
  expect(await emanet(machine.env, ...command)).toMatchObject({ status: 1, code: 'TAKEN_OUT' });
  const restored = await emanet(machine.env, ...command, '--only-here');
  expect(restored.err).toBe('');
  await serving(machine, async ({ context: { outside } }) => {
    expect(await outside.schools.list()).toContain(id);
    const there = await outside.schools.of(id);
    const said = await there.database.read.auditEntry.findMany({
      where: { action: { startsWith: 'school.' } },
      orderBy: { seq: 'asc' },
    });
    expect(said.slice(-2).map(({ action }) => action)).toEqual(['school.taken_out', 'school.put_in']);
  });
});
