import pg from 'pg';

/** A connection that could not be made or was cut: Node's codes, and SQLSTATE classes 08 and 57P0x. */
const away = /^(ECONNREFUSED|ECONNRESET|EPIPE|08...|57P0[1-3])$/;

/**
 * Connections for graphile-worker that make it wait for a database that is away. It tries again what fails with 57P03 and
 * gives up its whole process on a refused connection, so every way of being away is told to it as 57P03.
 */
export function createPatientPool(connectionString: string, max: number): pg.Pool {
  const pool = new pg.Pool({ connectionString, max, connectionTimeoutMillis: 10_000 });
  const connect = pool.connect.bind(pool);
  // With a callback it is the pool's own `query` that calls: nothing of the queue's depends on that.
  pool.connect = ((callback?: Parameters<typeof connect>[0]) =>
    callback ? connect(callback) : connect().catch(throwPatiently).then(makePatient)) as typeof pool.connect;
  // A cut connection is thrown away by the pool; the next use makes a new one.
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
