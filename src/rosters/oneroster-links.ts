import { nobody } from './bundle-people.ts';
import type { RosterRow } from './records.ts';
import { relatedAs } from './roles.ts';
import type { Provenance, RosterKind, RosterLink, RosterNotice, RosterPerson } from './roster.ts';

interface Pair {
  readonly pupil: string;
  readonly other: string;
  /** Where it was said first. */
  readonly from: Provenance;
  /** Whose rows say it. */
  readonly sides: ReadonlySet<'pupil' | 'other'>;
}

/**
 * Who is named beside whom (`agentSourcedIds`). Systems write it on the row of the pupil, on that of the guardian, or on
 * both: where both sides name agents and do not name each other, that is told.
 */
export function oneRosterLinks(
  users: readonly RosterRow[],
  persons: ReadonlyMap<string, RosterPerson>,
  isWhole: boolean,
): { links: RosterLink[]; notices: RosterNotice[] } {
  const pairs = new Map<string, Pair>();
  const notices: RosterNotice[] = [];
  const naming = new Set<string>();
  const kindsOf = (id: string): readonly RosterKind[] => persons.get(id)?.kinds ?? [];
  const note = (pupil: string, other: string, side: 'pupil' | 'other', from: Provenance) => {
    const key = JSON.stringify([pupil, other]);
    const known = pairs.get(key);
    pairs.set(key, { pupil, other, from: known?.from ?? from, sides: new Set([...(known?.sides ?? []), side]) });
  };
  for (const row of users) {
    const id = row.get('sourcedId');
    const { from } = row;
    for (const agent of row.list('agentSourcedIds')) {
      naming.add(id);
      if (isWhole && !persons.has(agent)) notices.push(nobody(agent, from));
      else if (kindsOf(id).includes('pupil')) note(id, agent, 'pupil', from);
      else if (kindsOf(agent).includes('pupil') || kindsOf(id).includes('guardian')) note(agent, id, 'other', from);
      else notices.push({ code: 'RELATION_WITHOUT_ROLE', params: { id, agent }, from });
    }
  }
  const said = [...pairs.values()];
  return {
    links: said.map(({ pupil, other, from }) => ({ pupil, other, ...relatedAs(kindsOf(other)), from })),
    notices: [...notices, ...said.filter((pair) => isContradicted(pair, naming)).map(oneSided)],
  };
}

/** One side says it, and the other names agents and leaves this one out. */
const isContradicted = ({ pupil, other, sides }: Pair, naming: ReadonlySet<string>): boolean =>
  sides.size === 1 && naming.has(sides.has('pupil') ? other : pupil);

const oneSided = ({ pupil, other, from }: Pair): RosterNotice => ({
  code: 'RELATION_ON_ONE_SIDE_ONLY',
  params: { pupil, other },
  from,
});
