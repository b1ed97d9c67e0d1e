import { chmod, cp, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examine } from '../../src/assembly/examine.ts';
import { examined, examinedOfSchool, type Found } from '../../src/assembly/examined.ts';
import { loadConfig } from '../../src/config/env.ts';
import type { AuditEvent } from '../../src/domain/audit-event.ts';
import { textsIn } from '../../src/language/catalogue.ts';
import { integrateLog } from '../../src/pipeline/oversight/integrate-log.ts';
import { openBeside } from '../support/another-school.ts';
import { ensureSchool } from '../support/api.ts';
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
  for await (const one of examine(loadConfig({ ...env, ...more }), clock ? { clock } : {})) all.push(one);
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
        transport: { verdict: 'good', code: 'TRANSPORT_ENCRYPTED' },
        scanner: { verdict: 'look', code: 'NO_SCANNER' },
        jobs: { verdict: 'good', code: 'JOBS_DONE' },
        log: { verdict: 'good', code: 'LOG_SIGNED' },
        drill: { verdict: 'look', code: 'NO_DRILL' },
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

  test('what goes over a network in the clear, and a certificate of a service that nobody would take', async () => {
    const receiver = 'http://traces.okul.example:4318';
    const found = await lookAt({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver, WITNESS_URL: 'http://witness.okul.example' });
    expect(found.transport).toMatchObject({ verdict: 'bad', code: 'PLAINTEXT' });
    for (const name of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'WITNESS_URL'])
      expect(String(found.transport?.params.why)).toContain(name);
    const provider = { OIDC_ISSUER: 'https://127.0.0.1:1', OIDC_CLIENT_ID: 'x', OIDC_ROLES: 'staff=teacher' };
    expect((await lookAt(provider)).transport).toMatchObject({ verdict: 'bad', code: 'FAILED' });
  });

  test('a process for media and a scanner that are not there', async () => {
    const found = await lookAt({ MEDIA_SOCKET: join(home, 'none'), CLAMD_SOCKET: join(home, 'none') });
    expect(found.media).toMatchObject({ verdict: 'bad', code: 'FAILED' });
    expect(found.scanner).toMatchObject({ verdict: 'bad', code: 'FAILED' });
  });

  test('a key that every user of the machine can read, once its folders let them', async () => {
    const file = join(home, 'keys/vault.private.asc');
    const modes = [
      [home, 0o755],
      [join(home, 'keys'), 0o755],
      [file, 0o644],
    ] as const;
    const before = await Promise.all(modes.map(async ([path]) => (await stat(path)).mode));
    try {
      for (const [path, mode] of modes) {
        expect((await lookAt()).keys).toMatchObject({ code: 'KEYS_IN_ORDER' });
        await chmod(path, mode);
      }
      expect((await lookAt()).keys).toMatchObject({ verdict: 'bad', code: 'KEYS_READABLE', params: { file } });
    } finally {
      for (const [index, [path]] of modes.entries()) await chmod(path, before[index]!);
    }
  });

  test('jobs that wait, jobs that failed, and a log without a head: nobody works', async () => {
    const { database } = server.context.outside;
    await database.transact({ actor: { kind: 'system', id: 'test' } }, (tx) => tx.enqueue('reconcile-objects', {}));
    await database.read.$executeRaw`UPDATE graphile_worker._private_jobs SET run_at = now() - interval '2 hours'`;
    expect((await lookAt()).jobs).toMatchObject({ verdict: 'bad', code: 'JOBS_WAIT', params: { minutes: 120 } });
    await database.read.$executeRaw`UPDATE graphile_worker._private_jobs SET attempts = max_attempts`;
    expect((await lookAt()).jobs).toMatchObject({ verdict: 'bad', code: 'JOBS_FAILED', params: { failed: 1 } });
    await database.read.$executeRaw`DELETE FROM graphile_worker._private_jobs`;

    const later = () => new Date(Date.now() + 10 * 60_000);
    expect((await lookAt({}, later)).log).toMatchObject({ verdict: 'bad', code: 'LOG_WAITS' });
    await database.read.$queryRaw`SELECT audit_integrate(10000)`;
    expect((await lookAt({}, later)).log).toMatchObject({ verdict: 'bad', code: 'LOG_WAITS' });
    await integrateLog(server.context.outside);
    expect((await lookAt({}, later)).log).toMatchObject({ verdict: 'good', code: 'LOG_SIGNED' });
  });

  test('drills that failed, or are long ago', async () => {
    const { outside } = server.context;
    const note = async (event: AuditEvent) => {
      await outside.database.transact({ actor: { kind: 'system', id: 'test' } }, (tx) => tx.log(event));
      await integrateLog(outside);
    };
    await note({ action: 'drill.failed', outcome: 'failed', details: { code: 'FAULT' } });
    expect((await lookAt()).drill).toMatchObject({ verdict: 'bad', code: 'DRILL_FAILED', params: { days: 0 } });
    const details = { objects: 1, entries: 1, certificate: 'x' };
    await note({ action: 'drill.passed', outcome: 'done', details });
    expect((await lookAt()).drill).toMatchObject({ verdict: 'good', code: 'DRILL_PASSED' });
    const later = () => new Date(Date.now() + 101 * 24 * 60 * 60_000);
    expect((await lookAt({}, later)).drill).toMatchObject({
      verdict: 'look',
      code: 'DRILL_OLD',
      params: { days: 101 },
    });
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

describe('another school than the first', () => {
  test('has keys, a log, backups and drills of its own, and is found by its id or name', async () => {
    await ensureSchool(server.context.outside.database);
    const beside = await openBeside(server, 'Çınar Koleji');
    const own = join(home, 'schools', beside.schoolId);
    await cp(join(server.home, 'schools', beside.schoolId), own, { recursive: true });
    const backups = await BackupPlace.make();
    try {
      await mkdir(backups.place, { recursive: true });
      await rm(join(own, 'keys/recovery.private.asc'), { force: true });
      const asked = { ...env, BACKUP_TO: backups.place };
      for (const named of [beside.schoolId, 'Çınar Koleji']) {
        const { said, status } = await emanet(asked, 'doctor', '--school', named);
        const items = said.items as Found[];
        expect(items.map(({ about }) => about)).toEqual(examinedOfSchool);
        expect(items[0]).toMatchObject({
          ...{ verdict: 'bad', code: 'RECOVERY_KEY_HERE' },
          params: { file: join(own, 'keys/recovery.passphrase.txt') },
        });
        expect(status).toBe(1);
      }
      await rm(join(own, 'keys/recovery.passphrase.txt'), { force: true });
      await emanet(env, 'backup', 'key');
      expect((await emanet(env, 'backup', '--to', backups.place, '--school', beside.schoolId)).status).toBe(0);
      const { said, status } = await emanet(asked, 'doctor', '--school', beside.schoolId);
      expect(said.items).toMatchObject([
        { about: 'keys', code: 'KEYS_IN_ORDER' },
        { about: 'log', code: 'LOG_SIGNED' },
        { about: 'backups', code: 'BACKUP_THERE' },
        { about: 'drill', code: 'NO_DRILL' },
      ]);
      expect(status).toBe(0);
      // The first one has none there.
      expect((await lookAt({ BACKUP_TO: backups.place })).backups).toMatchObject({ code: 'NO_BACKUP' });
    } finally {
      await backups.remove();
    }
  });

  test('is not the first one, which is asked for in the same way', async () => {
    const { said } = await emanet(env, 'doctor', '--school', 'Test School');
    expect((said.items as Found[]).map(({ about }) => about)).toEqual(examinedOfSchool);
    expect(said.items[0]).toMatchObject({ about: 'keys', code: 'KEYS_IN_ORDER' });
  });

  test('that is not there is a wrong use', async () => {
    expect((await emanet(env, 'doctor', '--school', 'Yok')).status).toBe(2);
  });
});
