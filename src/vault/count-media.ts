import { sliceBytes } from './chunk-cipher.ts';
import type { Digest } from './digest-thread.ts';
import { LengthMismatch } from './errors.ts';

/**
 * The digest gets so many octets at once: a message to a thread costs the same for many and for few
 * (docs/performance.md).
 */
const countedBytes = 2 ** 20;
const onTheWayAtMost = 4;

type Octets = Uint8Array<ArrayBuffer>;

/**
 * Copies media, in pieces of any size, into memory of its own, hands that out in slices and then counts it into the
 * digest, which may be on another thread. Holds six times `countedBytes` at most, and overwrites what comes back.
 */
export class MediaRooms {
  readonly #roomBytes: number;
  readonly #digest: Digest;
  readonly #spare: Octets[] = [];
  readonly #onTheWay: Promise<readonly Octets[]>[] = [];
  #room: Octets;
  #passed = 0;
  #filled = 0;

  constructor(mediaBytes: number, digest: Digest) {
    this.#roomBytes = Math.min(countedBytes, mediaBytes);
    this.#digest = digest;
    this.#room = Buffer.allocUnsafeSlow(this.#roomBytes);
  }

  /** Copies octets up to the end of the current slice, and returns how many. */
  take(octets: Uint8Array): number {
    const run = octets.subarray(0, this.#sliceEnd - this.#filled);
    this.#room.set(run, this.#filled);
    this.#filled += run.length;
    return run.length;
  }

  /** The current slice when it is full, or null. Valid until `turn`, which must follow. */
  fullSlice(): Uint8Array | null {
    return this.#filled < this.#sliceEnd ? null : this.#pass();
  }

  /** What there is of a last slice, or null. */
  rest(): Uint8Array | null {
    return this.#filled === this.#passed ? null : this.#pass();
  }

  /** After a slice was read: counts what is full, and waits when too much is on the way. */
  async turn(): Promise<void> {
    if (this.#filled < this.#roomBytes) return;
    this.#count(this.#room);
    const oldest = this.#onTheWay.length > onTheWayAtMost ? this.#onTheWay.shift() : undefined;
    if (oldest) this.#spare.push(...(await oldest));
    this.#room = this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#roomBytes);
    this.#passed = this.#filled = 0;
  }

  /** Counts what is left and waits until all of it is counted. */
  async end(): Promise<void> {
    if (this.#filled > 0) this.#count(this.#room.subarray(0, this.#filled));
    for (const counted of this.#onTheWay) this.#spare.push(...(await counted));
  }

  wipe(): void {
    for (const octets of [this.#room, ...this.#spare]) octets.fill(0);
  }

  get #sliceEnd(): number {
    return Math.min(this.#passed + sliceBytes, this.#roomBytes);
  }

  #pass(): Uint8Array {
    const slice = this.#room.subarray(this.#passed, this.#filled);
    this.#passed = this.#filled;
    return slice;
  }

  #count(octets: Octets): void {
    const counted = this.#digest.add(octets);
    counted.catch(() => {}); // met when its turn comes
    this.#onTheWay.push(counted);
  }
}

export interface CountedMedia {
  /** Valid until the next one is asked for. @throws LengthMismatch as soon as it is certain. */
  slices(): AsyncGenerator<Uint8Array>;
  /** Count so far. */
  readonly bytes: number;
}

/** Media of declared length, in slices, counted into the digest through `MediaRooms`. */
export function countMedia(media: AsyncIterable<Uint8Array>, declaredBytes: number, digest: Digest): CountedMedia {
  let bytes = 0;
  async function* slices(): AsyncGenerator<Uint8Array> {
    const rooms = new MediaRooms(declaredBytes, digest);
    try {
      for await (const piece of media) {
        bytes += piece.length;
        if (bytes > declaredBytes) throw new LengthMismatch(declaredBytes, bytes);
        for (let rest = piece; rest.length > 0; ) {
          rest = rest.subarray(rooms.take(rest));
          const slice = rooms.fullSlice();
          if (slice === null) continue;
          yield slice;
          await rooms.turn();
        }
      }
      if (bytes < declaredBytes) throw new LengthMismatch(declaredBytes, bytes);
      const last = rooms.rest();
      if (last !== null) yield last;
      await rooms.end();
    } finally {
      rooms.wipe();
    }
  }
  return {
    slices,
    get bytes() {
      return bytes;
    },
  };
}

/**
 * For media of unknown length, which the literal packet gathers anyway: pieces pass as they come and are counted here.
 */
export function countUndeclared(media: AsyncIterable<Uint8Array>, digest: Digest): CountedMedia {
  let bytes = 0;
  return {
    async *slices() {
      for await (const piece of media) {
        bytes += piece.length;
        await digest.add(piece as Uint8Array<ArrayBuffer>);
        yield piece;
      }
    },
    get bytes() {
      return bytes;
    },
  };
}
