import type { OpenedChunk } from './open-chunk.ts';

interface Held {
  readonly chunk: OpenedChunk;
  users: number;
  isEvicted: boolean;
}

/**
 * The chunks decrypted last, for reads that come back to them: at most `capacity`, the least recently used leaves
 * first. A chunk that leaves is overwritten as soon as no read uses it. Readers copy octets out and keep none.
 */
export class ChunkWindow {
  readonly #capacity: number;
  /** In order of use. */
  readonly #held = new Map<number, Held>();
  #isWiped = false;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  has(index: number): boolean {
    return this.#held.has(index);
  }

  /** Lends a chunk; the borrower calls `giveBack` in any case. Null if the window does not hold it. */
  borrow(index: number): Held | null {
    const held = this.#held.get(index);
    if (!held) return null;
    this.#held.delete(index);
    this.#held.set(index, held);
    held.users += 1;
    return held;
  }

  /** Adds a chunk and lends it. If another read was faster, lends that one and overwrites this. */
  add(chunk: OpenedChunk): Held {
    const present = this.borrow(chunk.index);
    if (present) {
      wipe(chunk);
      return present;
    }
    const held = { chunk, users: 1, isEvicted: this.#isWiped };
    if (this.#isWiped) return held;
    this.#held.set(chunk.index, held);
    for (const [index, oldest] of this.#held) {
      if (this.#held.size <= this.#capacity) break;
      this.#held.delete(index);
      evict(oldest);
    }
    return held;
  }

  giveBack(held: Held): void {
    held.users -= 1;
    if (held.isEvicted && held.users === 0) wipe(held.chunk);
  }

  /**
   * Overwrites everything and keeps nothing from then on. That includes lent chunks: before they copy, borrowers must
   * check whether the media is closed.
   */
  wipe(): void {
    this.#isWiped = true;
    for (const { chunk } of this.#held.values()) wipe(chunk);
    this.#held.clear();
  }
}

function evict(held: Held): void {
  held.isEvicted = true;
  if (held.users === 0) wipe(held.chunk);
}

function wipe(chunk: OpenedChunk): void {
  for (const { bytes } of chunk.media) bytes.fill(0);
}
