import type { WorkSound } from '../../detection/sound-match.ts';
import type { Outside } from '../ports/outside.ts';
import { soundFromBytes } from './work-prints.ts';

type Reads = Pick<Outside['database']['read'], 'work'>;

export interface WorkCache {
  /** Of a work that the last `load` asked for: its sound, when it has one. */
  get(work: number): WorkSound | undefined;
  load(works: readonly number[]): Promise<void>;
}

/**
 * Sounds of works, read when they are needed. All works of one `load` are held, however many; beyond `mostHeld`, the
 * least recently used works make room.
 */
export function createWorkCache(read: Reads, mostHeld = 2_000): WorkCache {
  /** In the order of their last use; null for a work without sound. */
  const held = new Map<number, WorkSound | null>();
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
        select: { number: true, sound: true },
      });
      for (const { number, sound } of rows) held.set(number, sound && soundFromBytes(sound));
      for (const work of held.keys()) {
        if (held.size <= Math.max(mostHeld, wanted.size)) break;
        held.delete(work);
      }
    },
  };
}
