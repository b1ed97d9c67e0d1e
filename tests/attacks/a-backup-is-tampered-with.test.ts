import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DiskStore } from '../../src/adapters/disk/disk-store.ts';
import { migrateQueue } from '../../src/adapters/graphile-worker/queue.ts';
import { loadDump } from '../../src/adapters/postgres-copy/load.ts';
import { applyMigrations } from '../../src/adapters/prisma/migrate.ts';
import { listBackups, openManifest, putManifest } from '../../src/pipeline/backup/manifest.ts';
import {
  type KeptObject,
  objectListFolder,
  readObjectList,
  writeObjectList,
} from '../../src/pipeline/backup/object-list.ts';
import { one, putPart, sealSmall } from '../../src/pipeline/core/sealed-message.ts';
import { signingKey } from '../../src/pipeline/core/signed-text.ts';
import { generateVaultKey, parsePrivateKey, parsePublicKey, type RecipientKey } from '../../src/vault/keyring.ts';
import { BackupPlace, emanet, envOf, type Machine, serving } from '../support/backup.ts';
import { createReleased } from '../support/released.ts';
import { createSchool } from '../support/school.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let backups: BackupPlace;
let backupKey: RecipientKey;
let ids: string[];

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  const school = await createSchool(server);
  backups = await BackupPlace.make();
  await mkdir(join(backups.folder, 'safe'));
  await emanet(envOf(server), 'backup', 'key');
  backupKey = await parsePublicKey(await readFile(join(server.home, 'keys/backup.public.asc'), 'utf8'));
  for (const name of ['backup.private.asc', 'backup.passphrase.txt'])
    await rename(join(server.home, 'keys', name), join(backups.folder, 'safe', name));
  for (let made = 0; made < 2; made++) {
    await createReleased(server, school);
    expect((await emanet(envOf(server), 'backup', '--to', backups.place, '--keys-to', backups.keys)).status).toBe(0);
  }
  ids = await listBackups(new DiskStore({ folder: backups.place }));
});
afterAll(async () => {
  await server?.stop();
  await backups?.remove();
});

/** A copy of the place, which `change` has been at; and what comes of restoring it onto an empty machine. */
async function restoring(change: (place: string) => Promise<unknown>, ...more: string[]) {
  const place = join(backups.folder, `place-${randomBytes(4).toString('hex')}`);
  await cp(backups.place, place, { recursive: true });
  await change(place);
  const machine = await backups.emptyMachine();
  const all = ['restore', '--from', place, '--keys', backups.keys, ...backups.opener, ...more];
  return { ...(await emanet(machine.env, ...all)), machine, place };
}
const file = (place: string, key: string) => join(place, `${key}~`);
const newest = () => ids.at(-1) ?? '';

async function flip(path: string, at: number): Promise<void> {
  const octets = await readFile(path);
  const place = at < 0 ? octets.length + at : at;
  octets[place] = (octets[place] ?? 0) ^ 1;
  await writeFile(path, octets);
}

/** Copies that are as they are in the store: ciphertext. */
async function recordingsIn(place: string): Promise<string[]> {
  const folder = join(place, 'objects');
  const found: { path: string; size: number }[] = [];
  for (const name of await readdir(folder, { recursive: true })) {
    const path = join(folder, name);
    const { size } = await stat(path);
    if (name.endsWith('~') && size > 2 ** 20) found.push({ path, size });
  }
  return found.toSorted((a, b) => b.size - a.size).map(({ path }) => path);
}

/** No process serves what is not whole. */
async function expectClosed(machine: Machine): Promise<void> {
  await expect(serving(machine, async () => {})).rejects.toThrow(/restore|vault key/);
}

