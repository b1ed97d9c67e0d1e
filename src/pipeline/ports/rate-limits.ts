import type { LimitName } from '../../domain/limits.ts';

/** Limits of `domain/limits.ts`; `who` is a network address or the id of a member of staff. */
export interface RateLimits {
  /** Costs nothing. @throws Refusal `TOO_MANY_REQUESTS` while somebody is over the limit. */
  assertOpen(name: LimitName, who: string): void;
  /** Counts one. @throws Refusal `TOO_MANY_REQUESTS` when that is one too many. */
  take(name: LimitName, who: string): Promise<void>;
  /** Counts one that was refused anyway. */
  note(name: LimitName, who: string): Promise<void>;
}
