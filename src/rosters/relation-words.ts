import type { Relation } from '../domain/person.ts';
import type { RosterLink } from './roster.ts';
import { plain } from './words.ts';

const words: Readonly<Record<Exclude<Relation, 'other'>, readonly string[]>> = {
  mother: ['anne', 'annesi', 'mother', 'mum', 'mom'],
  father: ['baba', 'babasi', 'father', 'dad'],
  carer: ['vasi', 'vasisi', 'veli', 'velisi', 'guardian', 'legal guardian', 'carer', 'parent', 'ebeveyn'],
};

type Related = Pick<RosterLink, 'relation' | 'authority'>;

/** Who says nothing decides nothing; who is neither a parent nor a guardian may not sign. */
export function relationOf(text: string): Related {
  const word = plain(text);
  if (word === '') return { relation: 'other', authority: 'undecided' };
  for (const relation of ['mother', 'father', 'carer'] as const)
    if (words[relation].includes(word)) return { relation, authority: 'may_sign' };
  return { relation: 'other', authority: 'none' };
}

/** What the heading of a name says of everybody below it, as `Anne Adı` does. */
export function relationInHeading(heading: string): Related {
  const said = plain(heading).split(' ');
  for (const relation of ['mother', 'father'] as const)
    if (said.some((word) => words[relation].includes(word))) return { relation, authority: 'may_sign' };
  return relationOf('');
}
