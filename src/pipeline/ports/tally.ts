import type { CountableEvent } from '../../domain/audit-event.ts';
import type { Caller } from './caller.ts';

/** Limits the size of the log under any load (`oversight/tally.ts`). */
export interface Tally {
  /**
   * Counts an event that needed no sign-in. One entry for each action, object and network address is written when its
   * minute is over. Takes the same time for every event, so that time tells nothing.
   */
  count(caller: Caller, event: CountableEvent): void;
  /** True: the event is one of the first of its actor in this minute, and the caller writes it. False: it is counted. */
  isSingle(caller: Caller, event: CountableEvent): boolean;
  /** Writes what has been counted so far. What the database does not take is kept. @throws what the database says. */
  flush(): Promise<void>;
}
