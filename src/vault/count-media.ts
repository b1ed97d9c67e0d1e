import { sliceBytes } from './chunk-cipher.ts';
import type { Digest } from './digest-thread.ts';
import { LengthMismatch } from './errors.ts';

/**
 * The digest gets so many octets at once: a message to a thread costs the same for many and for few
 * (docs/performance.md).
 */
const countedBytes = 2 ** 20;
const onTheWayAtMost = 4;

export interface CountedMedia {
  /** Valid until the next one is asked for. @throws LengthMismatch as soon as it is certain. */
  slices(): AsyncGenerator<Uint8Array>;
  /** Count so far. */
  readonly bytes: number;
}

/**
 * Copies media, in pieces of any size, into memory of its own, passes that on in slices and then counts it into the
 * digest, which may be on another thread. Holds six times `countedBytes` at most, and overwrites what comes back.
 */
export function countMedia(media: AsyncIterable<Uint8Array>, declaredBytes: number, digest: Digest): CountedMedia {
  const roomBytes = Math.min(countedBytes, declaredBytes);
  const spare: Uint8Array<ArrayBuffer>[] = [];
  const onTheWay: Promise<readonly Uint8Array<ArrayBuffer>[]>[] = [];
  let bytes = 0;

  const count = (octets: Uint8Array<ArrayBuffer>) => {
    const counted = digest.add(octets);
    counted.catch(() => {}); // met when its turn comes
    onTheWay.push(counted);
  };
  async function* slices(): AsyncGenerator<Uint8Array> {
    let room: Uint8Array<ArrayBuffer> = Buffer.allocUnsafeSlow(roomBytes);
    let [passed, filled] = [0, 0];
    try {
      for await (const piece of media) {
        bytes += piece.length;
        if (bytes > declaredBytes) throw new LengthMismatch(declaredBytes, bytes);
        for (let rest = piece; rest.length > 0; ) {
          const sliceEnd = Math.min(passed + sliceBytes, roomBytes);
          const run = rest.subarray(0, sliceEnd - filled);
          room.set(run, filled);
          filled += run.length;
          rest = rest.subarray(run.length);
          if (filled < sliceEnd) continue;
          yield room.subarray(passed, filled);
          passed = filled;
          if (filled < roomBytes) continue;
          count(room);
          const oldest = onTheWay.length > onTheWayAtMost ? onTheWay.shift() : undefined;
          if (oldest) spare.push(...(await oldest));
          room = spare.pop() ?? Buffer.allocUnsafeSlow(roomBytes);
          passed = filled = 0;
        }
      }
      if (bytes < declaredBytes) throw new LengthMismatch(declaredBytes, bytes);
      if (filled > passed) yield room.subarray(passed, filled);
      if (filled > 0) count(room.subarray(0, filled));
      for (const counted of onTheWay) spare.push(...(await counted));
    } finally {
      for (const octets of [room, ...spare]) octets.fill(0);
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
