import pg from 'pg';
import { expect, test, vi } from 'vitest';
import { SchoolConnections } from '../../../src/adapters/prisma/school-connections.ts';

/** A connection to nothing; notes which schools it was told of. */
class FakeClient extends pg.Client {
  readonly told: string[];

  constructor(told: string[]) {
    super();
    this.told = told;
  }

  // biome-ignore lint/suspicious/noExplicitAny: `pg` declares a dozen overloads
  override query(_: any, values?: any): any {
    if (Array.isArray(values)) this.told.push(String(values[0]));
    return Promise.resolve({ rows: [] });
  }
}

/** A pool of one connection, which opens when `open` lets it. */
class FakePool extends pg.Pool {
  readonly told: string[] = [];
  #idle: pg.PoolClient | null = null;
  open: () => Promise<void> = () => Promise.resolve();

  constructor(connectionTimeoutMillis = 0) {
    super({ max: 1, connectionTimeoutMillis });
  }

  override async connect(): Promise<pg.PoolClient> {
    await this.open();
    const client = this.#idle ?? Object.assign(new FakeClient(this.told), { release: () => {} });
    this.#idle = null;
    client.release = (error) => {
      this.#idle = error ? null : client;
    };
    return client;
  }
}

test('a query that belongs to the work of no school is refused before it asks for a connection', async () => {
  const shared = new pg.Pool({ max: 1 });
  const connections = new SchoolConnections(shared);
  await expect(connections.query('SELECT 1')).rejects.toThrow('outside the work of a school');
  await connections.workFor('a', async () => {});
  await expect(connections.connect()).rejects.toThrow('outside the work of a school');
  expect(shared.totalCount).toBe(0);
});

/** Schools in the order in which they got the one connection, which `asked` want at once. */
async function served(connections: SchoolConnections, asked: readonly string[]): Promise<string[]> {
  const order: string[] = [];
  await Promise.all(
    asked.map((school) =>
      connections.workFor(school, async () => {
        const connection = await connections.connect();
        order.push(school);
        connection.release();
      }),
    ),
  );
  return order;
}

test('who waits of the same school is served first, eight times in a row, and then schools take turns', async () => {
  const shared = new FakePool();
  const asked = [...Array.from({ length: 30 }, () => 'busy'), 'quiet', 'third', 'quiet'];
  const order = await served(new SchoolConnections(shared), asked);
  const row = (school: string, length: number) => Array.from({ length }, () => school);
  // The first one did not wait.
  expect(order).toEqual([...row('busy', 1 + 8), ...row('quiet', 2), ...row('third', 1), ...row('busy', 21)]);
  expect(shared.told).toEqual(['busy', 'quiet', 'third', 'busy']);
});

test('whoever waits too long is told so, and those who wait on lose nothing by it', async () => {
  const connections = new SchoolConnections(new FakePool(20));
  const held = await connections.workFor('a', () => connections.connect());
  const late = served(connections, ['a', 'b']);
  await expect(late).rejects.toThrow('timeout exceeded');
  held.release();
  expect(await served(connections, ['a', 'b', 'a'])).toHaveLength(3);
});

test('whoever waits goes on to while connections are given back, and no longer than twelve times the limit', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const connections = new SchoolConnections(new FakePool(1_000));
    const taken: pg.PoolClient[] = [];
    const take = (school: string) =>
      connections.workFor(school, () => connections.connect()).then((connection) => taken.push(connection));
    await take('a');
    // Those of one school are served in their order: the last of so many would wait through twenty limits.
    const failed: unknown[] = [];
    const waits = Array.from({ length: 20 }, () => take('a').catch((error) => failed.push(error)));
    for (let n = 0; n < 11; n++) {
      await vi.advanceTimersByTimeAsync(900);
      taken.at(-1)!.release();
      await vi.advanceTimersByTimeAsync(100);
      expect(taken).toHaveLength(n + 2);
    }
    expect(failed).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(failed).toHaveLength(20 - 11);
    // Nothing is given back any more: one limit is enough.
    const last = take('a').catch((error) => failed.push(error));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(failed).toHaveLength(20 - 11 + 1);
    await Promise.all([...waits, last]);
  } finally {
    vi.useRealTimers();
  }
});

test('a connection that opens slowly for somebody who waited is lost to nobody', async () => {
  const shared = new FakePool(20);
  const connections = new SchoolConnections(shared);
  const held = await connections.workFor('a', () => connections.connect());
  const opening = Promise.withResolvers<void>();
  shared.open = () => opening.promise;
  const first = served(connections, ['b']);
  // It is broken, so another one is opened for whoever waits, and that takes longer than anybody may wait.
  held.release(new Error('broken'));
  await expect(served(connections, ['c'])).rejects.toThrow('timeout exceeded');
  opening.resolve();
  expect(await first).toEqual(['b']);
  expect(await served(connections, ['b', 'c'])).toHaveLength(2);
});
