import { storableMs } from './storable.ts';

/**
 * Writes the progress of long work, once a second at most. A write that fails is no loss: the next one comes in a
 * second.
 */
export function noteEverySecond(write: (doneMs: number) => Promise<unknown>): (doneMs: number) => void {
  let lastNote = 0;
  return (doneMs) => {
    if (performance.now() - lastNote < 1_000) return;
    lastNote = performance.now();
    write(storableMs(doneMs)).catch(() => {});
  };
}

/** Counts the bytes that pass, of one stream after the other, and writes the sum once a second at most. */
export function noteBytesEverySecond(
  write: (doneBytes: number) => Promise<unknown>,
): (bytes: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array> {
  let doneBytes = 0;
  let lastNote = performance.now();
  return async function* (bytes) {
    for await (const piece of bytes) {
      doneBytes += piece.length;
      if (performance.now() - lastNote >= 1_000) {
        lastNote = performance.now();
        write(doneBytes).catch(() => {}); // as above
      }
      yield piece;
    }
  };
}
