import type { RosterKind, RosterLink } from './roster.ts';

/**
 * Roles of OneRoster 1.1 (4.13.8) and 1.2 (role of a user), and of SDS, by what they are here. An aide helps one pupil
 * and is not of the school (1.1). Every role that is not named is a member of staff.
 */
const kinds: ReadonlyMap<string, RosterKind> = new Map([
  ['student', 'pupil'],
  ['parent', 'guardian'],
  ['guardian', 'guardian'],
  ['relative', 'contact'],
  ['aide', 'contact'],
  ['doctor', 'contact'],
  ['child', 'contact'],
  ['other', 'contact'],
]);

export function kindsOf(roles: Iterable<string>): RosterKind[] {
  const named = [...roles].filter((role) => role !== '');
  return [...new Set(named.map((role) => kinds.get(role.toLowerCase()) ?? 'staff'))];
}

/**
 * What somebody who is named beside a pupil may do. A parent or guardian may sign. Of a member of staff, and of somebody
 * without a role, nobody knows how they are related.
 */
export function relatedAs(kindsOfOther: readonly RosterKind[]): Pick<RosterLink, 'relation' | 'authority'> {
  if (kindsOfOther.includes('guardian')) return { relation: 'carer', authority: 'may_sign' };
  if (kindsOfOther.includes('contact') || kindsOfOther.includes('pupil'))
    return { relation: 'other', authority: 'none' };
  return { relation: 'other', authority: 'undecided' };
}
