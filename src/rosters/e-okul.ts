import type { Reason } from '../domain/reason.ts';
import { classNameOf } from './class-name.ts';
import { type Block, readBlocks } from './e-okul-blocks.ts';
import { isSensitive } from './headings.ts';
import { lostName } from './names.ts';
import type { PlacedRow } from './placed-row.ts';
import { refuseIfAny, unreadable } from './refusal.ts';
import type { Provenance, Roster, RosterMembership, RosterNotice, RosterPerson } from './roster.ts';
import { tidy } from './words.ts';

/**
 * The class list of e-Okul (report OOG01001R020): a block for each class, with a title, teachers, headings, pupils and
 * their count. It names no guardians, and nobody but pupils is read.
 * @throws Refusal `ROSTER_UNREADABLE` with every row between the headings and the count that is no pupil, and every count
 * that is not that of the rows.
 */
export function readEOkul(rows: readonly PlacedRow[]): Roster {
  const reasons: Reason[] = [];
  const notices: RosterNotice[] = [];
  const persons = new Map<string, RosterPerson>();
  const memberships = new Map<string, RosterMembership>();
  const blocks = readBlocks(rows);
  const nameOf = namesOfClasses(blocks);
  for (const block of blocks) {
    reasons.push(...block.reasons);
    for (const { number, given, family, from } of block.pupils) {
      const { file, line } = from;
      const name = tidy(`${given} ${family}`);
      const key = `number ${number}`;
      const known = persons.get(key);
      const className = nameOf(block);
      reasons.push(...lostName(name, block.nameHeading, from));
      if (known !== undefined && known.name !== name)
        reasons.push(...[known.from, from].map((place) => numberTwice(place, number)));
      if (memberships.has(`${key} ${className}`))
        notices.push({ code: 'LINE_REPEATED', params: {}, from: { file, line } });
      if (known === undefined) persons.set(key, pupilOf(key, number, name, from));
      memberships.set(`${key} ${className}`, { person: key, className, classSourceId: null, from });
    }
  }
  refuseIfAny(reasons);
  if (persons.size === 0) throw unreadable({ code: 'ROSTER_NO_ROWS', params: { file: rows[0]?.from.file ?? '' } });
  return {
    format: 'e_okul',
    extent: 'classes',
    schoolName: blocks.find(({ schoolName }) => schoolName !== null)?.schoolName ?? null,
    persons: [...persons.values()],
    links: [],
    memberships: [...memberships.values()],
    ended: [],
    leaving: [],
    notices,
    dropped: [...new Set(blocks.flatMap(({ headings }) => headings.filter(isSensitive)))],
  };
}

/** Two classes of two schools in one may have one grade and section: then each keeps the title that it has. */
function namesOfClasses(blocks: readonly Block[]): (block: Block) => string {
  const titles = new Map<string, Set<string>>();
  for (const { title } of blocks)
    titles.set(classNameOf(title), (titles.get(classNameOf(title)) ?? new Set()).add(title));
  return ({ title }) => ((titles.get(classNameOf(title))?.size ?? 0) > 1 ? title : classNameOf(title));
}

const numberTwice = ({ file, line }: Provenance, number: string): Reason => ({
  code: 'ROSTER_NUMBER_TWICE',
  params: { file, line, number },
});

const pupilOf = (key: string, schoolNumber: string, name: string, from: Provenance): RosterPerson => ({
  key,
  kinds: ['pupil'],
  name,
  sourceId: null,
  schoolNumber,
  email: null,
  phone: null,
  from,
});
