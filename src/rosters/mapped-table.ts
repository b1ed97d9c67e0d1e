import type { Reason } from '../domain/reason.ts';
import type { GridRow } from './grid.ts';
import type { HeadedTable } from './headed-table.ts';
import { isSensitive } from './headings.ts';
import type { Columns } from './mapped-columns.ts';
import { type MappedRow, type NamedOther, readMappedRow } from './mapped-row.ts';
import { refuseIfAny } from './refusal.ts';
import type { Roster, RosterLink, RosterMembership, RosterNotice, RosterPerson } from './roster.ts';
import { plain, tidy } from './words.ts';

/**
 * Pupils with those who are named beside them. A list says who is in the classes that it names, and nothing of others.
 * @throws Refusal `ROSTER_UNREADABLE` with every row that cannot be read.
 */
export function readMapped(table: HeadedTable, columns: Columns): Roster {
  const { file, headings } = table;
  const reasons: Reason[] = [];
  const notices: RosterNotice[] = [];
  const persons = new Map<string, RosterPerson>();
  const links = new Map<string, RosterLink>();
  const memberships = new Map<string, RosterMembership>();
  const numbers = new Map<string, MappedRow[]>();
  const repeated = repeatedRows(table);
  for (const row of table.rows) {
    const { line } = row;
    if (repeated.has(row)) {
      notices.push({ code: 'LINE_REPEATED', params: {}, from: { file, line } });
      continue;
    }
    if (isHeadings(row, headings)) reasons.push({ code: 'ROSTER_HEADINGS_AGAIN', params: { file, line } });
    if (row.cells.slice(headings.length).some((cell) => cell !== ''))
      reasons.push({ code: 'ROSTER_ROW_TOO_LONG', params: { file, line } });
    const read = readMappedRow(row, columns, file);
    reasons.push(...read.reasons);
    notices.push(...read.notices);
    const pupil = keyOf(read);
    if (read.schoolNumber !== null) numbers.set(read.schoolNumber, [...(numbers.get(read.schoolNumber) ?? []), read]);
    note(persons, pupilOf(pupil, read));
    memberships.set(`${pupil} ${read.className}`, membershipOf(pupil, read));
    for (const other of read.others) {
      const key = keyOfOther(other, line);
      note(persons, otherOf(key, other, read));
      const { relation, authority } = other;
      links.set(`${pupil} ${key}`, { pupil, other: key, relation, authority, from: read.from });
      if (authority !== 'none' && other.email === null)
        notices.push({ code: 'GUARDIAN_WITHOUT_ADDRESS', params: { name: other.name }, from: read.from });
    }
  }
  refuseIfAny([...reasons, ...numbersTwice(numbers)]);
  return {
    format: 'table',
    extent: 'classes',
    schoolName: null,
    persons: [...persons.values()],
    links: [...links.values()],
    memberships: [...memberships.values()],
    ended: [],
    leaving: [],
    notices,
    dropped: headings.filter(isSensitive),
  };
}

/** Rows that say what a row above them says, the headings included. */
function repeatedRows({ headings, rows }: HeadedTable): ReadonlySet<GridRow> {
  const seen = new Set([JSON.stringify(headings)]);
  const repeated = new Set<GridRow>();
  for (const row of rows) {
    const said = JSON.stringify(row.cells.map(tidy));
    if (seen.has(said)) repeated.add(row);
    seen.add(said);
  }
  return repeated;
}

/** Another list begins: words of the headings, perhaps in other columns. A name may be one of them, and not three. */
function isHeadings({ cells }: GridRow, headings: readonly string[]): boolean {
  const words = new Set(headings.map(plain));
  return cells.map(plain).filter((cell) => cell !== '' && words.has(cell)).length >= 3;
}

/** A number is one pupil, who may be in several classes; without it every row is another pupil. */
const keyOf = ({ schoolNumber, from }: MappedRow): string =>
  schoolNumber === null ? `row ${from.line}` : `number ${schoolNumber}`;

/** A guardian of several children has one name and one address in all their rows; a name alone is not one person. */
function keyOfOther({ name, email, phone }: NamedOther, line: number): string {
  const address = [email?.toLowerCase(), phone?.replace(/\D/g, '')];
  return `other ${JSON.stringify([name, ...(email === null && phone === null ? [line] : address)])}`;
}

/** Adds a person, or what else they are to one who is known. */
function note(persons: Map<string, RosterPerson>, person: RosterPerson): void {
  const known = persons.get(person.key);
  const kinds = [...new Set([...(known?.kinds ?? []), ...person.kinds])];
  persons.set(person.key, { ...(known ?? person), kinds });
}

const pupilOf = (key: string, { name, schoolNumber, email, phone, from }: MappedRow): RosterPerson => ({
  key,
  kinds: ['pupil'],
  name,
  sourceId: null,
  schoolNumber,
  email,
  phone,
  from,
});

const otherOf = (key: string, { kind, name, email, phone }: NamedOther, { from }: MappedRow): RosterPerson => ({
  key,
  kinds: [kind],
  name,
  sourceId: null,
  schoolNumber: null,
  email,
  phone,
  from,
});

const membershipOf = (person: string, { className, from }: MappedRow): RosterMembership => ({
  person,
  className,
  classSourceId: null,
  from,
});

/** One number for two names: both rows are told. */
function numbersTwice(numbers: ReadonlyMap<string, readonly MappedRow[]>): Reason[] {
  return [...numbers].flatMap(([number, rows]) =>
    rows.every(({ name }) => name === rows[0]?.name)
      ? []
      : rows.map(({ from: { file, line } }) => ({
          code: 'ROSTER_NUMBER_TWICE' as const,
          params: { file, line, number },
        })),
  );
}
