import { storableMs } from './storable.ts';

/** Writes how far long work has come, once a second at most. A note that fails is no loss: the next one comes in a second. */
export function noteEverySecond(write: (doneMs: number) => Promise<unknown>): (doneMs: number) => void {
  let lastNote = 0;
  return (doneMs) => {
    if (performance.now() - lastNote < 1_000) return;
    lastNote = performance.now();
    write(storableMs(doneMs)).catch(() => {});
  };
}
