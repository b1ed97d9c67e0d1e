import type { Viewings } from '../ports/viewing.ts';

type Span = readonly [start: number, end: number];

const minuteMs = 60_000;
const singlesPerMinute = 60;

interface Stretch {
  readonly announced: Promise<void>;
  readonly note: (served: Span) => Promise<void>;
  served: Span[];
  readers: number;
  timer: NodeJS.Timeout | null;
}

/**
 * Keeps the log readable when a player asks for one segment after the other: a stretch of about a minute has one entry
 * before its first byte, which says all of it, and what was served of it is noted together when nobody has asked for a
 * while. The log may say more than was served while somebody watches, and after a crash, and never less. Served ranges
 * that the database does not take are kept and retried.
 */
export class ViewingLog implements Viewings {
  readonly #quietMs: number;
  readonly #stretches = new Map<string, Stretch>();
  readonly #singles = new Map<string, { since: number; count: number }>();

  constructor({ quietMs = 20_000 } = {}) {
    this.#quietMs = quietMs;
  }

  async enter(key: string, announce: () => Promise<void>, note: (served: Span) => Promise<void>) {
    const present = this.#stretches.get(key);
    const stretch = present ?? { announced: announce(), note, served: [], readers: 0, timer: null };
    if (!present) this.#stretches.set(key, stretch);
    stretch.readers += 1;
    if (stretch.timer) clearTimeout(stretch.timer);
    try {
      await stretch.announced;
    } catch (error) {
      stretch.readers -= 1;
      if (this.#stretches.get(key) === stretch) this.#stretches.delete(key);
      throw error;
    }
    return {
      leave: (served: Span) => {
        stretch.readers -= 1;
        if (served[1] > served[0]) stretch.served.push(served);
        if (stretch.readers === 0) this.#closeLater(key, stretch);
      },
    };
  }

  isCrowded(key: string): boolean {
    const now = performance.now();
    for (const [name, { since }] of this.#singles) if (now - since > minuteMs) this.#singles.delete(name);
    const singles = this.#singles.get(key) ?? { since: now, count: 0 };
    this.#singles.set(key, singles);
    singles.count += 1;
    return singles.count > singlesPerMinute;
  }

  /** Notes what is still open, for the end of the process. @throws what the database says. */
  async close(): Promise<void> {
    for (const [key, stretch] of [...this.#stretches]) await this.#close(key, stretch);
  }

  #closeLater(key: string, stretch: Stretch): void {
    stretch.timer = setTimeout(() => {
      this.#close(key, stretch).catch(() => this.#closeLater(key, stretch));
    }, this.#quietMs);
    stretch.timer.unref();
  }

  async #close(key: string, stretch: Stretch): Promise<void> {
    if (stretch.timer) clearTimeout(stretch.timer);
    // From now on a reader opens a stretch of its own.
    if (this.#stretches.get(key) === stretch) this.#stretches.delete(key);
    for (const span of joinSpans(stretch.served)) {
      await stretch.note(span);
      stretch.served = stretch.served.filter(([start]) => start >= span[1]);
    }
  }
}

function joinSpans(spans: readonly Span[]): Span[] {
  const joined: [number, number][] = [];
  for (const [start, end] of spans.toSorted((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else joined.push([start, end]);
  }
  return joined;
}
