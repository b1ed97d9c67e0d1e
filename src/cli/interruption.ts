import { constants } from 'node:os';
import process from 'node:process';

type Signal = 'SIGINT' | 'SIGTERM';

/** Ctrl-C, or SIGTERM. `message` tells the reader, in their language, what became of the work. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly signal: Signal;

  constructor(signal: Signal, message = signal as string) {
    super(message);
    this.signal = signal;
  }

  /** As shells count: 130 after Ctrl-C, 143 after SIGTERM. */
  get exitCode(): number {
    return 128 + constants.signals[this.signal];
  }
}

/** Runs `work` with a signal that aborts with `Interrupted`. A second signal ends the process. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const heard = (signal: Signal) => {
    process.off('SIGINT', heard).off('SIGTERM', heard);
    stop.abort(new Interrupted(signal));
  };
  process.on('SIGINT', heard).on('SIGTERM', heard);
  try {
    return await work(stop.signal);
  } finally {
    process.off('SIGINT', heard).off('SIGTERM', heard);
  }
}
