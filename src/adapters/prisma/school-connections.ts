import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';

/** The school that each connection was last told of; its rows are the only ones that it sees (`prisma/walls.sql`). */
const toldOf = new WeakMap<pg.PoolClient, string>();

/**
 * A pool that lends the connections of `shared` for the rows of the school whose work asks: the one place where a
 * connection is told which.
 */
export class SchoolConnections extends pg.Pool {
  readonly #shared: pg.Pool;
  readonly #working = new AsyncLocalStorage<{ readonly school: string | null }>();

  constructor(shared: pg.Pool) {
    super();
    this.#shared = shared;
  }

  /** Runs `work` for the rows of `school`. Null stands for the installation's first school. */
  workFor<T>(school: string | null, work: () => Promise<T>): Promise<T> {
    // Awaited within: what Prisma returns does not begin to ask before.
    return this.#working.run({ school }, async () => await work());
  }

  /** @throws as `pg`. A connection that could not be told is closed. */
  override async connect(): Promise<pg.PoolClient> {
    const working = this.#working.getStore();
    if (working === undefined) throw new Error('A query outside the work of a school sees no rows.');
    const client = await this.#shared.connect();
    const school = working.school ?? 'home';
    if (toldOf.get(client) === school) return client;
    try {
      toldOf.delete(client);
      if (working.school === null)
        await client.query(`SELECT set_config('emanet.school', "homeSchoolId"::text, false) FROM installation`);
      else await client.query(`SELECT set_config('emanet.school', $1, false)`, [working.school]);
      toldOf.set(client, school);
      return client;
    } catch (error) {
      client.release(error as Error);
      throw error;
    }
  }

  /** As `pg`: a connection whose query failed is closed. */
  // biome-ignore lint/suspicious/noExplicitAny: `pg` declares a dozen overloads, and the driver adapter uses one of them
  override async query(asked: any, values?: any): Promise<any> {
    const client = await this.connect();
    try {
      const answer = await client.query(asked, values);
      client.release();
      return answer;
    } catch (error) {
      client.release(error as Error);
      throw error;
    }
  }
}
