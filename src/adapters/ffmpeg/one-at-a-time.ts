/** Runs what is asked for one after the other. Who gives up while waiting is not run. */
export function oneAtATime(): <T>(signal: AbortSignal | undefined, work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (signal, work) => {
    const mine = last.then(() => {
      signal?.throwIfAborted();
      return work();
    });
    last = mine.catch(() => undefined); // told to whoever asked for it
    return mine;
  };
}