describe('octets that were changed', () => {
  for (const part of ['database', 'objects'])
    for (const [what, where] of [
      ['body', 40],
      ['body', -1],
      ['envelope', 60],
    ] as const)
      test(`${part}/${what} at ${where}`, async () => {
        const { status, code, machine } = await restoring((place) =>
          flip(file(place, `backups/${newest()}/${part}/${what}`), where),
        );
        expect(status).toBe(1);
        expect(code).toBe('VAULT');
        await expectClosed(machine);
      });

  test('the manifest', async () => {
    const { status, machine } = await restoring((place) => flip(file(place, `backups/${newest()}/manifest`), -5));
    expect(status).toBe(1);
    // Nothing was begun: there is no table.
    const again = await emanet(machine.env, 'restore', '--from', backups.place);
    expect(again.status).toBe(0);
  });

  test('a recording', async () => {
    const { code, machine } = await restoring(async (place) => {
      for (const copy of await recordingsIn(place)) await flip(copy, 70_000);
    });
    expect(code).toBe('DIGEST_DIFFERS');
    await expectClosed(machine);
    // With a whole copy of the place the same command ends what it began.
    expect((await emanet(machine.env, 'restore', '--from', backups.place)).status).toBe(0);
    await serving(machine, async ({ context }) => {
      expect(await context.outside.database.read.recording.count()).toBe(2);
    });
  });

  test('two recordings that were exchanged', async () => {
    const { code } = await restoring(async (place) => {
      const copies = await recordingsIn(place);
      const last = copies.at(-1) ?? '';
      await rename(last, `${last}.aside`);
      for (const [at, copy] of copies.slice(0, -1).toReversed().entries())
        await rename(copy, copies.toReversed()[at] ?? '');
      await rename(`${last}.aside`, copies[0] ?? '');
    });
    expect(code).toBe('DIGEST_DIFFERS');
  });

  test('a recording that is missing', async () => {
    const { code } = await restoring(async (place) => {
      for (const copy of await recordingsIn(place)) await rm(copy);
    });
    expect(code).toBe('OBJECT_MISSING');
  });

  test('rows that were cut', async () => {
    const { code, machine } = await restoring((place) =>
      truncate(file(place, `backups/${newest()}/database/body`), 5_000),
    );
    expect(code).toBe('VAULT');
    await expectClosed(machine);
  });
});

describe('backups that are not what they seem', () => {
  test('an older one in the place of the newest', async () => {
    const { code } = await restoring(async (place) => {
      await rm(join(place, 'backups', newest()), { recursive: true });
      await cp(join(place, 'backups', ids[0] ?? ''), join(place, 'backups', newest()), { recursive: true });
    });
    expect(code).toBe('ANOTHER_BACKUP');
  });

  test('the newest taken away: the log in the store knows of it', async () => {
    const place = join(backups.folder, 'place-older');
    await cp(backups.place, place, { recursive: true });
    await rm(join(place, 'backups', newest()), { recursive: true });
    const { outside } = server.context;
    const { publishLog } = await import('../../src/pipeline/oversight/publish-log.ts');
    await publishLog(outside);
    const machine = await backups.machineWith(server.home);
    expect((await emanet(machine.env, 'restore', '--from', place)).code).toBe('NEWER_BACKUP');
    await expectClosed(machine);
    expect((await emanet(machine.env, 'restore', '--from', place, '--older')).status).toBe(0);
  });

  test('one that somebody else made, who has the public key alone', async () => {
    const pair = await generateVaultKey({ name: 'Mallory' });
    const signer = await parsePrivateKey(pair.privateKeyArmored);
    const { keyring } = server.context.outside;
    const { code } = await restoring(async (folder) => {
      const place = new DiskStore({ folder });
      const keys = { opening: keyring.openingKeys, verifying: keyring.verifyingKeys };
      const manifest = await openManifest(place, newest(), keys);
      await putManifest(place, manifest, { signer, recipients: [backupKey] });
    });
    expect(code).toBe('NOT_OURS');
    const nonsense = await restoring(async (folder) => {
      const place = new DiskStore({ folder });
      await place.put(`backups/${newest()}/manifest`, one(await sealSmall(Buffer.from('no JSON'), [backupKey])));
    });
    expect(nonsense.code).toBe('NOT_OURS');
  });

  test('one of another school', async () => {
    const other = await startTestServer({ WORKER: 'false' });
    try {
      const home = envOf(other);
      // The test schools share the vault's keys; their logs do not.
      const refused = await emanet(home, 'restore', '--from', backups.place, '--replace');
      expect(refused).toMatchObject({ status: 1, code: 'ANOTHER_SCHOOL' });
      // And nobody's backups are mixed with another school's.
      await emanet(home, 'backup', 'key');
      expect((await emanet(home, 'backup', '--to', backups.place)).code).toBe('ANOTHER_SCHOOL');
    } finally {
      await other.stop();
    }
  });
});

