import pg from 'pg';

/**
 * graphile-worker takes a job for lost only after four hours. Here every pool of workers holds an advisory lock of its
 * own name for as long as its process is connected. A process that finds a job of a pool whose lock is free gives the
 * job back.
 */
export interface WorkerLocks {
  hold(poolId: string): void;
  /** The pool has ended: its jobs can be given back. */
  release(poolId: string): Promise<void>;
  close(): Promise<void>;
}

export async function holdWorkerLocks(url: string, onFault: (error: unknown) => void): Promise<WorkerLocks> {
  const held = new Set<string>();
  let isClosed = false;
  let client = await connect();

  async function connect(): Promise<pg.Client> {
    const fresh = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, keepAlive: true });
    fresh.on('error', () => {}); // 'end' follows, and reconnects
    await fresh.connect();
    fresh.once('end', () => void reconnect());
    for (const id of held) await lock(fresh, id);
    return fresh;
  }

  async function reconnect(): Promise<void> {
    while (!isClosed) {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      try {
        if (!isClosed) client = await connect();
        return;
      } catch (error) {
        onFault(error);
      }
    }
  }

  return {
    hold(poolId) {
      held.add(poolId);
      lock(client, poolId).catch(onFault);
    },
    async release(poolId) {
      held.delete(poolId);
      // Cut, it holds nothing any more.
      await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [poolId]).catch(() => {});
    },
    async close() {
      isClosed = true;
      await client.end().catch(onFault);
    },
  };
}

const lock = (client: pg.Client, poolId: string) =>
  client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [poolId]);

/** Gives back the jobs of workers that are no longer connected. Returns their names. */
export async function releaseDeadWorkers(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const { rows } = await client.query<{ dead: string[] | null }>(
      `SELECT array_agg(worker) AS dead FROM (
         SELECT DISTINCT locked_by AS worker FROM graphile_worker._private_jobs WHERE locked_by IS NOT NULL
       ) AS holders WHERE pg_try_advisory_xact_lock(hashtextextended(worker, 0))`,
    );
    const dead = rows[0]?.dead ?? [];
    if (dead.length > 0) await client.query('SELECT graphile_worker.force_unlock_workers($1::text[])', [dead]);
    return dead;
  } finally {
    await client.end();
  }
}
