import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkAudit } from '../../../src/pipeline/oversight/check-audit.ts';
import type { Outside } from '../../../src/pipeline/ports/outside.ts';
import { openBeside } from '../../support/another-school.ts';
import { BackupPlace, emanet, envOf, type Machine, serving } from '../../support/backup.ts';
import { createReleased } from '../../support/released.ts';
import { createSchool } from '../../support/school.ts';
import { readRecording } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let beside: Awaited<ReturnType<typeof openBeside>>;
let backups: BackupPlace;
let keys: string;
let first: { id: string; media: Buffer };
let second: { id: string; media: Buffer };

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  const recordingOf = async (of: TestServer, name: string) => {
    const { recordingId: id } = await createReleased(of, await createSchool(of, name));
    return { id, media: await readRecording(of.context.outside, id) };
  };
  first = await recordingOf(server, '');
  beside = await openBeside(server, 'İkinci Okul');
  second = await recordingOf(beside, ' Beside');
  backups = await BackupPlace.make();
  keys = join(backups.folder, 'safe/keys');
  await mkdir(join(backups.folder, 'safe'));
  expect((await emanet(envOf(server), 'backup', 'key')).status).toBe(0);
  for (const name of ['backup.private.asc', 'backup.passphrase.txt'])
    await rename(join(server.home, 'keys', name), join(backups.folder, 'safe', name));
});
afterAll(async () => {
  await server?.stop();
  await backups?.remove();
});

const restoreAll = (machine: Machine, ...more: string[]) =>
  emanet(machine.env, 'restore', '--from', backups.place, '--keys', keys, ...backups.opener, ...more);

async function expectWhole(outside: Outside, recording: { id: string; media: Buffer }): Promise<void> {
  expect((await readRecording(outside, recording.id)).equals(recording.media)).toBe(true);
  expect((await checkAudit(outside, { actor: { kind: 'system', id: 'test' } })).intact).toBe(true);
  expect(await outside.database.read.recording.count()).toBe(1);
  expect(await outside.database.read.session.count()).toBe(0);
}

test('the loss of the whole machine: each school is there again, with its rows, objects, keys and log', async () => {
  const made = await emanet(envOf(server), 'backup', '--to', backups.place, '--keys-to', keys);
  expect(made.err).toBe('');
  const whole = { damaged: [], missing: [], areKeysSaved: true };
  expect(made.said).toMatchObject({ ...whole, school: null, others: [{ ...whole, school: beside.schoolId }] });
  expect((await readdir(keys)).toSorted()).toEqual([`${beside.schoolId}.pgp`, 'first.pgp'].toSorted());
  const listed = async (...more: string[]) =>
    (await emanet(envOf(server), 'backup', 'list', '--from', backups.place, ...more)).said.items;
  expect(await listed()).toMatchObject([{ id: made.said.id, keysSaved: true }]);
  expect(await listed('--school', beside.schoolId)).toMatchObject([{ id: made.said.others[0].id, keysSaved: true }]);
  const machine = await backups.emptyMachine();
  const restored = await restoreAll(machine);
  expect(restored.err).toBe('');
  const [here, there] = [made.said.id, made.said.others[0].id];
  const nothingLost = { unknown: [], lost: [], notErased: 0 };
  expect(restored.said).toMatchObject({
    ...nothingLost,
    backup: here,
    others: [{ ...nothingLost, backup: there, school: beside.schoolId }],
  });
  await serving(machine, async ({ context: { outside } }) => {
    expect(await outside.schools.list()).toEqual(await server.context.outside.schools.list());
    await expectWhole(outside, first);
    await expectWhole(await outside.schools.of(beside.schoolId), second);
  });
  // And its own backup goes on.
  const elsewhere = join(backups.folder, 'elsewhere');
  const again = await emanet(machine.env, 'backup', '--to', elsewhere, '--school', 'İkinci Okul');
  expect(again.said).toMatchObject({ school: beside.schoolId, others: [], damaged: [], missing: [] });
});

