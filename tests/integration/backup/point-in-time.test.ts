import { existsSync } from 'node:fs';
import { appendFile, chmod, cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepareRecovery, takeBaseBackup } from '../../../src/adapters/embedded-postgres/base-backup.ts';
import { startEmbeddedPostgres } from '../../../src/adapters/embedded-postgres/embedded-postgres.ts';
import { createContext } from '../../../src/assembly/context.ts';
import { createDatabase, type Prepared, prepare } from '../../../src/assembly/first-start.ts';
import { startServer } from '../../../src/assembly/server.ts';
import { loadConfig } from '../../../src/config/env.ts';
import { publishLog } from '../../../src/pipeline/oversight/publish-log.ts';
import type { Outside } from '../../../src/pipeline/ports/outside.ts';
import { invite } from '../../../src/pipeline/staff/invite.ts';
import { revokeInvitation } from '../../../src/pipeline/staff/revoke-invitation.ts';
import { ensureSchool } from '../../support/api.ts';
import { emanet } from '../../support/backup.ts';
import { hasDebianPostgres, startDebianPostgres } from '../../support/debian-postgres.ts';
import { madeKeys } from '../../support/server.ts';

const caller = { actor: { kind: 'system', id: 'test' } } as const;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emanet-pitr-'));
  await chmod(folder, 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

const person = (outside: Outside, name: string) =>
  invite(outside, caller, { email: `${name}@school.example`, name, roles: ['teacher'], days: 7 }, null);

/** The outside of a home, as long as `work` takes. */
async function within<T>(prepared: Prepared, work: (outside: Outside) => Promise<T>): Promise<T> {
  const context = await createContext({ ...prepared.config, LOG_LEVEL: 'silent' }, { kind: 'worker' });
  try {
    return await work(context.outside);
  } finally {
    await context.close();
  }
}

/** The moment to come back to lies between two commits, and the log in the store knows of both. */
async function liveOn(prepared: Prepared, takeBase: () => Promise<void>): Promise<Date> {
  return within(prepared, async (outside) => {
    await ensureSchool(outside.database);
    const early = await person(outside, 'early');
    await takeBase();
    await person(outside, 'between');
    const { rows } = await query(prepared, 'SELECT clock_timestamp() AS now');
    await revokeInvitation(outside, caller, early.id);
    await person(outside, 'late');
    await publishLog(outside);
    return rows[0]?.now as Date;
  });
}

async function query({ config }: Pick<Prepared, 'config'>, sql: string) {
  const client = new pg.Client({ connectionString: config.DATABASE_OWNER_URL });
  await client.connect();
  try {
    return await client.query<{ now: Date }>(sql);
  } finally {
    await client.end();
  }
}

/** Every segment so far is in the archive. */
async function archived(superuserUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>('SELECT pg_walfile_name(pg_switch_wal()) AS name');
    for (;;) {
      const stat = await client.query<{ last: string | null }>(
        'SELECT last_archived_wal AS last FROM pg_stat_archiver',
      );
      if ((stat.rows[0]?.last ?? '') >= (rows[0]?.name ?? 'G')) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } finally {
    await client.end();
  }
}

/** The server does not open on what was set back; then the log is caught up, and it does. */
async function expectCaughtUp(env: Record<string, string>, prepared: Prepared): Promise<void> {
  const { config } = prepared;
  const serve = async () => {
    const context = await createContext({ ...config, PORT: 0, LOG_LEVEL: 'silent', WORKER: false });
    try {
      await (await startServer(context)).stop();
    } catch (error) {
      await context.close();
      throw error;
    }
  };
  await expect(serve()).rejects.toThrow('restore --only log');
  // Not beside something that is connected: entries that are just arriving are no leftovers.
  await within(prepared, async ({ database }) => {
    await database.read.school.count();
    expect((await emanet(env, 'restore', '--only', 'log')).code).toBe('DATABASE_IN_USE');
  });
  const caughtUp = await emanet(env, 'restore', '--only', 'log');
  expect(caughtUp.err).toBe('');
  expect(caughtUp.said.since.repeated).toEqual({ 'staff.invitation_revoked': 1 });
  expect(caughtUp.said.since.lost).toEqual({ 'staff.invited': 1 });
  await within(prepared, async ({ database: { read } }) => {
    const rows = await read.invitation.findMany({
      orderBy: { createdAt: 'asc' },
      select: { name: true, revokedAt: true },
    });
    expect(rows).toEqual([
      { name: 'early', revokedAt: expect.any(Date) },
      { name: 'between', revokedAt: null },
    ]);
  });
  await serve();
}

test('the embedded PostgreSQL, by a copy of its files and its archive', async () => {
  const home = join(folder, 'home');
  const archive = join(folder, 'wal');
  await cp(madeKeys(), home, { recursive: true });
  const env = { EMANET_HOME: home, WAL_ARCHIVE: archive };
  const config = loadConfig(env);
  const postgres = join(home, 'postgres');
  const first = await prepare(config);
  const base = join(folder, 'base');
  const until = await liveOn(first, () => takeBaseBackup(postgres, base));
  await expect(takeBaseBackup(postgres, base)).rejects.toThrow('EEXIST');
  await archived((await startEmbeddedPostgres({ folder: postgres })).url('emanet'));
  await first.stop();
  await rename(join(postgres, 'data'), join(postgres, 'lost'));
  await prepareRecovery(base, postgres, { archive, until });
  const again = await prepare(config);
  try {
    await expectCaughtUp(env, again);
  } finally {
    await again.stop();
  }
});

test('a database whose log is not archived has no such copy taken', async () => {
  const home = join(folder, 'plain');
  await cp(madeKeys(), home, { recursive: true });
  const prepared = await prepare(loadConfig({ EMANET_HOME: home }));
  try {
    const copy = takeBaseBackup(join(home, 'postgres'), join(folder, 'none'));
    await expect(copy).rejects.toThrow('WAL_ARCHIVE');
    expect(existsSync(join(folder, 'none'))).toBe(false);
  } finally {
    await prepared.stop();
  }
});

test.skipIf(!hasDebianPostgres)('a PostgreSQL of its own (Debian’s), by pg_basebackup and its archive', async () => {
  const home = join(folder, 'outside-home');
  const wal = join(folder, 'outside/wal');
  await mkdir(wal, { recursive: true });
  const postgres = await startDebianPostgres(join(folder, 'outside'), [
    'archive_mode = on',
    'archive_timeout = 300',
    `archive_command = 'test ! -f ${wal}/%f && cp %p ${wal}/%f.part && mv ${wal}/%f.part ${wal}/%f'`,
  ]);
  const { port, data, url } = postgres;
  try {
    const urls = await createDatabase(postgres, { owner: 'owner', server: 'server' }, 'emanet');
    await cp(madeKeys(), home, { recursive: true });
    const env = { EMANET_HOME: home, DATABASE_URL: urls.server, DATABASE_OWNER_URL: urls.owner };
    const prepared = await prepare(loadConfig(env));
    const base = join(folder, 'outside/base');
    const until = await liveOn(prepared, async () => {
      const from = ['--host', '127.0.0.1', '--port', String(port), '--username', 'postgres'];
      await postgres.run('pg_basebackup', ...from, '--pgdata', base, '--checkpoint', 'fast');
    });
    await archived(url('emanet'));
    await postgres.control('stop');
    await rename(data, join(folder, 'outside/lost'));
    await rename(base, data);
    const time = until.toISOString().replace('T', ' ').replace('Z', '+00');
    await appendFile(
      join(data, 'postgresql.conf'),
      `restore_command = 'cp ${wal}/%f %p'\nrecovery_target_time = '${time}'\nrecovery_target_action = promote\n`,
    );
    await cp(join(data, 'PG_VERSION'), join(data, 'recovery.signal'), { preserveTimestamps: true });
    await postgres.control('start');
    await recovered(url('emanet'));
    await expectCaughtUp(env, prepared);
  } finally {
    await postgres.control('stop');
  }
});

/** Until then the database can only be read. */
async function recovered(superuserUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    for (;;) {
      const { rows } = await client.query<{ isRecovering: boolean }>('SELECT pg_is_in_recovery() AS "isRecovering"');
      if (!rows[0]?.isRecovering) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } finally {
    await client.end();
  }
}
