import pg from 'pg';

/** The school that each connection was last told of; its rows are the only ones that it sees (`prisma/walls.sql`). */
const toldOf = new WeakMap<pg.PoolClient, string>();

/**
 * A pool that lends the connections of `shared` for the rows of one school: the one place where a connection is told
 * which. Null stands for the installation's first school.
 */
export class SchoolConnections extends pg.Pool {
  readonly #shared: pg.Pool;
  school: string | null;

  constructor(shared: pg.Pool, school: string | null) {
    super();
    this.#shared = shared;
    this.school = school;
  }

  /** @throws as `pg`. A connection that could not be told is closed. */
  override async connect(): Promise<pg.PoolClient> {
    const client = await this.#shared.connect();
    const school = this.school ?? 'home';
    if (toldOf.get(client) === school) return client;
    try {
      toldOf.delete(client);
      if (this.school === null)
        await client.query(`SELECT set_config('emanet.school', "homeSchoolId"::text, false) FROM installation`);
      else await client.query(`SELECT set_config('emanet.school', $1, false)`, [this.school]);
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
