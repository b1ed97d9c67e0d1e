/** Passes `source` on, and fails with the signal's reason at once even while `source` keeps us waiting. */
export async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  let isDone = false;
  try {
    while (!isDone) {
      const next = await new Promise<IteratorResult<T>>((settle, fail) => {
        const abort = () => fail(signal?.reason);
        if (signal?.aborted) return abort();
        signal?.addEventListener('abort', abort, { once: true });
        iterator
          .next()
          .then(settle, fail)
          .finally(() => signal?.removeEventListener('abort', abort));
      });
      isDone = next.done === true;
      if (!next.done) yield next.value;
    }
  } finally {
    // Not awaited: a source that is stuck would never answer. What it says after the abort concerns nobody.
    if (!isDone) iterator.return?.().catch(() => undefined);
  }
}

/** The keys that every store takes: printable ASCII without `\` and `~`, no empty or dot segments. */
export function assertKey(key: string): void {
  const isPlain = /^[ -[\]-}]{1,512}$/.test(key);
  const segments = key.split('/');
  if (!isPlain || segments.some((segment) => segment === '' || /^\.\.?$/.test(segment) || segment.length > 200)) {
    throw new RangeError(`not an object key: ${JSON.stringify(key)}`);
  }
}
