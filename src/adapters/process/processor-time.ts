import { readdir, readFile } from 'node:fs/promises';

/** USER_HZ of Linux, on every machine. */
export const ticksPerSecond = 100;

/** Where these fields stand behind the name of the program in `/proc/<pid>/stat`, proc(5). */
const field = { group: 2, user: 11, system: 12, endedUser: 13, endedSystem: 14 } as const;

/**
 * Processor time that the living processes of a group have used, and their children that ended, in ticks of the kernel.
 * Null where the system does not say (no `/proc`).
 */
export async function processorTicks(groupId: number): Promise<number | null> {
  const names = await readdir('/proc').catch(() => []);
  const all = await Promise.all(
    names
      .filter((name) => /^\d+$/.test(name))
      // A process may end while it is asked.
      .map((pid) => readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')),
  );
  const fields = all.map((stat) => stat.slice(stat.lastIndexOf(')') + 2).split(' '));
  const own = fields.filter((each) => Number(each[field.group]) === groupId);
  if (own.length === 0) return null;
  const used = (each: string[]) =>
    [field.user, field.system, field.endedUser, field.endedSystem].reduce((sum, at) => sum + Number(each[at]), 0);
  return own.reduce((sum, each) => sum + used(each), 0);
}
