import type { Reason } from '../domain/reason.ts';
import { type Bundle, droppedOf, recordsOf } from './bundle.ts';
import { classNames, membershipsOf, schoolNameOf } from './bundle-classes.ts';
import { checkName, nobody, noticesOfUser, personOf, withoutAddress } from './bundle-people.ts';
import { checkIds, type Records } from './records.ts';
import { refuseIfAny } from './refusal.ts';
import { kindsOf, relatedAs } from './roles.ts';
import type { Roster, RosterLink, RosterNotice, RosterPerson } from './roster.ts';

/**
 * Microsoft School Data Sync v2.1 (Microsoft Learn, "SDS v2.1 CSV file format"). The relation of a contact to a pupil
 * stands in relationships.csv; contacts have no role of their own.
 * @throws Refusal `ROSTER_UNREADABLE` with everything that cannot be read.
 */
export function readSds(bundle: Bundle): Roster {
  const reasons: Reason[] = [];
  const users = recordsOf(bundle, 'users.csv', ['sourcedId', 'givenName', 'familyName'], reasons);
  const roles = recordsOf(bundle, 'roles.csv', ['userSourcedId', 'role'], reasons);
  const classes = recordsOf(bundle, 'classes.csv', ['sourcedId', 'title'], reasons);
  const enrollments = recordsOf(bundle, 'enrollments.csv', ['classSourcedId', 'userSourcedId', 'role'], reasons);
  const relations = recordsOf(bundle, 'relationships.csv', relationColumns, reasons);
  const orgs = recordsOf(bundle, 'orgs.csv', ['sourcedId', 'name', 'type'], reasons);
  for (const records of [users, classes]) checkIds(records, 'sourcedId', reasons);
  for (const row of users.rows) checkName(row, reasons);
  refuseIfAny(reasons);

  const rolesOf = new Map<string, string[]>();
  const note = (id: string, role: string) => rolesOf.set(id, [...(rolesOf.get(id) ?? []), role]);
  for (const row of roles.rows) note(row.get('userSourcedId'), row.get('role'));
  for (const row of relations.rows) note(row.get('relationshipUserSourcedId'), row.get('relationshipRole'));
  const kindsOfUser = (id: string) => kindsOf(rolesOf.get(id) ?? []);
  const persons = new Map(
    users.rows.map((row) => [row.get('sourcedId'), personOf(row, kindsOfUser(row.get('sourcedId')))]),
  );
  const { links, notices } = sdsLinks(relations, persons);
  const isPerson = (id: string) => persons.has(id);
  const enrolled = membershipsOf(enrollments.rows, classNames(classes, 'code'), isPerson, true);
  return {
    format: 'sds',
    extent: 'school',
    schoolName: schoolNameOf(orgs),
    persons: [...persons.values()],
    links,
    memberships: enrolled.memberships,
    ended: [],
    leaving: [],
    notices: [...users.rows.flatMap(noticesOfUser), ...notices, ...enrolled.notices, ...withoutAddress(persons, links)],
    dropped: droppedOf(bundle, users),
  };
}

const relationColumns = ['userSourcedId', 'relationshipUserSourcedId', 'relationshipRole'] as const;

function sdsLinks(relations: Records, persons: ReadonlyMap<string, RosterPerson>) {
  const links = new Map<string, RosterLink>();
  const notices: RosterNotice[] = [];
  for (const row of relations.rows) {
    const pupil = row.get('userSourcedId');
    const other = row.get('relationshipUserSourcedId');
    const strangers = [pupil, other].filter((id) => !persons.has(id));
    notices.push(...strangers.map((id) => nobody(id, row.from)));
    if (strangers.length > 0) continue;
    links.set(JSON.stringify([pupil, other]), {
      pupil,
      other,
      ...relatedAs(kindsOf([row.get('relationshipRole')])),
      from: row.from,
    });
  }
  return { links: [...links.values()], notices };
}