describe('names that lead elsewhere', () => {
  test('an object that would be written outside of the store', async () => {
    const { keyring } = server.context.outside;
    const { code, machine } = await restoring(async (folder) => {
      const place = new DiskStore({ folder });
      const keys = { opening: keyring.openingKeys, verifying: keyring.verifyingKeys };
      const manifest = await openManifest(place, newest(), keys);
      const { value: first } = await readObjectList(place, manifest, keyring.openingKeys).next();
      const evil = { ...(first as KeptObject), key: 'recordings/../../../escaped' };
      const part = await putPart(place, objectListFolder(newest()), [backupKey], writeObjectList([evil]));
      // Even with the school's own signature.
      const signer = signingKey(server.context.outside);
      await putManifest(
        place,
        { ...manifest, objects: { ...manifest.objects, part } },
        { signer, recipients: [backupKey] },
      );
    });
    expect(code).toBe('UNKNOWN_FORM');
    expect(await readdir(join(machine.home, '..'))).not.toContain('escaped~');
  });

  test('a key that would be written outside of the home', async () => {
    const machine = await backups.emptyMachine();
    for (const name of ['keys/../../escaped.asc', '/etc/escaped.asc', 'secrets/../auth', 'objects/x']) {
      const held = JSON.stringify({ kind: 'emanet.keys', v: 1, at: '2026-01-01', files: { [name]: 'x' } });
      const path = join(backups.folder, 'evil.pgp');
      await writeFile(path, await sealSmall(Buffer.from(held), [backupKey]));
      const refused = await emanet(machine.env, 'restore', '--only', 'keys', '--keys', path, ...backups.opener);
      expect(refused).toMatchObject({ status: 1, code: 'UNKNOWN_FORM' });
    }
    expect(await readdir(machine.home)).toEqual([]);
  });
});

describe('rows that are no rows', () => {
  const dumps: Readonly<Record<string, string>> = {
    'another statement': 'DROP TABLE school;\n',
    'a statement behind a sequence': `SELECT pg_catalog.setval('"public"."audit_arrival_arrival_seq"', 1, true); DROP TABLE school;\n`,
    'a table that is not ours': 'COPY "pg_catalog"."pg_authid" ("rolname") FROM stdin;\nx\n\\.\n',
    'what says which migrations were applied': 'COPY "public"."_prisma_migrations" ("id") FROM stdin;\nx\n\\.\n',
    'a column that is not there': 'COPY "public"."school" ("id", "evil") FROM stdin;\n\\.\n',
    'a program instead of rows': `COPY "public"."school" ("id") FROM PROGRAM 'id';\n`,
    'rows without an end': 'COPY "public"."school" ("id") FROM stdin;\n',
    'a person whom nobody knows': `COPY "public"."contact" ("id") FROM stdin;\n\\.\nCOPY "public"."sent_digest" ("id", "sentAt") FROM stdin;\nx\\tno time\n\\.\n`,
  };
  test('are not loaded, and nothing stays of them', async () => {
    const { database } = await backups.emptyMachine();
    await applyMigrations(database.ownerUrl);
    await migrateQueue(database.ownerUrl);
    const tables = { migrations: [], queue: await newestOfQueue(database.superuserUrl) };
    for (const [what, dump] of Object.entries(dumps)) {
      const load = loadDump(database.ownerUrl, tables, one(Buffer.from(dump)));
      await expect(load, what).rejects.toThrow();
    }
    const { Client } = await import('pg').then(({ default: pg }) => pg);
    const client = new Client({ connectionString: database.superuserUrl });
    await client.connect();
    const { rows } = await client.query(
      'SELECT (SELECT count(*) FROM school)::int AS schools, (SELECT count(*) FROM pg_trigger WHERE tgenabled = $1)::int AS off',
      ['D'],
    );
    await client.end();
    expect(rows).toEqual([{ schools: 0, off: 0 }]);
  });
});

