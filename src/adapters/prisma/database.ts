import { randomUUID } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { personsOf, toEntry } from '../../audit/entry.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { Caller } from '../../pipeline/ports/caller.ts';
import { noteCommit } from '../../pipeline/ports/commit-watch.ts';
import type { Database, Transaction } from '../../pipeline/ports/database.ts';
import { currentSpan, traced } from '../../pipeline/ports/trace.ts';
import { type Prisma, PrismaClient } from './generated/client.ts';
import { createPersonNames, type NamesInTransaction } from './person-names.ts';
import { mostWaits, SchoolConnections } from './school-connections.ts';

export interface OpenDatabase extends Database {
  /** For libraries that bring their own queries (`adapters/rate-limiter`). */
  readonly client: PrismaClient;
  /** The rows of another school. This database itself shows those of the installation's first one. */
  ofSchool(id: Id): Database;
  close(): Promise<void>;
}

/** How long a connection is waited for while none is given back. */
const waitMs = 5_000;

/** Opens the database as the server's own role. */
export function openDatabase(options: {
  url: string;
  clock: () => Date;
  maxConnections?: number;
  /** 0: a server that is away is not waited for when it is to say what became of a transaction; else six seconds. */
  outageSeconds?: number;
}): OpenDatabase {
  const shared = new pg.Pool({
    connectionString: options.url,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: waitMs,
  });
  // A connection that breaks while it is idle is replaced; while it is used, its query fails.
  shared.on('error', () => {});
  shared.on('connect', (connection) => connection.on('error', () => {}));
  const connections = new SchoolConnections(shared);
  const prisma = new PrismaClient({ adapter: new OneAtATime(connections) });
  const ofSchool = (school: Id | null) =>
    databaseOf(
      { prisma, run: (work) => connections.workFor(school, work) },
      options.clock,
      outcomePauses(options.outageSeconds),
    );
  return {
    ...ofSchool(null),
    ofSchool,
    async close() {
      await prisma.$disconnect();
      await shared.end();
    },
  };
}

/** The one Prisma client, which costs about 12 MB, and what makes it work for one school. */
interface SchoolClient {
  readonly prisma: PrismaClient;
  readonly run: <T>(work: () => Promise<T>) => Promise<T>;
}

function databaseOf(
  { prisma, run }: SchoolClient,
  clock: () => Date,
  pausesMs: readonly number[],
): Database & { client: PrismaClient } {
  const names = createPersonNames(clock);
  const translating = readerOf({ prisma, run });
  /** One attempt. If the answer to its COMMIT is lost, the server is asked what became of it. */
  const once = async <T>(work: (tx: Transaction) => Promise<T>, caller: Caller): Promise<T> => {
    const named = names.begin();
    const own: { entry: WrittenEntry | null } = { entry: null };
    let done: { readonly value: T } | null = null;
    try {
      await run(() =>
        prisma.$transaction(
          async (db) => {
            done = { value: await work(transactionOf(db, caller, clock, named, own)) };
          },
          // Who waits for a connection is told by the pool, sooner than by this.
          { maxWait: waitMs * (mostWaits + 1), timeout: 20_000 },
        ),
      );
    } catch (error) {
      if (done === null || !isUnavailable(error)) throw error;
      const { entry } = own;
      const outcome = entry === null ? null : await run(() => outcomeOf(prisma, entry, pausesMs));
      if (outcome === 'aborted') throw error;
      if (outcome === null) throw new Refusal('OUTCOME_UNKNOWN', { cause: error });
    }
    named.committed();
    noteCommit();
    return mustHave<{ readonly value: T } | null>(done, 'result of a transaction').value;
  };
  return {
    client: translating,
    read: translating,
    transact: (caller, work) =>
      traced('transaction', {}, async () => {
        for (let attempt = 1; ; attempt++) {
          try {
            return await once(work, caller);
          } catch (error) {
            if (attempt < 4 && isSerializationFailure(error)) continue;
            throw translate(error);
          }
        }
      }),
  };
}

