import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { foldForSearch } from '../../domain/person.ts';
import type { Database } from '../ports/database.ts';
import type { AuditScope } from './audit-query.ts';
import { pseudonymsOf } from './resolve-persons.ts';

const lessonsShown = {
  orderBy: { plannedStart: 'asc' },
  select: {
    id: true,
    title: true,
    plannedStart: true,
    recordings: { select: { id: true, state: true }, where: { state: { not: 'receiving' } } },
  },
} as const;

/**
 * By the id of a participant, by the id of a person or by a name: everybody of that name, for they may be different
 * children. `persons`: also those who take part in nothing yet. @throws Refusal `NOT_FOUND`: nobody of the school.
 */
export async function findParticipants(
  read: Database['read'],
  { id, name }: { readonly id?: Id | undefined; readonly name?: string | undefined },
) {
  const rows = await read.participant.findMany({
    where:
      name === undefined
        ? { OR: [{ id: id ?? '' }, { personId: id ?? '' }], person: { erasedAt: null } }
        : { person: { folded: foldForSearch(name), erasedAt: null } },
    orderBy: { addedAt: 'asc' },
    take: 1_000,
    select: {
      id: true,
      personId: true,
      person: { select: { name: true } },
      kind: true,
      isMinor: true,
      lessonId: true,
      from: true,
      until: true,
      course: { select: { id: true, title: true, isSingle: true, lessons: lessonsShown } },
      permissions: {
        select: { id: true, status: true, purposes: true, signedAt: true, validUntil: true, documentSha256: true },
        orderBy: { createdAt: 'asc' },
      },
    },
  });
  const known = await read.person.findMany({
    where: { ...(name === undefined ? { id: id ?? '' } : { folded: foldForSearch(name) }), erasedAt: null },
    orderBy: { createdAt: 'asc' },
    take: 1_000,
    select: { id: true },
  });
  const persons = [...new Set([...rows.map(({ personId }) => personId), ...known.map((person) => person.id)])];
  if (persons.length === 0) throw new Refusal('NOT_FOUND');
  const pseudonyms = await pseudonymsOf(read, [...rows.map((row) => row.id), ...persons]);
  const participants = rows.map(
    ({ person, lessonId, from, until, course: { lessons, isSingle, ...course }, ...row }) => ({
      ...row,
      name: person.name,
      pseudonym: pseudonyms.get(row.id) ?? null,
      course,
      lessons: lessons.filter(
        (lesson) =>
          isSingle ||
          (lessonId === null
            ? from <= lesson.plannedStart && (until === null || lesson.plannedStart < until)
            : lessonId === lesson.id && until === null),
      ),
    }),
  );
  const lessons = participants.flatMap((one) => one.lessons);
  const scope: AuditScope = {
    persons: [...pseudonyms.values()],
    lessons: [...new Set(lessons.map((lesson) => lesson.id))],
    recordings: [...new Set(lessons.flatMap(({ recordings }) => recordings.map((recording) => recording.id)))],
    objects: participants.flatMap(({ permissions }) => permissions.map((permission) => permission.id)),
  };
  return { persons, participants, scope };
}
