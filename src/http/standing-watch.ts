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
    const alike = new Map<string, { caller: Caller; requests: Ending[] }>();
    for (const [res, caller] of this.#underWay) {
      const key = standingKey(caller);
      const there = alike.get(key);
      if (there) there.requests.push(res);
      else alike.set(key, { caller, requests: [res] });
    }
    if (alike.size === 0) return;
    const groups = [...alike.values()];
    try {
      const found = await areActing(
        this.#outside,
        groups.map(({ caller }) => caller),
      );
      const used: Id[] = [];
      for (const { caller, requests } of groups) {
        const { refusal = null, seenAt = null } = found.get(caller) ?? {};
        const sessionId = caller.standing?.sessionId ?? null;
        if (refusal) for (const res of requests) this.#stop(res, refusal);
        else if (sessionId && seenAt && isUseDue(this.#outside, seenAt)) used.push(sessionId);
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

/** The same for requests whose standing is the same. */
const standingKey = ({ actor, standing, runnerId }: Caller): string =>
  JSON.stringify([runnerId, 'id' in actor ? actor.id : null, standing]);
