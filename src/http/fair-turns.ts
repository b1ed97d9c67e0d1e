/** Requests of one school that are worked at together while other schools ask too. */
const mostBesideOthers = 2;
/** And while none does. More would be no faster on one thread, and the next school that asks would wait for all of them. */
const mostAlone = 6;
/** For so long after its last request a school counts as one that asks. */
const recentMs = 250;

interface Asking {
  running: number;
  lastMs: number;
  readonly waiting: (() => void)[];
}

/**
 * Shares a process between schools: one that asks a lot at once does not make the others wait. While others ask, two of its
 * requests are worked at, alone six, and the rest wait their turn. A school that asks little never waits.
 */
export class FairTurns {
  readonly #schools = new Map<object, Asking>();

  /** Resolves when the request may begin; `signal`: whoever asked is gone. @throws the signal's reason. */
  async enter(school: object, signal: AbortSignal): Promise<void> {
    const own = this.#schools.get(school) ?? { running: 0, lastMs: 0, waiting: [] };
    this.#schools.set(school, own);
    own.lastMs = performance.now();
    if (own.waiting.length === 0 && this.#mayBegin(school, own)) {
      own.running += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const begin = () => {
        signal.removeEventListener('abort', leave);
        own.running += 1;
        resolve();
      };
      const leave = () => {
        own.waiting.splice(own.waiting.indexOf(begin), 1);
        reject(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      own.waiting.push(begin);
    });
  }

  leave(school: object): void {
    const own = this.#schools.get(school);
    if (own === undefined) return;
    own.running -= 1;
    while (own.waiting.length > 0 && this.#mayBegin(school, own)) own.waiting.shift()?.();
  }

  #mayBegin(school: object, { running }: Asking): boolean {
    if (running < mostBesideOthers) return true;
    if (running >= mostAlone) return false;
    const since = performance.now() - recentMs;
    for (const [other, { running: theirs, lastMs }] of this.#schools)
      if (other !== school && (theirs > 0 || lastMs > since)) return false;
    return true;
  }
}
