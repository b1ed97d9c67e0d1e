import type { RosterFormat } from '../../domain/roster.ts';
import type { KnownPeople } from '../../rosters/compare.ts';
import type { Transaction } from '../ports/database.ts';

/** What the school knows, as a roster of a format and a school year is compared with it. */
export async function readKnownPeople(
  db: Transaction['db'],
  format: RosterFormat,
  schoolYear: number,
): Promise<KnownPeople> {
  const school = await db.school.findFirstOrThrow({ select: { name: true } });
  const persons = await db.person.findMany({
    where: { erasedAt: null },
    select: { id: true, name: true, roles: true, schoolNumber: true },
    orderBy: { id: 'asc' },
  });
  const sources = await db.personSource.findMany({ where: { format }, select: { personId: true, sourceId: true } });
  const contacts = await db.contact.findMany({ select: { personId: true, digest: true } });
  const members = await db.classMember.findMany({
    where: { until: null, class: { schoolYear } },
    select: { personId: true, class: { select: { name: true } } },
  });
  const classSources = await db.classSource.findMany({
    where: { format, class: { schoolYear } },
    select: { sourceId: true, class: { select: { name: true } } },
  });
  const guardianships = await db.guardianship.findMany({
    where: { until: null },
    select: { pupilId: true, guardianId: true, relation: true },
    orderBy: { id: 'asc' },
  });
  const sourcesOf = Map.groupBy(sources, ({ personId }) => personId);
  const contactsOf = Map.groupBy(contacts, ({ personId }) => personId);
  const classesOf = Map.groupBy(members, ({ personId }) => personId);
  return {
    schoolName: school.name,
    persons: persons.map((person) => ({
      ...person,
      classes: new Set((classesOf.get(person.id) ?? []).map((member) => member.class.name)),
      sourceIds: (sourcesOf.get(person.id) ?? []).map(({ sourceId }) => sourceId),
      contacts: new Set((contactsOf.get(person.id) ?? []).map(({ digest }) => Buffer.from(digest).toString('hex'))),
    })),
    classes: new Map(classSources.map((source) => [source.sourceId, source.class.name])),
    guardianships,
  };
}