/** Queries outside a transaction. */
function readerOf({ prisma, run }: SchoolClient): PrismaClient {
  return prisma.$extends({
    query: {
      async $allOperations({ model, operation, args, query }) {
        const facts = {
          'db.operation.name': operation,
          ...(model === undefined ? {} : { 'db.collection.name': model }),
        };
        const alone = model !== undefined && isUnique(operation) ? findsFirst(prisma, model, operation) : null;
        try {
          return await traced('query', facts, () => run(() => (alone ? alone(args) : query(args))));
        } catch (error) {
          throw translate(error);
        }
      },
    },
  }) as PrismaClient;
}

const firstInstead = { findUnique: 'findFirst', findUniqueOrThrow: 'findFirstOrThrow' } as const;
const isUnique = (operation: string): operation is keyof typeof firstInstead => operation in firstInstead;

/**
 * Prisma asks together for rows by their unique keys that are asked for in the same instant, and two schools must not be
 * asked together. So the first row of that key is asked for instead, of which there is one.
 */
function findsFirst(prisma: PrismaClient, model: string, operation: keyof typeof firstInstead) {
  const asked: object = Reflect.get(prisma, model[0]?.toLowerCase() + model.slice(1));
  const run: (args: unknown) => Promise<unknown> = Reflect.get(asked, firstInstead[operation]);
  return ({ where, ...rest }: { readonly where: object }) => run.call(asked, { ...rest, where: keyOf(where) });
}

/**
 * Conditions of single fields, also for a unique key of two (`{ a_b: { a, b } }`). @throws TypeError for a value that is not
 * there: any row would do.
 */
function keyOf(where: object): object {
  const fields = Object.entries(where).flatMap(([name, value]) =>
    name.includes('_') ? Object.entries(value as object) : [[name, value] as const],
  );
  const values = fields.map(([, value]) => value);
  if (values.includes(undefined) || values.every((value) => value === null))
    throw new TypeError('A row was asked for by a unique key without a value.');
  return Object.fromEntries(fields);
}

/**
 * Prisma asks for several relations of a row at once. Within a transaction they share one connection, and `pg` 9
 * refuses a query while another one runs.
 */
class OneAtATime extends PrismaPg {
  override async connect() {
    const adapter = await super.connect();
    const start = adapter.startTransaction.bind(adapter);
    adapter.startTransaction = async (isolationLevel) => {
      const transaction = await start(isolationLevel);
      let last: Promise<unknown> = Promise.resolve();
      const inTurn =
        <Query, Result>(run: (query: Query) => Promise<Result>) =>
        (query: Query) => {
          const result = last.then(() => run(query));
          last = result.catch(() => {}); // the caller gets the failure
          return result;
        };
      transaction.queryRaw = inTurn(transaction.queryRaw.bind(transaction));
      transaction.executeRaw = inTurn(transaction.executeRaw.bind(transaction));
      return transaction;
    };
    return adapter;
  }
}

/** A server that restarts needs some seconds. A broken connection alone is replaced at once. */
const outcomePausesMs = [0, 100, 200, 400, 800, 1_600, 3_200];
const outcomePauses = (outageSeconds = 30) => outcomePausesMs.slice(0, outageSeconds === 0 ? 3 : undefined);

/** An entry of the log, and the transaction that wrote it. */
interface WrittenEntry {
  readonly transaction: string;
  readonly arrival: bigint;
  /** Holds an id drawn at random: no other entry has this text. */
  readonly canonical: string;
}

/**
 * What became of a transaction; null: the server did not say in time. Another server may have taken over since, which
 * never heard of it and has given its number to another one: so what counts is whether its entry is there, once nothing
 * runs any more under that number.
 */
async function outcomeOf(
  client: PrismaClient,
  entry: WrittenEntry,
  pausesMs: readonly number[],
): Promise<'committed' | 'aborted' | null> {
  for (const pauseMs of pausesMs) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    try {
      if (await isRunning(client, entry.transaction)) continue;
      const [row] = await client.$queryRaw<{ there: boolean }[]>`
        SELECT EXISTS (SELECT FROM audit_arrival
          WHERE arrival = ${entry.arrival} AND canonical = ${entry.canonical}) AS there`;
      return row?.there ? 'committed' : 'aborted';
    } catch (error) {
      if (!isUnavailable(error)) throw error;
    }
  }
  return null;
}

