import type { Reason } from '../domain/reason.ts';
import { type Bundle, droppedOf, recordsOf } from './bundle.ts';
import { classNames, membershipsOf, schoolNameOf } from './bundle-classes.ts';
import { checkName, noticesOfUser, personOf, withoutAddress } from './bundle-people.ts';
import { oneRosterLinks } from './oneroster-links.ts';
import { isWholeSchool, missingFiles, modesOf, saysNothing } from './oneroster-manifest.ts';
import { checkIds, type RosterRow } from './records.ts';
import { refuseIfAny } from './refusal.ts';
import { kindsOf } from './roles.ts';
import type { Roster, RosterNotice } from './roster.ts';

/**
 * OneRoster 1.1 and 1.2.1 (1EdTech OneRoster CSV Binding: users.csv, roles.csv, classes.csv, enrollments.csv, orgs.csv).
 * Roles stand on the user (1.1) or in roles.csv (1.2). Without a manifest that says so nobody is taken for gone.
 * @throws Refusal `ROSTER_UNREADABLE` with everything that cannot be read.
 */
export function readOneRoster(bundle: Bundle): Roster {
  const reasons: Reason[] = [];
  const modeOf = modesOf(recordsOf(bundle, 'manifest.csv', ['propertyName', 'value'], reasons));
  const isWhole = isWholeSchool(modeOf);
  const users = recordsOf(bundle, 'users.csv', ['sourcedId', 'givenName', 'familyName'], reasons);
  const roles = recordsOf(bundle, 'roles.csv', ['userSourcedId', 'role'], reasons);
  const classes = recordsOf(bundle, 'classes.csv', ['sourcedId', 'title'], reasons);
  const enrollments = recordsOf(bundle, 'enrollments.csv', ['classSourcedId', 'userSourcedId', 'role'], reasons);
  const orgs = recordsOf(bundle, 'orgs.csv', ['sourcedId', 'name', 'type'], reasons);
  for (const records of [users, classes]) checkIds(records, 'sourcedId', reasons);
  const staying = users.rows.filter(isKept);
  for (const row of staying) checkName(row, reasons);
  refuseIfAny([...missingFiles(bundle, modeOf), ...reasons]);

  const rolesOf = rolesByUser(users.rows, roles.rows, enrollments.rows);
  const persons = new Map(staying.map((row) => [row.get('sourcedId'), personOf(row, kindsOf(rolesOf(row)))]));
  const names = classNames(classes, 'classCode');
  const isPerson = (id: string) => persons.has(id);
  const { links, notices } = oneRosterLinks(staying, persons, isWhole);
  const enrolled = membershipsOf(enrollments.rows.filter(isKept), names, isPerson, isWhole);
  const left = membershipsOf(
    enrollments.rows.filter((row) => !isKept(row)),
    names,
    isPerson,
    false,
  );
  return {
    format: 'oneroster',
    extent: isWhole ? 'school' : 'changes',
    schoolName: schoolNameOf(orgs),
    persons: [...persons.values()],
    links,
    memberships: enrolled.memberships,
    ended: isWhole ? [] : left.memberships,
    leaving: isWhole ? [] : users.rows.filter((row) => !isKept(row)).map((row) => row.get('sourcedId')),
    notices: [
      ...(saysNothing(modeOf) ? [unsaid] : []),
      ...staying.flatMap(noticesOfUser),
      ...notices,
      ...enrolled.notices,
      ...withoutAddress(persons, links),
    ],
    dropped: droppedOf(bundle, users),
  };
}

const unsaid: RosterNotice = { code: 'BULK_OR_DELTA_UNSAID', params: {}, from: { file: 'manifest.csv', line: 1 } };

/** A row of a delta that is to be deleted is still there, and says so. */
const isKept = (row: RosterRow): boolean => row.get('status').toLowerCase() !== 'tobedeleted';

/** Roles of a user: on the row itself, in roles.csv, and where neither says one, in the classes. */
function rolesByUser(
  users: readonly RosterRow[],
  roles: readonly RosterRow[],
  enrollments: readonly RosterRow[],
): (user: RosterRow) => ReadonlySet<string> {
  const collect = (rows: readonly RosterRow[], id: string) => {
    const found = new Map<string, Set<string>>();
    for (const row of rows.filter(isKept))
      if (row.get('role') !== '') found.set(row.get(id), (found.get(row.get(id)) ?? new Set()).add(row.get('role')));
    return found;
  };
  const places = [collect(users, 'sourcedId'), collect(roles, 'userSourcedId')] as const;
  const inClasses = collect(enrollments, 'userSourcedId');
  return (user) => {
    const id = user.get('sourcedId');
    const said = new Set(places.flatMap((place) => [...(place.get(id) ?? [])]));
    return said.size > 0 ? said : (inClasses.get(id) ?? said);
  };
}
