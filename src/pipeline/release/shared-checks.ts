import type { Refusal } from '../../domain/errors.ts';
import type { WatchChecks } from '../ports/viewing.ts';

const askAgainMs = 1_000;

interface Check {
  readonly ask: () => Promise<Refusal | null>;
  readonly timer: NodeJS.Timeout;
  watching: number;
  /** Why nobody may go on; null: all may. */
  refusal: Refusal | null;
  /** What went wrong when it was asked; whoever watches then does not go on either. */
  failure: { readonly error: unknown } | null;
  /** While the answer is awaited, nobody goes on. */
  asking: Promise<void> | null;
}

/**
 * Whether what is being watched may still be watched: asked every second, once for all who watch the same. The busier the
 * machine, the longer requests are under way: if each asked for itself, they would make it busier still.
 */
export class SharedChecks implements WatchChecks {
  readonly #checks = new Map<string, Check>();

  watch(key: string, ask: () => Promise<Refusal | null>): { whyNot(): Promise<Refusal | null>; leave(): void } {
    const check = this.#checks.get(key) ?? this.#begin(key, ask);
    check.watching += 1;
    let isLeft = false;
    return {
      async whyNot() {
        if (check.asking) await check.asking;
        if (check.failure) throw check.failure.error;
        return check.refusal;
      },
      leave: () => {
        if (isLeft) return;
        isLeft = true;
        check.watching -= 1;
        if (check.watching === 0) this.#end(key, check);
      },
    };
  }

  #begin(key: string, ask: () => Promise<Refusal | null>): Check {
    const timer = setTimeout(() => {
      check.asking = this.#ask(key, check);
    }, askAgainMs).unref();
    const check: Check = { ask, timer, watching: 0, refusal: null, failure: null, asking: null };
    this.#checks.set(key, check);
    return check;
  }

  async #ask(key: string, check: Check): Promise<void> {
    try {
      check.refusal = await check.ask();
    } catch (error) {
      check.failure = { error };
    }
    check.asking = null;
    // Whoever comes after a refusal was asked about at their own beginning.
    if (check.refusal || check.failure) this.#end(key, check);
    else if (check.watching > 0) check.timer.refresh();
  }

  #end(key: string, check: Check): void {
    clearTimeout(check.timer);
    if (this.#checks.get(key) === check) this.#checks.delete(key);
  }
}
