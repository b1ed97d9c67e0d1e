import type { Actor, Id, StaffRole } from '../../domain/ids.ts';

/** Who asks, and from where; the address goes to the log only (P11). */
export interface Caller {
  readonly actor: Actor;
  readonly address?: string | undefined;
  /** By what a member of staff acts; asked for again as long as the request lasts (`core/still-acting.ts`). */
  readonly standing?: Standing | undefined;
  /** The runner that asks, as long as it is not disabled. */
  readonly runnerId?: Id | undefined;
}

export interface Standing {
  readonly sessionId: string | null;
  readonly tokenId: Id | null;
  /** The request needs one of these; null: any member of staff may make it. */
  readonly roles: readonly StaffRole[] | null;
}
