import type { NextFunction, Request, Response } from 'express';

/** Number of requests a second beyond which requests wait, and how much longer for each more. */
interface Pace {
  readonly free: number;
  readonly stepMs: number;
}

/** Requests that need no identity: pages, challenges, the published log. */
const looks: Pace = { free: 200, stepMs: 20 };
/** Refusals of callers that gave no identity, or could not prove it. */
const refusals: Pace = { free: 20, stepMs: 100 };
/** Longest wait of a person who mistypes while strangers besiege the server. */
const longestMs = 10_000;

/**
 * Keeps strangers, however many and from however many addresses, from taking the time of those who are signed in or
 * watch. The more of them come in a second, the longer each waits for an answer; so callers that repeat ask ever less
 * often. Waiting costs nothing. In quiet times there is no wait. Requests with valid credentials never wait where those
 * are checked.
 */
export class SlowDown {
  readonly #look = new Rate(looks);
  readonly #refusal = new Rate(refusals);

  /** Waits, if it has to, before handling a request that needs no identity. */
  readonly beforeLook = async (req: Request, res: Response, next: NextFunction): Promise<void> => {
    if (!isForAnybody(req)) return next();
    await wait(res, this.#look.delayMs());
    if (!res.closed) next();
  };

  /** Waits, if it has to, before an unknown caller is told "no". */
  async beforeRefusal(res: Response): Promise<void> {
    await wait(res, this.#refusal.delayMs());
  }
}

/**
 * A cookie or token is checked where it is used, and refused there. Some answers are for anybody, whatever credentials
 * come with the request.
 */
function isForAnybody(req: Request): boolean {
  const showsSomething = req.headers.cookie !== undefined || req.headers.authorization !== undefined;
  const isLookedAt = req.method !== 'OPTIONS' && /^\/(api\/(?!openapi|docs|session\/passkey)|media)/.test(req.path);
  return !(showsSomething && isLookedAt);
}

class Rate {
  readonly #pace: Pace;
  #second = 0;
  #now = 0;
  #before = 0;

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  /** Counts one request, and returns how long it has to wait. */
  delayMs(): number {
    const at = performance.now() / 1000;
    const second = Math.floor(at);
    if (second !== this.#second) {
      this.#before = second === this.#second + 1 ? this.#now : 0;
      this.#now = 0;
      this.#second = second;
    }
    this.#now += 1;
    const inLastSecond = this.#now + this.#before * (1 - (at - second));
    return Math.min(longestMs, Math.max(0, inLastSecond - this.#pace.free) * this.#pace.stepMs);
  }
}

function wait(res: Response, ms: number): Promise<void> {
  if (ms <= 0 || res.closed) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      res.off('close', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    res.once('close', end);
  });
}
