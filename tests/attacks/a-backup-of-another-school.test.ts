import { randomBytes, randomUUID } from 'node:crypto';
import { cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DiskStore } from '../../src/adapters/disk/disk-store.ts';
import { folderOfSchool, listBackups, openManifest, putManifest } from '../../src/pipeline/backup/manifest.ts';
import {
  type KeptObject,
  objectListFolder,
  readObjectList,
  writeObjectList,
} from '../../src/pipeline/backup/object-list.ts';
import { putPart } from '../../src/pipeline/core/sealed-message.ts';
import { signingKey } from '../../src/pipeline/core/signed-text.ts';
import type { Outside } from '../../src/pipeline/ports/outside.ts';
import { openBeside } from '../support/another-school.ts';
import { BackupPlace, emanet, envOf, inTable, type Machine, rewriteRows } from '../support/backup.ts';
import { createSchool, type School } from '../support/school.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

// What one school says in a backup may never become rows, objects or keys of another one, even with its own signature.
let server: TestServer;
let beside: Awaited<ReturnType<typeof openBeside>>;
let first: School;
let second: School;
let firstId: string;
let backups: BackupPlace;
let keys: string;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  first = await createSchool(server);
  beside = await openBeside(server, 'İkinci Okul');
  second = await createSchool(beside, ' Beside');
  firstId = (await server.context.outside.schools.list())[0] ?? '';
  backups = await BackupPlace.make();
  keys = join(backups.folder, 'safe/keys');
  await mkdir(join(backups.folder, 'safe'));
  await emanet(envOf(server), 'backup', 'key');
  for (const name of ['backup.private.asc', 'backup.passphrase.txt'])
    await rename(join(server.home, 'keys', name), join(backups.folder, 'safe', name));
  expect((await emanet(envOf(server), 'backup', '--to', backups.place, '--keys-to', keys)).status).toBe(0);
});
afterAll(async () => {
  await server?.stop();
  await backups?.remove();
});

async function changedPlace(change: (place: string) => Promise<unknown>): Promise<string> {
  const place = join(backups.folder, `place-${randomBytes(4).toString('hex')}`);
  await cp(backups.place, place, { recursive: true });
  await change(place);
  return place;
}

const restoring = (machine: Machine, place: string, keyFolder = keys, ...more: string[]) =>
  emanet(machine.env, 'restore', '--from', place, '--keys', keyFolder, ...backups.opener, ...more);

test('the keys of another school: nothing is begun', async () => {
  const swapped = join(backups.folder, 'swapped');
  await mkdir(swapped);
  await cp(join(keys, 'first.pgp'), join(swapped, `${beside.schoolId}.pgp`));
  await cp(join(keys, `${beside.schoolId}.pgp`), join(swapped, 'first.pgp'));
  const machine = await backups.emptyMachine();
  expect(await restoring(machine, backups.place, swapped)).toMatchObject({ status: 1, code: 'KEYS_OF_ANOTHER' });
  expect(await readdir(machine.home)).toEqual([]);
});

test('the folder of another school in the place of this one', async () => {
  const place = await changedPlace(async (folder) => {
    const theirs = join(folder, folderOfSchool(beside.schoolId));
    await rm(theirs, { recursive: true });
    for (const part of ['backups', 'objects']) await cp(join(folder, part), join(theirs, part), { recursive: true });
  });
  const machine = await backups.emptyMachine();
  expect(await restoring(machine, place)).toMatchObject({ status: 1, code: 'NOT_OURS' });
  // Under an id that nobody has, there are no keys that it could have been signed with.
  const invented = await changedPlace((folder) =>
    rename(join(folder, folderOfSchool(beside.schoolId)), join(folder, folderOfSchool(randomUUID()))),
  );
  const other = await backups.emptyMachine();
  const refused = await restoring(other, invented, keys);
  expect(refused).toMatchObject({ status: 1, code: 'NO_KEYS_FILE' });
  expect(await readdir(join(other.home, 'schools')).catch(() => [])).not.toContain(beside.schoolId);
});

test('the folder of a school taken away: it is named, and the others come back', async () => {
  const place = await changedPlace((folder) => rm(join(folder, 'schools'), { recursive: true }));
  const machine = await backups.emptyMachine();
  const restored = await restoring(machine, place);
  expect(restored).toMatchObject({ status: 1, said: { without: [beside.schoolId], others: [] } });
});

const rewritten = (outside: Outside, school: string, change: (dump: string) => string) =>
  changedPlace((folder) => rewriteRows(folder, outside, school === firstId ? '' : folderOfSchool(school), change));