async function newestOfQueue(url: string): Promise<number> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ newest: number }>('SELECT max(id) AS newest FROM graphile_worker.migrations');
  await client.end();
  return rows[0]?.newest ?? 0;
}

describe('targets', () => {
  test('a running installation is left alone', async () => {
    const before = await server.context.outside.database.read.recording.count();
    const refused = await emanet(envOf(server), 'restore', '--from', backups.place, '--replace');
    expect(refused).toMatchObject({ status: 1, code: 'DATABASE_IN_USE' });
    expect(await server.context.outside.database.read.recording.count()).toBe(before);
  });

  test('a log is not caught up where there are no rows', async () => {
    const machine = await backups.machineWith(server.home);
    expect((await emanet(machine.env, 'restore', '--only', 'log')).code).toBe('DATABASE_EMPTY');
  });

  test('an installation that is stopped is not overwritten unless told', async () => {
    const { machine, status } = await restoring(async () => {});
    expect(status).toBe(0);
    expect((await emanet(machine.env, 'restore', '--from', backups.place)).code).toBe('DATABASE_NOT_EMPTY');
    expect((await emanet(machine.env, 'restore', '--from', backups.place, '--replace')).status).toBe(0);
  });

  test.skipIf(process.getuid?.() !== 0)('one that is full in the middle is finished when there is room', async () => {
    const machine = await backups.emptyMachine();
    const folder = join(machine.home, 'small');
    await mkdir(folder);
    const all = ['restore', '--from', backups.place, '--keys', backups.keys, ...backups.opener];
    const env = { ...machine.env, STORE_FOLDER: folder };
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]);
    try {
      const full = await emanet(env, ...all);
      expect(full).toMatchObject({ status: 3, code: 'STORE_UNAVAILABLE' });
      await expectClosed({ ...machine, env });
      execFileSync('mount', ['-o', 'remount,size=64m', folder]);
      expect((await emanet(env, ...all)).status).toBe(0);
      await serving({ ...machine, env }, async ({ context }) => {
        expect(await context.outside.database.read.recording.count()).toBe(2);
      });
    } finally {
      execFileSync('umount', [folder]);
    }
  });

  test('a place of backups that is full keeps the backups that it has', async () => {
    if (process.getuid?.() !== 0) return;
    const place = join(backups.folder, 'small-place');
    await mkdir(place);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=5m', 'tmpfs', place]);
    try {
      const full = await emanet(envOf(server), 'backup', '--to', place);
      expect(full).toMatchObject({ status: 3, code: 'STORE_UNAVAILABLE' });
      expect((await emanet(envOf(server), 'backup', 'list', '--from', place)).said.items).toEqual([]);
      execFileSync('mount', ['-o', 'remount,size=64m', place]);
      expect((await emanet(envOf(server), 'backup', '--to', place)).status).toBe(0);
      expect((await emanet(envOf(server), 'backup', 'list', '--from', place)).said.items).toHaveLength(1);
    } finally {
      execFileSync('umount', [place]);
    }
  });

  test('keys beside the backups', async () => {
    const refused = await emanet(
      envOf(server),
      'backup',
      '--to',
      backups.place,
      '--keys-to',
      join(backups.place, 'keys.pgp'),
    );
    expect(refused).toMatchObject({ status: 2, code: 'USAGE' });
  });
});