async function isRunning(client: PrismaClient, transaction: string): Promise<boolean> {
  // A number that the server has not given yet cannot be asked about.
  const [row] = await client.$queryRaw<{ status: string | null }[]>`
    SELECT CASE WHEN ${transaction}::text::xid8 < pg_snapshot_xmax(pg_current_snapshot())
      THEN pg_xact_status(${transaction}::text::xid8) END AS status`;
  return row?.status === 'in progress';
}

function transactionOf(
  db: Prisma.TransactionClient,
  caller: Caller,
  clock: () => Date,
  names: NamesInTransaction,
  own: { entry: WrittenEntry | null },
): Transaction {
  return {
    db,
    async log(event) {
      const nameOf = await names.find(db, personsOf(event, caller.actor));
      const entry = toEntry(event, caller, { at: clock(), id: randomUUID(), nameOf });
      const [row] = await db.$queryRaw<{ arrival: bigint; transaction: string }[]>`
        WITH arrived AS (INSERT INTO audit_arrival (canonical) VALUES (${entry.canonical}) RETURNING arrival),
          kept AS (INSERT INTO audit_address (arrival, address, salt)
            SELECT arrival, ${entry.address?.value ?? null}::text, ${entry.address?.salt ?? null}::text FROM arrived
            WHERE ${entry.address !== null})
        SELECT arrival, pg_current_xact_id()::text AS transaction FROM arrived`;
      own.entry = { ...mustHave(row, 'arrival of an entry'), canonical: entry.canonical };
    },
    async enqueue(name, payload, { key, queue } = {}) {
      const span = currentSpan();
      const told = span === null ? payload : { ...payload, traceparent: span.traceparent };
      await db.$executeRaw`
        SELECT graphile_worker.add_job(${name}, ${JSON.stringify(told)}::json,
          queue_name => current_school() || ' ' || ${queue ?? null}::text,
          job_key => current_school() || ' ' || ${key ?? null}::text, max_attempts => 6,
          flags => ARRAY['school ' || current_school(), ${name} || ' ' || current_school()])`;
    },
  };
}

/** PostgreSQL said that another transaction was in the way: 40001, 40P01; Prisma: P2034. */
function isSerializationFailure(error: unknown): boolean {
  return codeOf(error) === 'P2034' || /40001|40P01|deadlock detected/.test(String((error as Error)?.message));
}

/** Translates only recognised errors, with their cause. Any other is a fault and propagates unchanged. */
function translate(error: unknown): unknown {
  return isUnavailable(error) ? new Refusal('DATABASE_UNAVAILABLE', { cause: error }) : error;
}

/**
 * The server is away, starting, stopping or has no room (SQLSTATE classes 08, 53, 57P and 58, 57014, 25006 of one that is
 * recovering), its host is not reached, or no connection came in time. Says nothing about what was asked.
 */
function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof Refusal) return false;
  const said = wordsOf(error);
  return said.some((word) => unavailableCode.test(word) || unavailableText.test(word));
}

const unavailableCode =
  /^(P1001|P1002|P1008|P1017|P2024|P2028|P2037|08...|53...|57P..|57014|58...|25006|E(AI_AGAIN|CONNREFUSED|CONNRESET|CONNABORTED|HOSTUNREACH|HOSTDOWN|NETUNREACH|NETDOWN|NOTFOUND|PIPE|TIMEDOUT|MFILE|NFILE))$/;
const unavailableText =
  /\b(ECONNREFUSED|ECONNRESET|ECONNABORTED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EPIPE|EAI_AGAIN|ENOTFOUND)\b|Connection (was )?(terminated|ended)|not queryable|connection timeout|timeout (expired|exceeded)|read timeout|too many (clients|connections)|the database system is|57P0\d|Can't reach database server|ServerClosedConnection|DatabaseNotReachable|TooManyConnections|SocketTimeout|ConnectionClosed/i;

/** Every code and sentence in an error, what Prisma puts beside it and what caused it. */
function wordsOf(error: unknown, depth = 0): string[] {
  if (typeof error === 'string') return [error];
  if (typeof error !== 'object' || error === null || depth > 6) return [];
  const { message, code, cause, meta, errors, kind, originalCode, originalMessage, driverAdapterError } =
    error as Readonly<Record<string, unknown>>;
  const nested = [message, code, cause, meta, kind, originalCode, originalMessage, driverAdapterError];
  return [...nested, ...(Array.isArray(errors) ? errors : [])].flatMap((one) => wordsOf(one, depth + 1));
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}
