import { AsyncLocalStorage } from 'node:async_hooks';
import { isUnavailable, Refusal } from '../../domain/errors.ts';
import { StoreUnavailable } from './object-store.ts';

const watches = new AsyncLocalStorage<{ hasCommitted: boolean } | null>();

/** `Database.transact` says so whenever a transaction was committed. Nothing happens where nobody watches. */
export function noteCommit(): void {
  const watch = watches.getStore();
  if (watch) watch.hasCommitted = true;
}

/**
 * Does what a request asks for. If database, store or machine go away after something of it was committed, "nothing was
 * done, try again" would be false, whatever the use case was doing just then: the error becomes `OUTCOME_UNKNOWN`.
 * @throws Refusal `OUTCOME_UNKNOWN`, with what happened as its cause; everything else that `work` throws.
 */
export async function watchCommits<T>(work: () => Promise<T>): Promise<T> {
  const watch = { hasCommitted: false };
  try {
    return await watches.run(watch, work);
  } catch (error) {
    throw watch.hasCommitted && isAway(error) ? new Refusal('OUTCOME_UNKNOWN', { cause: error }) : error;
  }
}

/** Does something whose commits are no part of what was asked: they prepare it, or clear up after it. */
export const besideTheRequest = <T>(work: () => Promise<T>): Promise<T> => watches.run(null, work);

/** A list of music that does not answer is no doubt: nothing that was asked depends on it. */
const isAway = (error: unknown): boolean =>
  error instanceof StoreUnavailable ||
  (isUnavailable(error) &&
    !['OUTCOME_UNKNOWN', 'LOOK_UP_UNAVAILABLE', 'PROVIDER_UNAVAILABLE'].includes((error as Refusal).code));
