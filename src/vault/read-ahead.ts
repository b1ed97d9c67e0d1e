import { mustHave } from '../domain/must-have.ts';
/**
 * Passes `source` on and lets it work on the next `items` items while the consumer is busy with one. Items come in
 * order; a failure comes after the items before it. Holds at most `items` of them. When the consumer leaves, `source`
 * is ended, which waits for its current work: a caller that must not wait aborts it first, in `leave`. Items that the
 * consumer never saw go to `drop`.
 */
export async function* readAhead<T>(
  source: AsyncIterable<T>,
  items: number,
  { leave, drop }: { leave?: () => void; drop?: (item: T) => void } = {},
): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  const asked: Promise<IteratorResult<T>>[] = [];
  let isDone = false;
  try {
    for (;;) {
      while (asked.length <= items) asked.push(ask(iterator));
      const next = await mustHave(asked.shift(), 'item that was asked for');
      if (next.done) {
        isDone = true;
        return;
      }
      yield next.value;
    }
  } finally {
    if (!isDone) {
      leave?.();
      // The consumer has left, or knows the failure already.
      await iterator.return?.().catch(() => {});
      for (const unseen of asked) await unseen.then((next) => next.done || drop?.(next.value)).catch(() => {});
    }
  }
}

/** A failure is handled when its turn comes; until then it must not count as unhandled. */
function ask<T>(iterator: AsyncIterator<T>): Promise<IteratorResult<T>> {
  const next = iterator.next();
  next.catch(() => {});
  return next;
}
