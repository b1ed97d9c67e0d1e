import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examine, examined, type Found } from '../../src/assembly/examine.ts';
import { loadConfig } from '../../src/config/env.ts';
import { textsIn } from '../../src/language/catalogue.ts';
import { BackupPlace, emanet, envOf } from '../support/backup.ts';
import { startMailServer } from '../support/mail-server.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let home: string;
let env: Record<string, string>;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  home = await mkdtemp(join(tmpdir(), 'emanet-doctor-'));
  await cp(server.home, home, { recursive: true });
  for (const name of ['recovery.private.asc', 'recovery.passphrase.txt'])
    await rm(join(home, 'keys', name), { force: true });
  env = { ...envOf(server), EMANET_HOME: home };
});
afterAll(async () => {
  await server?.stop();
  await rm(home, { recursive: true, force: true });
});

async function lookAt(more: Record<string, string> = {}, clock?: () => Date): Promise<Record<string, Found>> {
  const all: Found[] = [];
  for await (const one of examine(loadConfig({ ...env, ...more }), clock)) all.push(one);
  expect(all.map(({ about }) => about)).toEqual(examined);
  return Object.fromEntries(all.map((one) => [one.about, one]));
}

describe('what is in order', () => {
  test('is said to be, and nothing has to be done', async () => {
    const mail = await startMailServer();
    try {
      const found = await lookAt({ SMTP_URL: mail.url });
      expect(found).toMatchObject({
        database: { verdict: 'good', code: 'ANSWERS' },
        tables: { verdict: 'good', code: 'TABLES_CURRENT' },
        clock: { verdict: 'good', code: 'CLOCKS_AGREE' },
        store: { verdict: 'look', code: 'STORE_CANNOT_LOCK', params: { kind: 'disk' } },
        mail: { verdict: 'good', code: 'MAIL_ANSWERS' },
        keys: { verdict: 'good', code: 'KEYS_IN_ORDER' },
        backups: { verdict: 'look', code: 'NO_BACKUPS_SET' },
      });
      expect(Object.values(found).filter(({ verdict }) => verdict === 'bad')).toEqual([]);
    } finally {
      await mail.stop();
    }
  });

  test('is told in the reader’s language, with exit status 0', async () => {
    const answer = await emanet(env, 'doctor');
    expect(answer.status).toBe(0);
    expect(answer.said).toMatchObject({ bad: 0 });
    const codes = (language: 'en' | 'tr') => Object.keys(textsIn(language).cli.doctor.found);
    for (const { code } of answer.said.items as Found[]) {
      expect(codes('en')).toContain(code);
      expect(codes('tr')).toContain(code);
    }
  });
});

describe('what is not', () => {
  test('a database that is away, a mail server that is, a store and a place that are not there: each is its own answer', async () => {
    const found = await lookAt({
      DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none',
      SMTP_URL: 'smtp://127.0.0.1:1',
      STORE: 's3',
      S3_ENDPOINT: 'http://127.0.0.1:1',
      S3_ACCESS_KEY_ID: 'x',
      S3_SECRET_ACCESS_KEY: 'x',
      OUTAGE_SECONDS: '5',
      BACKUP_TO: join(home, 'none'),
    });
    for (const about of ['database', 'tables', 'clock', 'mail', 'store', 'backups'] as const)
      expect(found[about]).toMatchObject({ verdict: 'bad', code: 'FAILED' });
    expect(found.keys).toMatchObject({ verdict: 'good' });
  });

  test('a role that passes by the walls between schools', async () => {
    const found = await lookAt({ DATABASE_URL: server.database.superuserUrl });
    expect(found.database).toMatchObject({ verdict: 'bad', code: 'ROLE_PASSES_WALLS' });
  });

  test('tables of another version', async () => {
    const owner = new pg.Client({ connectionString: server.database.ownerUrl });
    await owner.connect();
    try {
      await owner.query(
        `UPDATE "_prisma_migrations" SET rolled_back_at = now() WHERE migration_name LIKE '%_keypoints'`,
      );
      expect((await lookAt()).tables).toMatchObject({ verdict: 'bad', code: 'TABLES_OLDER', params: { count: 1 } });
      await owner.query(`UPDATE "_prisma_migrations" SET rolled_back_at = NULL`);
      await owner.query(
        `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at) VALUES ('x', 'x', '29990101000000_later', now())`,
      );
      expect((await lookAt()).tables).toMatchObject({ code: 'TABLES_NEWER', params: { name: '29990101000000_later' } });
    } finally {
      await owner.query(`DELETE FROM "_prisma_migrations" WHERE id = 'x'`);
      await owner.end();
    }
  });

  test('a clock that is wrong', async () => {
    const found = await lookAt({}, () => new Date(Date.now() - 60_000));
    expect(found.clock).toMatchObject({ verdict: 'bad', code: 'CLOCKS_APART', params: { seconds: 60 } });
  });

  test('a recovery key that still lies on the machine', async () => {
    const file = join(home, 'keys/recovery.passphrase.txt');
    await writeFile(file, 'TEST ONLY');
    try {
      expect((await lookAt()).keys).toMatchObject({ verdict: 'bad', code: 'RECOVERY_KEY_HERE', params: { file } });
      expect((await emanet(env, 'doctor')).status).toBe(1);
    } finally {
      await rm(file);
    }
  });

  test('an address in the clear, and one whose certificate nobody would take', async () => {
    expect((await lookAt({ BASE_URL: 'http://okul.example' })).address).toMatchObject({
      verdict: 'bad',
      code: 'ADDRESS_PLAIN',
    });
    const bare = createServer(() => {});
    await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = bare.address() as AddressInfo;
      const { address } = await lookAt({ BASE_URL: `https://127.0.0.1:${port}` });
      expect(address).toMatchObject({ verdict: 'bad', code: 'FAILED' });
    } finally {
      bare.close();
    }
  });

  test('backups that are missing, and that stopped coming', async () => {
    const backups = await BackupPlace.make();
    try {
      await mkdir(backups.place);
      expect((await lookAt({ BACKUP_TO: backups.place })).backups).toMatchObject({ verdict: 'bad', code: 'NO_BACKUP' });
      await emanet(env, 'backup', 'key');
      expect((await emanet(env, 'backup', '--to', backups.place)).status).toBe(0);
      expect((await lookAt({ BACKUP_TO: backups.place })).backups).toMatchObject({
        verdict: 'good',
        code: 'BACKUP_THERE',
      });
      const later = () => new Date(Date.now() + 20 * 24 * 60 * 60_000);
      expect((await lookAt({ BACKUP_TO: backups.place }, later)).backups).toMatchObject({
        verdict: 'bad',
        code: 'BACKUP_OLD',
        params: { days: 20 },
      });
    } finally {
      await backups.remove();
    }
  });
});
