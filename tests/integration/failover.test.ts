import { chmod, cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/adapters/prisma/database.ts';
import { createDatabase, migrate } from '../../src/assembly/first-start.ts';
import { breakQueries } from '../support/broken-queries.ts';
import { rolePasswords } from '../support/database.ts';
import { type DebianPostgres, hasDebianPostgres, startDebianPostgres } from '../support/debian-postgres.ts';
import { startRelay } from '../support/relay.ts';

const caller = { actor: { kind: 'system', id: 'test' } } as const;

/**
 * A standby takes over that never received the last transaction. It gives the number of that transaction to another one:
 * the state of the number says nothing about the transaction.
 */
describe.skipIf(!hasDebianPostgres)('another server takes over while the answer to a COMMIT is lost', () => {
  let folder: string;
  let first: DebianPostgres;
  let second: DebianPostgres;
  let relay: Awaited<ReturnType<typeof startRelay>>;
  let url: string;
  const queries = breakQueries();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emanet-failover-'));
    await chmod(folder, 0o755);
    first = await startDebianPostgres(join(folder, 'first'));
    const urls = await createDatabase(first, rolePasswords, 'emanet');
    await migrate(urls.owner);
    second = await startDebianPostgres(join(folder, 'second'));
    for (const server of [first, second]) await server.control('stop');
    await rename(second.data, join(folder, 'own'));
    await cp(first.data, second.data, { recursive: true, preserveTimestamps: true });
    await cp(join(folder, 'own/postgresql.conf'), join(second.data, 'postgresql.conf'));
    await second.own();
    await first.control('start');
    await second.control('start');
    relay = await startRelay(new URL(first.url('emanet')));
    const relayed = new URL(urls.server);
    relayed.port = new URL(relay.url).port;
    url = relayed.href;
  });
  afterAll(async () => {
    queries[Symbol.dispose]();
    await relay?.stop();
    for (const server of [first, second]) await server?.control('stop').catch(() => {});
    await rm(folder, { recursive: true, force: true });
  });

  async function askSecond(sql: string): Promise<string> {
    const client = new pg.Client({ connectionString: second.url('emanet') });
    await client.connect();
    try {
      return Object.values((await client.query(sql)).rows[0])[0] as string;
    } finally {
      await client.end();
    }
  }

  /** An entry whose COMMIT runs on the first server; nobody hears of it, and another server answers from then on. */
  async function writeAndFailOver(
    after: DebianPostgres,
    takingOver: (transaction: bigint) => Promise<void> = async () => {},
  ): Promise<unknown> {
    relay.leadTo(new URL(first.url('emanet')));
    // Of its own: none of its connections leads elsewhere yet.
    const open = openDatabase({ url, clock: () => new Date() });
    queries.arm((text) => {
      if (text !== 'COMMIT') return 'runs';
      relay.leadTo(new URL(after.url('emanet')));
      queries.arm(() => 'runs');
      return 'unanswered';
    });
    try {
      await open.transact({ ...caller }, async (tx) => {
        await tx.log({
          action: 'job.failed',
          outcome: 'failed',
          object: { kind: 'job', id: '1' },
          details: { task: 'none', attempts: 1 },
        });
        const [row] = await tx.db.$queryRaw<{ id: string }[]>`SELECT pg_current_xact_id()::text AS id`;
        await takingOver(BigInt(row!.id));
      });
      return 'done';
    } catch (error) {
      return error;
    } finally {
      await open.close();
    }
  }

  test('its number is one that the new server has not given yet', async () => {
    expect(await writeAndFailOver(second)).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  });

  test('its number belongs to another transaction of the new server, which committed', async () => {
    const failed = await writeAndFailOver(second, async (transaction) => {
      while (BigInt(await askSecond('SELECT pg_current_xact_id()::text')) < transaction);
      expect(await askSecond(`SELECT pg_xact_status('${transaction}'::xid8)`)).toBe('committed');
    });
    expect(failed).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  });

  test('it is there: the one who asked hears that it is done', async () => {
    expect(await writeAndFailOver(first)).toBe('done');
  });
});
