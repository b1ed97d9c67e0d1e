import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';

/** The school that each connection was last told of; its rows are the only ones that it sees (`prisma/walls.sql`). */
const toldOf = new WeakMap<pg.PoolClient, string>();

/** Stands for the installation's first school. */
const home = 'home';

/**
 * A connection that is given back goes to somebody of the same school, who need not tell it, so often in a row; then to
 * the school whose turn it is.
 */
const mostInARow = 8;

/**
 * Whoever waits goes on to wait for so many times the time limit of the pool, as long as connections are given back: a
 * database that is busy is not away.
 */
export const mostWaits = 12;

interface Waiting {
  readonly take: (connection: pg.PoolClient) => void;
  readonly fail: (error: unknown) => void;
  /** Ends the wait, unless there is a connection before. */
  timer: NodeJS.Timeout | undefined;
}

/**
 * A pool that lends the connections of `shared` for the rows of the school whose work asks: the one place where a
 * connection is told which. Where all are lent, schools take turns, whichever asks how much.
 */
export class SchoolConnections extends pg.Pool {
  readonly #shared: pg.Pool;
  readonly #most: number;
  readonly #waitMs: number;
  readonly #working = new AsyncLocalStorage<{ readonly school: string }>();
  /** Who waits, by school; the school whose turn it is comes first. */
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #inARow = new WeakMap<pg.PoolClient, number>();
  #lent = 0;
  /** How often a connection that works was given back. */
  #returns = 0;

  /**
   * @param shared with its `max` and `connectionTimeoutMillis`: so long is waited for a connection while none is given
   * back, and twelve times as long while some are.
   */
  constructor(shared: pg.Pool) {
    super();
    this.#shared = shared;
    this.#most = shared.options.max;
    this.#waitMs = shared.options.connectionTimeoutMillis ?? 0;
  }

  /** Runs `work` for the rows of `school`. Null stands for the installation's first school. */
  workFor<T>(school: string | null, work: () => Promise<T>): Promise<T> {
    // Awaited within: what Prisma returns does not begin to ask before.
    return this.#working.run({ school: school ?? home }, async () => await work());
  }

  /** @throws as `pg`. A connection that could not be told is closed. */
  override async connect(): Promise<pg.PoolClient> {
    const working = this.#working.getStore();
    if (working === undefined) throw new Error('A query outside the work of a school sees no rows.');
    const { school } = working;
    const connection = await this.#borrow(school);
    if (toldOf.get(connection) === school) return connection;
    try {
      toldOf.delete(connection);
      if (school === home)
        await connection.query(`SELECT set_config('emanet.school', "homeSchoolId"::text, false) FROM installation`);
      else await connection.query(`SELECT set_config('emanet.school', $1, false)`, [school]);
      toldOf.set(connection, school);
      return connection;
    } catch (error) {
      connection.release(error as Error);
      throw error;
    }
  }

  /** As `pg`: a connection whose query failed is closed. */
  // biome-ignore lint/suspicious/noExplicitAny: `pg` declares a dozen overloads, and the driver adapter uses one of them
  override async query(asked: any, values?: any): Promise<any> {
    const connection = await this.connect();
    try {
      const answer = await connection.query(asked, values);
      connection.release();
      return answer;
    } catch (error) {
      connection.release(error as Error);
      throw error;
    }
  }

  #borrow(school: string): Promise<pg.PoolClient> {
    if (this.#lent < this.#most) return this.#open();
    return new Promise((take, fail) => {
      const waiting: Waiting = { take, fail, timer: undefined };
      const wait = (left: number) => {
        const returns = this.#returns;
        waiting.timer = setTimeout(() => {
          if (left > 1 && this.#returns > returns) return wait(left - 1);
          this.#leave(school, waiting);
          fail(new Error('timeout exceeded when trying to connect'));
        }, this.#waitMs);
      };
      if (this.#waitMs > 0) wait(mostWaits);
      const queue = this.#waiting.get(school) ?? [];
      this.#waiting.set(school, queue);
      queue.push(waiting);
    });
  }

  async #open(): Promise<pg.PoolClient> {
    this.#lent += 1;
    try {
      return this.#lend(await this.#shared.connect());
    } catch (error) {
      this.#lent -= 1;
      this.#openForNext();
      throw error;
    }
  }

  /** What is given back goes to somebody who waits, and to the pool if nobody does or it is broken. */
  #lend(connection: pg.PoolClient): pg.PoolClient {
    const giveBack = connection.release.bind(connection);
    let isGivenBack = false;
    connection.release = (error) => {
      if (isGivenBack) throw new Error('A connection was given back twice.');
      isGivenBack = true;
      if (!error) this.#returns += 1;
      const next = error ? null : this.#nextFor(connection);
      connection.release = giveBack;
      if (next) {
        next.take(this.#lend(connection));
        return;
      }
      this.#lent -= 1;
      this.#inARow.delete(connection);
      giveBack(error);
      this.#openForNext();
    };
    return connection;
  }

  #nextFor(connection: pg.PoolClient): Waiting | null {
    const inARow = this.#inARow.get(connection) ?? 0;
    const own = inARow < mostInARow ? this.#next(toldOf.get(connection)) : null;
    this.#inARow.set(connection, own ? inARow + 1 : 0);
    return own ?? this.#next(this.#waiting.keys().next().value);
  }

  /** The one who waits longest in a school, which goes to the end of the row of schools. */
  #next(school: string | undefined): Waiting | null {
    const queue = school === undefined ? undefined : this.#waiting.get(school);
    const next = queue?.shift();
    if (school === undefined || queue === undefined || next === undefined) return null;
    // What is opened for them from now on has a time limit of its own.
    clearTimeout(next.timer);
    this.#waiting.delete(school);
    if (queue.length > 0) this.#waiting.set(school, queue);
    return next;
  }

  #leave(school: string, waiting: Waiting): void {
    const queue = this.#waiting.get(school);
    queue?.splice(queue.indexOf(waiting), 1);
    if (queue?.length === 0) this.#waiting.delete(school);
  }

  #openForNext(): void {
    const next = this.#lent < this.#most ? this.#next(this.#waiting.keys().next().value) : null;
    if (next) this.#open().then(next.take, next.fail);
  }
}
