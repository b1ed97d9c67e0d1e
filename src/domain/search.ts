import type { StaffRole } from './ids.ts';

/** What somebody sees of a kind of thing: only what belongs to a lesson of theirs, or all of the school. */
export type Reach = 'own' | 'any';
export type ReachByRole = Readonly<Partial<Record<StaffRole, Reach>>>;

/** How much somebody with these roles sees; undefined: nothing. The wider reach counts. */
export function reachOf(to: ReachByRole, roles: readonly StaffRole[]): Reach | undefined {
  const reaches = roles.flatMap((role) => to[role] ?? []);
  return reaches.includes('any') ? 'any' : reaches[0];
}

/** What can be searched for, and by whom: as the lists of these things allow. */
export const searchedBy = {
  course: { teacher: 'own', reviewer: 'any', administrator: 'any' },
  lesson: { teacher: 'own', reviewer: 'any', administrator: 'any' },
  person: { teacher: 'any', administrator: 'any' },
  recording: { teacher: 'own', reviewer: 'any', administrator: 'any' },
} as const satisfies Record<string, ReachByRole>;
export type SearchKind = keyof typeof searchedBy;
export const searchKinds = Object.keys(searchedBy) as [SearchKind, ...SearchKind[]];

/** How many of each kind a search finds at most. */
export const mostFoundOfKind = 8;
