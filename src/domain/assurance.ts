import type { Audience, LeastAssurance, Purpose } from './permission.ts';

/** The least level for everything that is needed. */
export function leastLevelFor(
  least: LeastAssurance,
  needed: { readonly purposes: readonly Purpose[]; readonly audiences: readonly Audience[] },
): number {
  const levels = needed.purposes.flatMap((purpose) =>
    purpose === 'release' ? needed.audiences.map((audience) => least.release[audience]) : [least[purpose]],
  );
  return Math.max(...levels);
}

/** Every answer is accepted, whatever it rests on. */
export const anyAssurance: LeastAssurance = {
  take_part: 1,
  record: 1,
  keep: 1,
  release: { class: 1, school: 1, sites: 1, families: 1 },
};
