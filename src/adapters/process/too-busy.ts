import { Refusal } from '../../domain/errors.ts';
import type { RunResult } from './run-request.ts';

/** The machine had no time, or no memory, for a program: it says nothing about the file, and the same may be tried again. */
export const tooBusy = (message: string): Refusal => new Refusal('PROCESSOR_UNAVAILABLE', { message });

/**
 * Before a run that failed is taken for a judgement on a file: whether the clock, and not the file, ended it. So does the
 * system when it runs out of memory and kills (SIGKILL; 137 behind walls) what we did not.
 * @throws Refusal `PROCESSOR_UNAVAILABLE`.
 */
export function assertHadTime({ hitLimit, killedBy, exitCode, stderrTail }: RunResult): void {
  if (hitLimit === 'wall') throw tooBusy('a program made no headway, or not enough of it');
  if (hitLimit === null && (killedBy === 'SIGKILL' || exitCode === 128 + 9))
    throw tooBusy(`a program was killed: ${stderrTail.slice(-3).join(' ')}`);
}