/** Every row of a school but those that a restore itself moves on. */
async function rowsOf(client: pg.Client, school: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.columns
      WHERE table_schema = 'public' AND column_name = 'schoolId' ORDER BY 1`,
  );
  const digests: string[] = [];
  for (const { name } of rows) {
    const found = await client.query<{ digest: string }>(
      `SELECT count(*) || ' ' || md5(COALESCE(string_agg(t::text, chr(10) ORDER BY t::text), '')) AS digest
         FROM "${name}" t WHERE "schoolId" = $1`,
      [school],
    );
    digests.push(`${name} ${found.rows[0]!.digest}`);
  }
  return digests;
}

describe('one school beside another', () => {
  let machine: Machine;
  let owner: pg.Client;
  let firstId: string;

  beforeAll(async () => {
    machine = await backups.emptyMachine();
    expect((await restoreAll(machine)).status).toBe(0);
    owner = new pg.Client({ connectionString: machine.database.ownerUrl });
    await owner.connect();
    firstId = (await owner.query('SELECT "homeSchoolId" AS id FROM installation')).rows[0].id;
  });
  afterAll(() => owner?.end());

  const restoreOne = (school: string, ...more: string[]) =>
    emanet(machine.env, 'restore', '--from', backups.place, '--school', school, ...more);
  /** As a slip of an operator does it: rows, objects and keys of the school are gone. */
  const lose = async (school: string) => {
    const all = new pg.Client({ connectionString: machine.database.superuserUrl });
    await all.connect();
    await all.query('SET session_replication_role = replica');
    const { rows } = await all.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'schoolId'`,
    );
    for (const { name } of rows) await all.query(`DELETE FROM "${name}" WHERE "schoolId" = $1`, [school]);
    await all.query('DELETE FROM school WHERE id = $1', [school]);
    await all.end();
    await rm(join(machine.home, 'schools', school), { recursive: true });
    await rm(join(machine.home, 'objects/schools', school), { recursive: true });
  };

  test('comes back whole, and nothing of the other one is touched', async () => {
    await lose(beside.schoolId);
    const before = await rowsOf(owner, firstId);
    const keysBefore = await readFile(join(machine.home, 'keys/vault.private.asc'));
    expect((await restoreOne(beside.schoolId)).code).toBe('NO_KEYS');
    const restored = await restoreOne(beside.schoolId, '--keys', keys, ...backups.opener);
    expect(restored.err).toBe('');
    expect(restored.said).toMatchObject({ school: beside.schoolId, others: [], lost: [], unknown: [], notErased: 0 });
    expect(await rowsOf(owner, firstId)).toEqual(before);
    expect(await readFile(join(machine.home, 'keys/vault.private.asc'))).toEqual(keysBefore);
    await serving(machine, async ({ context: { outside } }) => {
      await expectWhole(await outside.schools.of(beside.schoolId), second);
      await expectWhole(outside, first);
    });
  });

  test('one that is there is left alone, unless told; and so is the first one', async () => {
    for (const school of [beside.schoolId, firstId]) {
      const other = school === firstId ? beside.schoolId : firstId;
      expect(await restoreOne(school)).toMatchObject({ status: 1, code: 'SCHOOL_THERE' });
      const before = await rowsOf(owner, other);
      const restored = await restoreOne(school, '--replace');
      expect(restored.err).toBe('');
      expect(await rowsOf(owner, other)).toEqual(before);
    }
    await serving(machine, async ({ context: { outside } }) => {
      await expectWhole(await outside.schools.of(beside.schoolId), second);
      await expectWhole(outside, first);
    });
  });

  test('the log alone, of each school', async () => {
    // Keys of a school that never came to be: its opening broke off.
    await mkdir(join(machine.home, 'schools', randomUUID()));
    const restored = await emanet(machine.env, 'restore', '--only', 'log');
    expect(restored.err).toBe('');
    expect(restored.said.others).toMatchObject([{ school: beside.schoolId }]);
    await serving(machine, async ({ context: { outside } }) => {
      await expectWhole(await outside.schools.of(beside.schoolId), second);
      await expectWhole(outside, first);
    });
  });

  test('alone in an empty database, or as no id: refused', async () => {
    const empty = await backups.machineWith(machine.home);
    const refused = await emanet(empty.env, 'restore', '--from', backups.place, '--school', beside.schoolId);
    // Its keys are not those that stand there.
    expect(refused).toMatchObject({ status: 1, code: 'KEY' });
    expect(await restoreOne('İkinci Okul')).toMatchObject({ status: 2, code: 'USAGE' });
  });

  test('keys of several schools in one file: refused', async () => {
    const empty = await backups.emptyMachine();
    const file = join(keys, 'first.pgp');
    const refused = await emanet(empty.env, 'restore', '--from', backups.place, '--keys', file, ...backups.opener);
    expect(refused).toMatchObject({ status: 1, code: 'KEYS_OF_EACH' });
    expect(await readdir(empty.home)).toEqual([]);
  });
});

test('a drill of each school', async () => {
  const scratch = join(backups.folder, 'scratch');
  await mkdir(scratch);
  for (const [school, recording] of [
    ['İkinci Okul', second],
    [beside.schoolId, second],
  ] as const) {
    const passed = await emanet(
      envOf(server),
      'drill',
      '--from',
      backups.place,
      '--scratch',
      scratch,
      '--school',
      school,
    );
    expect(passed.err).toBe('');
    expect(passed.said.recording.id).toBe(recording.id);
  }
  const passed = await emanet(envOf(server), 'drill', '--from', backups.place, '--scratch', scratch);
  expect(passed.said.recording.id).toBe(first.id);
  expect((await emanet(envOf(server), 'drill', '--from', backups.place, '--school', 'Nobody')).code).toBe(
    'NO_SUCH_SCHOOL',
  );
});
