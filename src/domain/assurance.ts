import type { Audience, LeastAssurance, Purpose } from './permission.ts';

/** The least level for everything that is asked. */
export function leastLevelFor(
  least: LeastAssurance,
  purposes: readonly Purpose[],
  audiences: readonly Audience[],
): number {
  const levels = purposes.flatMap((purpose) =>
    purpose === 'release' ? audiences.map((audience) => least.release[audience]) : [least[purpose]],
  );
  return Math.max(1, ...levels);
}

/** Every answer is accepted, whatever it rests on. */
export const anyAssurance: LeastAssurance = {
  take_part: 1,
  record: 1,
  keep: 1,
  release: { class: 1, school: 1, sites: 1, families: 1 },
};
