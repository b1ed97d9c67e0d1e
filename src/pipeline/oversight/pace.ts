import { setTimeout as wait } from 'node:timers/promises';

/** Lets `bytesPerSecond` through on average, in steps of a tenth of a second at least. */
export function createPace(bytesPerSecond: number, signal: AbortSignal): (bytes: number) => Promise<void> {
  const begun = performance.now();
  let total = 0;
  return async (bytes) => {
    total += bytes;
    const aheadMs = (total / bytesPerSecond) * 1000 - (performance.now() - begun);
    if (aheadMs > 100) await wait(aheadMs, undefined, { signal });
  };
}
