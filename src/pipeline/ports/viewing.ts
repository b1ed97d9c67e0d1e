import type { Refusal } from '../../domain/errors.ts';
import type { OpenSource } from './media.ts';

/** Opened sources that the requests of one viewing share (`release/shared-sources.ts`). */
export interface WatchedSources {
  /** The source behind `key`, opened if it is not open yet; `close` gives it back. @throws what `open` throws. */
  borrow(key: string, sealedId: string, open: () => Promise<OpenSource>): Promise<OpenSource>;
  /** Closes every source of a sealed object: at once where nobody reads, otherwise when the last reader has ended. */
  forget(sealedId: string): void;
}

/** Asks every second whether what is being watched may still be watched (`release/shared-checks.ts`). */
export interface WatchChecks {
  /**
   * From now on `ask` is asked, unless somebody watches the same `key` and it is asked for them already; until `leave`.
   * `whyNot` says what came of it last, once an answer that is awaited is there. @throws from `whyNot` what `ask` threw.
   */
  watch(key: string, ask: () => Promise<Refusal | null>): { whyNot(): Promise<Refusal | null>; leave(): void };
}

/** Entries of the log for viewings that come in many requests (`release/viewing-log.ts`). */
export interface Viewings {
  /**
   * Resolves when the log holds that the stretch behind `key` is being watched; `announce` writes that when it is not there.
   * `leave` says which bytes were served; they are written with `note` when the stretch has been quiet. @throws as `announce`.
   */
  enter(
    key: string,
    announce: () => Promise<void>,
    note: (served: readonly [start: number, end: number]) => Promise<void>,
  ): Promise<{ leave(served: readonly [start: number, end: number]): void }>;
  /** Counts a range that has an entry of its own; true when there were so many in this minute that the next is to have none. */
  isCrowded(key: string): boolean;
}
