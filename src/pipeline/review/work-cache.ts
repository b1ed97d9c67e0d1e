import type { Outside } from '../ports.ts';

type Reads = Pick<Outside['database']['read'], 'work'>;

export interface WorkCache<Print> {
  /** Of a work that the last `load` asked for: its print, when it has one. */
  get(work: number): Print | undefined;
  load(works: readonly number[]): Promise<void>;
}

/**
 * Prints of works, read when they are needed. What one `load` asks for is held whole, however much that is; beyond
 * `mostHeld`, works that were not asked for the longest make room.
 */
export function createWorkCache<Print>(
  read: Reads,
  column: 'sound' | 'pictures',
  decode: (bytes: Uint8Array) => Print,
  mostHeld = 2_000,
): WorkCache<Print> {
  /** In the order in which they were last asked for; null for a work without such a print. */
  const held = new Map<number, Print | null>();
  return {
    get: (work) => held.get(work) ?? undefined,
    async load(works) {
      const wanted = new Set(works);
      const missing = [...wanted].filter((work) => !held.has(work));
      for (const work of wanted) {
        const print = held.get(work);
        if (print === undefined) continue;
        held.delete(work);
        held.set(work, print);
      }
      if (missing.length === 0) return;
      const rows = await read.work.findMany({
        where: { number: { in: missing } },
        select: { number: true, sound: column === 'sound', pictures: column === 'pictures' },
      });
      for (const row of rows) {
        const bytes = row[column];
        held.set(row.number, bytes === null ? null : decode(bytes));
      }
      for (const work of held.keys()) {
        if (held.size <= Math.max(mostHeld, wanted.size)) break;
        held.delete(work);
      }
    },
  };
}
