import type { OpenSource } from '../ports/media.ts';
import type { WatchedSources } from '../ports/viewing.ts';

/** A source that several requests of one viewing may use. `close` gives it back. */
interface Shared {
  readonly sealedId: string;
  readonly opening: Promise<OpenSource>;
  users: number;
  isForgotten: boolean;
  idle: NodeJS.Timeout | null;
}

/**
 * Opened sources for viewings that come in many requests: a browser asks for every range again, and opening, decrypting and
 * asking the store each time for the same chunk would cost more than the range. Holds keys and plaintext of what is being
 * watched, so few of them and not for long. Says nothing about permission: that is asked at every request before this.
 */
export class SharedSources implements WatchedSources {
  readonly #idleMs: number;
  readonly #mostIdle: number;
  /** Those that were idle longest come first. */
  readonly #shared = new Map<string, Shared>();

  constructor(options: { idleMs?: number; mostIdle?: number } = {}) {
    this.#idleMs = options.idleMs ?? 30_000;
    this.#mostIdle = options.mostIdle ?? 16;
  }

  /** Requests that come while a source is being opened wait for the same, and for the same failure. */
  async borrow(key: string, sealedId: string, open: () => Promise<OpenSource>): Promise<OpenSource> {
    const present = this.#shared.get(key);
    const shared = present ?? { sealedId, opening: open(), users: 0, isForgotten: false, idle: null };
    if (!present) this.#shared.set(key, shared);
    shared.users += 1;
    if (shared.idle) clearTimeout(shared.idle);
    shared.idle = null;
    let source: OpenSource;
    try {
      source = await shared.opening;
    } catch (error) {
      shared.users -= 1;
      if (this.#shared.get(key) === shared) this.#shared.delete(key);
      throw error;
    }
    let isGivenBack = false;
    return {
      bytes: source.bytes,
      read: (start, end, signal) => source.read(start, end, signal),
      close: () => {
        if (isGivenBack) return;
        isGivenBack = true;
        this.#giveBack(key, shared, source);
      },
    };
  }

  forget(sealedId: string): void {
    for (const [key, shared] of this.#shared) if (shared.sealedId === sealedId) this.#drop(key, shared);
  }

  /** Closes all, for the end of the process. */
  close(): void {
    for (const [key, shared] of this.#shared) this.#drop(key, shared);
  }

  #giveBack(key: string, shared: Shared, source: OpenSource): void {
    shared.users -= 1;
    if (shared.users > 0) return;
    if (shared.isForgotten) {
      source.close();
      return;
    }
    shared.idle = setTimeout(() => this.#drop(key, shared), this.#idleMs);
    shared.idle.unref();
    this.#shared.delete(key);
    this.#shared.set(key, shared);
    const idle = [...this.#shared].filter(([, one]) => one.idle !== null);
    for (const [oldKey, old] of idle.slice(0, Math.max(0, idle.length - this.#mostIdle))) this.#drop(oldKey, old);
  }

  #drop(key: string, shared: Shared): void {
    shared.isForgotten = true;
    this.#shared.delete(key);
    if (!shared.idle) return;
    clearTimeout(shared.idle);
    // Idle means opened: it was given back by somebody who had it.
    void shared.opening.then((source) => source.close());
  }
}
