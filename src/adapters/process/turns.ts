import { availableParallelism } from 'node:os';
import { mustHave } from '../../domain/must-have.ts';
import type { Party, Urgency } from './party.ts';
import { tooBusy } from './too-busy.ts';

interface Waiting {
  readonly party: Party;
  readonly start: () => void;
}

/**
 * Bounds how many parties have children at a time: probes, stills, renditions, checks, pages of a PDF, text that is read.
 * People go first, and jobs never take the last place, so a person waits for other people only. A party that has its turn
 * gets further children at once: nobody holds one place while waiting for another. More than `waiting` people are told to
 * come back; jobs are as many as the queue lets run.
 *
 * Passwords are hashed in a bounded pool of their own (`adapters/argon2`): whoever signs in by the thousand holds up no
 * upload.
 */
export class Turns {
  readonly #places: number;
  readonly #mostWaiting: number;
  readonly #running = new Map<string, { readonly urgency: Urgency; children: number }>();
  #queue: Waiting[] = [];

  constructor({ places = Math.max(2, availableParallelism()), waiting = 200 } = {}) {
    this.#places = places;
    this.#mostWaiting = waiting;
  }

  /**
   * Runs a child when its party has its turn.
   * @throws Refusal `PROCESSOR_UNAVAILABLE` when too many people wait; the signal's reason when aborted while waiting.
   */
  async run<T>(party: Party, signal: AbortSignal | undefined, child: () => Promise<T>): Promise<T> {
    await this.#enter(party, signal);
    try {
      return await child();
    } finally {
      this.#leave(party);
    }
  }

  #enter(party: Party, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#begin(party)) return Promise.resolve();
    if (party.urgency === 'person' && this.#queue.length >= this.#mostWaiting)
      throw tooBusy('too many people wait for a file to be read');
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#queue = this.#queue.filter((each) => each !== mine);
        reject(signal?.reason);
      };
      const mine: Waiting = {
        party,
        start: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#queue.push(mine);
    });
  }

  /** Whether the party has its turn now; if so, one more child of it counts. */
  #begin({ id, urgency }: Party): boolean {
    const own = this.#running.get(id);
    if (own) {
      own.children += 1;
      return true;
    }
    const jobs = [...this.#running.values()].filter((each) => each.urgency === 'job').length;
    const isFree = this.#running.size < this.#places && (urgency === 'person' || jobs < this.#places - 1);
    if (isFree) this.#running.set(id, { urgency, children: 1 });
    return isFree;
  }

  #leave({ id }: Party): void {
    const own = mustHave(this.#running.get(id), 'turn that ends');
    own.children -= 1;
    if (own.children > 0) return;
    this.#running.delete(id);
    // Oldest first, people before jobs. Whoever waited with more than one child gets all of them started.
    for (const urgency of ['person', 'job'] as const)
      for (const each of this.#queue.filter(({ party }) => party.urgency === urgency))
        if (this.#begin(each.party)) {
          this.#queue = this.#queue.filter((other) => other !== each);
          each.start();
        }
  }
}
