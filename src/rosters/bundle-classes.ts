import { nobody } from './bundle-people.ts';
import { classNameOf } from './class-name.ts';
import type { Records, RosterRow } from './records.ts';
import type { RosterMembership, RosterNotice } from './roster.ts';

/** What classes are called, by their identifier. Classes of one title have their code or identifier behind it. */
export function classNames(classes: Records, code: 'classCode' | 'code'): ReadonlyMap<string, string> {
  const titled = classes.rows.map((row) => ({ row, name: classNameOf(row.get('title')) }));
  const counts = new Map<string, number>();
  for (const { name } of titled) counts.set(name, (counts.get(name) ?? 0) + 1);
  return new Map(
    titled.map(({ row, name }) => [
      row.get('sourcedId'),
      counts.get(name) === 1 ? name : `${name} (${row.get(code) || row.get('sourcedId')})`,
    ]),
  );
}

/** Memberships of pupils and staff; what names nobody, or no class, is a notice unless the bundle tells of changes only. */
export function membershipsOf(
  rows: readonly RosterRow[],
  names: ReadonlyMap<string, string>,
  isPerson: (id: string) => boolean,
  isWhole: boolean,
): { memberships: RosterMembership[]; notices: RosterNotice[] } {
  const memberships = new Map<string, RosterMembership>();
  const notices: RosterNotice[] = [];
  for (const row of rows) {
    const person = row.get('userSourcedId');
    const classSourceId = row.get('classSourcedId');
    const className = names.get(classSourceId) ?? null;
    if (isWhole && !isPerson(person)) notices.push(nobody(person, row.from));
    else if (isWhole && className === null) notices.push(nobody(classSourceId, row.from));
    else memberships.set(JSON.stringify([person, classSourceId]), { person, className, classSourceId, from: row.from });
  }
  return { memberships: [...memberships.values()], notices };
}

/** The name of the school, if the bundle tells of one. */
export function schoolNameOf(orgs: Records): string | null {
  const schools = orgs.rows.filter((row) => row.get('type').toLowerCase() === 'school');
  return schools.length === 1 ? (schools[0]?.get('name') ?? null) : null;
}
