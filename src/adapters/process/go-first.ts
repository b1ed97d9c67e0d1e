import { readdirSync } from 'node:fs';
import { getPriority, platform, setPriority } from 'node:os';

/** What somebody waits for: before everything that has asked for nothing. */
const priority = -10;

/**
 * Lets a process (this one by default) go before others, and what it starts from now on with it. Linux only, and only
 * where the system allows it: to root, or by RLIMIT_NICE (`LimitNICE=-10` of systemd, `ulimits: nice: 30` of compose).
 * Returns whether it was allowed.
 */
export function goFirst(pid = process.pid): boolean {
  if (platform() !== 'linux') return false;
  try {
    // On Linux each thread has a priority of its own, and some run before the first line of a program.
    for (const thread of readdirSync(`/proc/${pid}/task`)) setPriority(Number(thread), priority);
    return true;
  } catch (error) {
    // EPERM: another user's process; EACCES: no right to a higher priority; ENOENT, ESRCH: it ended meanwhile.
    if (error instanceof Error && /E(ACCES|PERM|NOENT|SRCH)/.test(error.message)) return false;
    throw error;
  }
}

/** Starts a program that does not go first: it inherits the priority of the thread that starts it. */
export function startBehind<T>(start: () => T): T {
  const own = getPriority();
  if (own >= 0) return start();
  setPriority(0);
  try {
    return start();
  } finally {
    setPriority(own);
  }
}
