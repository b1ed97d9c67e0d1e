import type { Response } from 'express';
import type { Id } from '../domain/ids.ts';
import { areActing } from '../pipeline/core/still-acting.ts';
import type { Caller } from '../pipeline/ports/caller.ts';
import type { Outside } from '../pipeline/ports/outside.ts';
import { isUseDue, useSession } from '../pipeline/staff/find-session.ts';

const askAgainMs = 1_000;

/** What of an answer is needed to end it. */
type Ending = Pick<Response, 'closed' | 'locals'> & {
  once(event: 'close', closed: () => void): unknown;
  destroy(error: Error): unknown;
};

/**
 * A request lasts no longer than the right to make it: the connection breaks within a second if the account is
 * disabled, the session or token ends, or the role is taken away. This holds for every direction, also while no byte
 * moves. Policy P9. A school is asked once for all its requests, however many are under way: the busier the machine, the
 * longer they last.
 */
export class StandingWatch {
  readonly #outside: Outside;
  readonly #underWay = new Map<Ending, Caller>();
  #timer: NodeJS.Timeout | null = null;

  constructor(outside: Outside) {
    this.#outside = outside;
  }

  /** `res` ends with the standing of `caller`. */
  add(caller: Caller, res: Ending): void {
    if (res.closed) return;
    this.#underWay.set(res, caller);
    res.once('close', () => this.#underWay.delete(res));
    this.#askLater();
  }

  #askLater(): void {
    if (this.#timer !== null || this.#underWay.size === 0) return;
    this.#timer = setTimeout(async () => {
      await this.#ask();
      this.#timer = null;
      this.#askLater();
    }, askAgainMs);
    this.#timer.unref();
  }

  async #ask(): Promise<void> {
    if (this.#underWay.size === 0) return;
    try {
      const found = await areActing(this.#outside, [...this.#underWay.values()]);
      const used = new Set<Id>();
      for (const [res, caller] of this.#underWay) {
        const acting = found.get(caller);
        if (acting === undefined) continue; // came since
        const sessionId = caller.standing?.sessionId ?? null;
        if (acting.refusal) this.#stop(res, acting.refusal);
        else if (sessionId && acting.seenAt && isUseDue(this.#outside, acting.seenAt)) used.add(sessionId);
      }
      // A long upload is a use, too.
      for (const sessionId of used) await useSession(this.#outside, sessionId);
    } catch {
      // The database is away: until it is back nothing can be committed or opened, and an upload waits for it.
    }
  }

  #stop(res: Ending, refusal: Error): void {
    if (res.closed) return;
    res.locals.stopped = refusal;
    res.destroy(refusal);
  }
}
