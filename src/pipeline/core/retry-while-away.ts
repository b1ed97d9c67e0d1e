import { isUnavailable } from '../../domain/errors.ts';
import { StoreUnavailable } from '../ports/object-store.ts';

/**
 * Retries, with growing pauses, while the database or the store is away or the machine too busy; gives up after `outageMs`. For work whose loss
 * would cost somebody a long upload. `work` must be repeatable.
 */
export async function retryWhileAway<T>(outageMs: number, work: () => Promise<T>): Promise<T> {
  const until = performance.now() + outageMs;
  for (let pauseMs = 250; ; pauseMs = Math.min(pauseMs * 2, 4_000)) {
    try {
      return await work();
    } catch (error) {
      const isAway = error instanceof StoreUnavailable || isUnavailable(error);
      if (!isAway || performance.now() + pauseMs > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}
