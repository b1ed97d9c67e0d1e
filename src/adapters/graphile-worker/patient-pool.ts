import pg from 'pg';

/**
 * A connection that could not be made or was cut: Node's codes, and SQLSTATE classes 08 and 57P0x. 25006: the server is a
 * standby now, and its connections are about to be cut.
 */
const away = /^(ECONNREFUSED|ECONNRESET|EPIPE|25006|08...|57P0[1-3])$/;

/**
 * Connections for graphile-worker that make it wait for a database that is away. The library retries on 57P03, but a
 * refused connection ends its whole process. So it is told 57P03 for every kind of outage.
 */
export function createPatientPool(connectionString: string, max: number): pg.Pool {
  const pool = new pg.Pool({ connectionString, max, connectionTimeoutMillis: 10_000 });
  const connect = pool.connect.bind(pool);
  // A call with a callback comes from the pool's own `query`, on which nothing of the queue depends.
  pool.connect = ((callback?: Parameters<typeof connect>[0]) => {
    if (callback) return connect(callback);
    // The library writes down a failed job without waiting for it. Once the queue has stopped nobody hears how that ended,
    // and an error that nobody hears ends the process: so it waits. `releaseDeadWorkers` gives the job back.
    if (pool.ending) return new Promise(() => {});
    return connect().catch(throwPatiently).then(makePatient);
  }) as typeof pool.connect;
  // The pool discards a cut connection; the next use makes a new one.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

const patient = new WeakSet<pg.PoolClient>();

function makePatient(client: pg.PoolClient): pg.PoolClient {
  if (patient.has(client)) return client;
  patient.add(client);
  const query = client.query.bind(client) as (...given: unknown[]) => unknown;
  client.query = ((...given: unknown[]) => {
    const result = query(...given);
    return result instanceof Promise ? result.catch(throwPatiently) : result;
  }) as typeof client.query;
  return client;
}

function throwPatiently(error: unknown): never {
  const { code, message } = error as { code?: string; message?: string };
  if (away.test(code ?? '') || /Connection terminated|timeout exceeded/.test(message ?? ''))
    throw Object.assign(new Error(message, { cause: error }), { code: '57P03' });
  throw error;
}
