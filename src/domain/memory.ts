/** Whether these octets share their memory with no others: they are a view of a whole buffer. */
export function ownsItsMemory(octets: Uint8Array): boolean {
  return octets.byteLength === octets.buffer.byteLength;
}

/**
 * Gives the memory of octets back at once. The collector would come for it much later: to V8 a buffer is a small
 * object, however much hangs from it (docs/performance.md). For an owner who knows that they are no longer read: they
 * are empty afterwards. Octets that share their memory are left to the collector.
 */
export function freeMemory(octets: Uint8Array): void {
  if (ownsItsMemory(octets)) (octets.buffer as ArrayBuffer).transfer(0);
}

/**
 * For a consumer that is done with a piece when it asks for the next one, as `ObjectStore.put` is: the piece is then
 * freed.
 */
export async function* lend(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    yield piece;
    freeMemory(piece);
  }
}
