import type { Reason } from '../domain/reason.ts';
import { lostName } from './names.ts';
import { formulaLike } from './notices.ts';
import type { RosterRow } from './records.ts';
import type { RosterKind, RosterLink, RosterNotice, RosterPerson } from './roster.ts';
import { telephone } from './telephone.ts';
import { tidy } from './words.ts';

/** A row of users.csv as a person; the key is the identifier of the source. */
export function personOf(row: RosterRow, kinds: readonly RosterKind[]): RosterPerson {
  const key = row.get('sourcedId');
  const mayBePupil = kinds.length === 0 || kinds.includes('pupil');
  return {
    key,
    kinds,
    name: tidy(`${row.get('givenName')} ${row.get('middleName')} ${row.get('familyName')}`),
    sourceId: key,
    schoolNumber: mayBePupil ? row.get('identifier') || null : null,
    email: row.get('email') || null,
    phone: telephone(row.get('phone') || row.get('sms')),
    from: row.from,
  };
}

const nameColumns = ['givenName', 'middleName', 'familyName'] as const;

/** Adds what is wrong with the name of a person. */
export function checkName(row: RosterRow, reasons: Reason[]): void {
  const { file, line } = row.from;
  if (nameColumns.every((column) => row.get(column) === ''))
    reasons.push({ code: 'ROSTER_CELL_EMPTY', params: { file, line, column: 'familyName' } });
  for (const column of nameColumns) reasons.push(...lostName(row.get(column), column, row.from));
}

export const noticesOfUser = (row: RosterRow): RosterNotice[] =>
  [...nameColumns, 'email'].flatMap((column) => formulaLike(row.get(column), column, row.from));

/** Guardians who cannot be told anything by mail. */
export function withoutAddress(
  persons: ReadonlyMap<string, RosterPerson>,
  links: readonly RosterLink[],
): RosterNotice[] {
  const guardians = new Set(links.filter(({ authority }) => authority !== 'none').map(({ other }) => other));
  return [...guardians].flatMap((key) => {
    const person = persons.get(key);
    if (person === undefined || person.email !== null) return [];
    return [{ code: 'GUARDIAN_WITHOUT_ADDRESS', params: { name: person.name }, from: person.from }];
  });
}

export const nobody = (id: string, from: RosterNotice['from']): RosterNotice => ({
  code: 'REFERENCE_TO_NOBODY',
  params: { id },
  from,
});
