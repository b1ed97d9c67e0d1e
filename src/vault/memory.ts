/** Whether nothing else can see these octets through the same memory: a view of the whole of a buffer. */
export function ownsItsMemory(octets: Uint8Array): boolean {
  return octets.byteLength === octets.buffer.byteLength;
}

/**
 * Gives the memory of octets back at once. The collector would come for it much later: to V8 a buffer is a small object,
 * however much hangs from it (docs/performance.md). For whoever owns them and knows that nobody reads them any more: they
 * are empty from here on. What shares its memory is left to the collector.
 */
export function freeMemory(octets: Uint8Array): void {
  if (ownsItsMemory(octets)) (octets.buffer as ArrayBuffer).transfer(0);
}

/** For a consumer that is done with a piece when it asks for the next one, as `ObjectStore.put` is: then it is freed. */
export async function* lend(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    yield piece;
    freeMemory(piece);
  }
}