describe('rows that a school smuggles into its own backup', () => {
  let machine: Machine;
  let owner: pg.Client;

  beforeAll(async () => {
    machine = await backups.emptyMachine();
    expect((await restoring(machine, backups.place)).status).toBe(0);
    owner = new pg.Client({ connectionString: machine.database.ownerUrl });
    await owner.connect();
  });
  afterAll(() => owner?.end());

  const counted = async () => {
    const { rows } = await owner.query(
      `SELECT (SELECT count(*) FROM channel)::int AS channels, (SELECT count(*) FROM "user")::int AS users,
              (SELECT count(*) FROM account)::int AS accounts, (SELECT count(*) FROM audit_entry)::int AS entries,
              (SELECT count(*) FROM restore WHERE finished_at IS NULL)::int AS unfinished,
              (SELECT count(*) FROM pg_class WHERE relname = 'channel' AND relforcerowsecurity)::int AS walls,
              (SELECT count(*) FROM pg_constraint WHERE conname = 'restored_school_alone')::int AS left,
              (SELECT count(*) FROM pg_trigger WHERE tgenabled = 'D')::int AS off`,
    );
    return rows;
  };
  const refusedAs = async (change: (dump: string) => string) => {
    const place = await rewritten(beside.context.outside, beside.schoolId, change);
    const before = await counted();
    const refused = await emanet(
      machine.env,
      ...['restore', '--from', place, '--school', beside.schoolId, '--replace', ...backups.opener],
    );
    expect(refused.status).toBe(1);
    // The school itself is there as it was, too.
    expect(await counted()).toEqual(before);
    return { code: refused.code, err: refused.err };
  };

  test('of another school', async () => {
    const refused = await refusedAs((dump) =>
      inTable(dump, 'channel', (rows) =>
        rows.replace(second.channelId, randomUUID()).replace(beside.schoolId, firstId),
      ),
    );
    expect(refused).toMatchObject({ code: 'NOT_A_DUMP', err: expect.stringContaining('another school') });
  });

  test('another school', async () => {
    const refused = await refusedAs((dump) =>
      inTable(dump, 'school', (rows) => rows + rows.replaceAll(beside.schoolId, randomUUID())),
    );
    expect(refused).toMatchObject({ code: 'NOT_A_DUMP', err: expect.stringContaining('another school') });
  });

  test('which refer to rows of another school', async () => {
    const refused = await refusedAs((dump) =>
      inTable(dump, 'risk_assessment', (rows) => rows.replaceAll(second.channelId, first.channelId)),
    );
    expect(refused).toMatchObject({ code: 'NOT_A_DUMP', err: expect.stringContaining('refers to') });
  });

  test('with the id of a row of another school', async () => {
    const refused = await refusedAs((dump) =>
      inTable(dump, 'channel', (rows) => rows.replaceAll(second.channelId, first.channelId)),
    );
    expect(refused).toMatchObject({ code: 'NOT_A_DUMP', err: expect.stringContaining('is there already') });
  });

  test('an account with the address of somebody who is there', async () => {
    const { rows } = await owner.query('SELECT email FROM account WHERE id = $1', [first.admin.id]);
    const refused = await refusedAs((dump) =>
      inTable(
        dump,
        'account',
        (held) => `${held}${held.split('\n')[0]?.replace(/^[^\t]+\t[^\t]+/, `new\t${rows[0].email}`)}\n`,
      ),
    );
    expect(refused).toMatchObject({ code: 'ACCOUNT_THERE', err: expect.stringContaining(rows[0].email) });
  });

  test('another password for somebody who is there: it stays theirs', async () => {
    const before = (await owner.query('SELECT * FROM password ORDER BY 1')).rows;
    const place = await rewritten(beside.context.outside, beside.schoolId, (dump) => {
      const account = /COPY "public"\."account" .*\n(.*)\n/.exec(dump)?.[1] ?? '';
      const stolen = account.replace(second.admin.id, first.admin.id).replace(/^[^\t]+/, first.admin.id);
      const password = /COPY "public"\."password" .*\n(.*)\n/.exec(dump)?.[1] ?? '';
      return inTable(
        inTable(
          dump,
          'account',
          (rows) => `${rows}${stolen.replace(/^([^\t]+)\t[^\t]+/, '$1\tevil@school.example')}\n`,
        ),
        'password',
        (rows) => `${rows}${password.replace(/^[^\t]+/, first.admin.id)}\n`,
      );
    });
    const all = ['restore', '--from', place, '--school', beside.schoolId, '--replace', ...backups.opener];
    expect((await emanet(machine.env, ...all)).err).toBe('');
    expect((await owner.query('SELECT * FROM password ORDER BY 1')).rows).toEqual(before);
    expect((await owner.query(`SELECT 1 FROM account WHERE email = 'evil@school.example'`)).rowCount).toBe(0);
  });
});

test('an object below the folder of another school', async () => {
  const { outside } = server.context;
  const place = await changedPlace(async (folder) => {
    const store = new DiskStore({ folder });
    const { openingKeys, verifyingKeys, recipients } = outside.keyring;
    const id = (await listBackups(store)).at(-1) ?? '';
    const manifest = await openManifest(store, id, { opening: openingKeys, verifying: verifyingKeys });
    const { value } = await readObjectList(store, manifest, openingKeys).next();
    const evil = { ...(value as KeptObject), key: `${folderOfSchool(beside.schoolId)}tombstones/${randomUUID()}` };
    const part = await putPart(store, objectListFolder(id), recipients, writeObjectList([evil]));
    const objects = { ...manifest.objects, part };
    await putManifest(store, { ...manifest, objects }, { signer: signingKey(outside), recipients });
  });
  const machine = await backups.emptyMachine();
  expect((await restoring(machine, place)).code).toBe('UNKNOWN_FORM');
});
