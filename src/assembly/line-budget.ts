const minuteMs = 60_000;

/**
 * Limits how many lines strangers can cause in the server's own log: so many of a kind in a minute, the rest is
 * counted.
 */
export class LineBudget {
  readonly #perMinute: number;
  readonly #onLeftOut: (kind: string, lines: number) => void;
  #since = performance.now();
  #counts = new Map<string, number>();

  /**
   * `kind`s are few: route patterns with a status. `onLeftOut` gets the number of lines of a minute that were not
   * written.
   */
  constructor(perMinute: number, onLeftOut: (kind: string, lines: number) => void) {
    this.#perMinute = perMinute;
    this.#onLeftOut = onLeftOut;
  }

  admits(kind: string): boolean {
    if (performance.now() - this.#since >= minuteMs) this.flush();
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    return count <= this.#perMinute;
  }

  /** Reports the lines left out and begins a new minute. */
  flush(): void {
    const counts = this.#counts;
    this.#counts = new Map();
    this.#since = performance.now();
    for (const [kind, count] of counts) if (count > this.#perMinute) this.#onLeftOut(kind, count - this.#perMinute);
  }
}
