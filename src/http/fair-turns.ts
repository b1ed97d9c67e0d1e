/** Requests of one school that are worked at together while other schools ask too. */
const mostBesideOthers = 2;
/** And while none does. More would be no faster on one thread, and the next school that asks would wait for all of them. */
const mostAlone = 6;
/** For so long after its last request a school counts as one that asks. */
const recentMs = 250;
/** A school's part of the time beside others, and how much it may take ahead of that: a page asks for several things at once. */
const part = 0.1;
const aheadMs = 1_000;
/** Longest time that a school which took more than its part waits for one request, as long as none of its own is under way. */
const longestYieldMs = 1_000;

interface Asking {
  running: number;
  /** When it last asked, when its last request ended, and when it may go on at the earliest once it took more than its part. */
  askedMs: number;
  endedMs: number;
  restsUntilMs: number;
  /** Work beyond its part, in milliseconds, at a moment. */
  takenMs: number;
  takenAtMs: number;
  readonly waiting: (() => void)[];
}

/**
 * Shares a process between schools: one that asks a lot at once does not make the others wait. While others ask, two of its
 * requests are worked at, alone six, and the rest wait their turn. One that goes on to ask for more than its part makes way for
 * everybody who does not: it has one request under way, begins it while they have none, and then rests for as long as that
 * took. A school that asks little never waits.
 */
export class FairTurns {
  readonly #schools = new Map<object, Asking>();
  #timer: NodeJS.Timeout | undefined;

  /**
   * Resolves when the request may begin, with what ends it; `signal`: whoever asked is gone.
   * @throws the signal's reason.
   */
  async enter(school: object, signal: AbortSignal): Promise<() => void> {
    const now = performance.now();
    const own = this.#schools.get(school) ?? {
      ...{ running: 0, askedMs: now, endedMs: now, restsUntilMs: 0, takenMs: 0, takenAtMs: now, waiting: [] },
    };
    this.#schools.set(school, own);
    own.askedMs = now;
    if (own.waiting.length === 0 && this.#mayBegin(own, now)) return this.#begin(own);
    return new Promise((resolve, reject) => {
      const begin = () => {
        signal.removeEventListener('abort', leave);
        resolve(this.#begin(own));
      };
      const leave = () => {
        own.waiting.splice(own.waiting.indexOf(begin), 1);
        reject(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      own.waiting.push(begin);
      this.#lookAgain(now);
    });
  }

  #begin(own: Asking): () => void {
    const begunMs = performance.now();
    own.running += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      const now = performance.now();
      own.running -= 1;
      own.takenMs = taken(own, now) + now - begunMs;
      own.takenAtMs = now;
      own.endedMs = now;
      own.restsUntilMs = now + (now - begunMs);
      this.#beginWaiting(now);
    };
  }

  /** Schools that have taken least are asked first. */
  #beginWaiting(now: number): void {
    const asking = [...this.#schools.values()].filter(({ waiting }) => waiting.length > 0);
    for (const own of asking.sort((one, other) => taken(one, now) - taken(other, now)))
      while (own.waiting.length > 0 && this.#mayBegin(own, now)) own.waiting.shift()?.();
    this.#lookAgain(now);
  }

  #mayBegin(own: Asking, now: number): boolean {
    const others = [...this.#schools.values()].filter((other) => other !== own);
    if (!others.some(({ running, askedMs }) => running > 0 || askedMs > now - recentMs)) return own.running < mostAlone;
    if (!isAhead(own, now)) return own.running < mostBesideOthers;
    if (own.running > 0) return false;
    if (now >= own.endedMs + longestYieldMs) return true;
    return now >= own.restsUntilMs && !others.some((other) => other.running > 0 && !isAhead(other, now));
  }

  /** For those who wait for a moment and not for the end of a request. */
  #lookAgain(now: number): void {
    clearTimeout(this.#timer);
    const moments = [...this.#schools.values()].flatMap((own) =>
      own.waiting.length === 0 || own.running > 0
        ? []
        : [own.restsUntilMs > now ? own.restsUntilMs : own.endedMs + longestYieldMs],
    );
    if (moments.length === 0) return;
    const inMs = Math.max(1, Math.min(...moments) - now);
    this.#timer = setTimeout(() => this.#beginWaiting(performance.now()), inMs).unref();
  }
}

const taken = ({ takenMs, takenAtMs }: Asking, now: number): number => Math.max(0, takenMs - part * (now - takenAtMs));
const isAhead = (own: Asking, now: number): boolean => taken(own, now) > aheadMs;
