import { RateLimiterPrisma, RateLimiterRes } from 'rate-limiter-flexible';
import { Refusal } from '../../domain/errors.ts';
import { type Limit, type LimitName, limits } from '../../domain/limits.ts';
import { networkOf } from '../../domain/network.ts';
import type { RateLimits } from '../../pipeline/ports/rate-limits.ts';

const mostOver = 10_000;
const minute = 60_000;

/** The client of the database that counts. */
interface Counting {
  readonly rateLimit: { deleteMany(rows: { where: { expire: { lt: Date } } }): PromiseLike<unknown> };
}

/**
 * Limits of `domain/limits.ts`, counted in PostgreSQL for all processes together. Memory holds each caller who is over
 * one until the time is over: a flood costs the database nothing. Counts of the past are removed until `close`.
 */
export function createRateLimits(client: Counting): RateLimits & { close(): void } {
  const limiters = Object.fromEntries(
    Object.entries(limits).map(([name, { points, seconds }]) => [
      name,
      new RateLimiterPrisma({
        storeClient: client,
        tableName: 'rateLimit',
        keyPrefix: name,
        points,
        duration: seconds,
        inMemoryBlockOnConsumed: points + 1,
        // Each limit would remove the rows of all, and go on after the database was closed.
        clearExpiredByTimeout: false,
      }),
    ]),
  ) as Record<LimitName, RateLimiterPrisma>;
  const removing = setInterval(async () => {
    try {
      await client.rateLimit.deleteMany({ where: { expire: { lt: new Date(Date.now() - 60 * minute) } } });
    } catch {
      // A database that is away is not missed here: the next time removes them.
    }
  }, 5 * minute).unref();
  /** Callers over a limit of failures, each with the time until which it is refused unseen. */
  const over = new Map<string, number>();
  const shutOut = (key: string, ms: number) => {
    const now = Date.now();
    over.delete(key);
    if (over.size >= mostOver) for (const [old, until] of over) if (until <= now) over.delete(old);
    // The callers shut out first are dropped first: the database counts them again.
    const [first] = over.keys();
    if (first !== undefined && over.size >= mostOver) over.delete(first);
    over.set(key, now + ms);
  };
  const refuse = (ms: number) => {
    throw new Refusal('TOO_MANY_REQUESTS', { retryAfterSeconds: Math.max(1, Math.ceil(ms / 1000)) });
  };
  return {
    assertOpen(name, who) {
      const until = over.get(`${name}:${keyOf(limits[name], who)}`) ?? 0;
      if (until > Date.now()) refuse(until - Date.now());
    },
    async take(name, who) {
      try {
        await limiters[name].consume(keyOf(limits[name], who));
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        refuse(error.msBeforeNext);
      }
    },
    async note(name, who) {
      try {
        await limiters[name].consume(keyOf(limits[name], who));
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        shutOut(`${name}:${keyOf(limits[name], who)}`, error.msBeforeNext);
      }
    },
    close() {
      clearInterval(removing);
    },
  };
}

function keyOf({ of }: Limit, who: string): string {
  return of === 'address' ? networkOf(who) : who;
}
