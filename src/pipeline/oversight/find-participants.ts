import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Database } from '../ports/database.ts';
import type { AuditScope } from './audit-query.ts';
import { pseudonymsOf } from './resolve-persons.ts';

/** @throws Refusal `NOT_FOUND`. */
export async function findParticipants(
  read: Database['read'],
  { id, name }: { readonly id?: Id | undefined; readonly name?: string | undefined },
) {
  const names = name === undefined ? [] : [name, name.toLocaleLowerCase('tr'), name.toLocaleUpperCase('tr')];
  const rows = await read.participant.findMany({
    where:
      id === undefined ? { OR: names.map((one) => ({ name: { equals: one, mode: 'insensitive' as const } })) } : { id },
    orderBy: { addedAt: 'asc' },
    take: 1_000,
    select: {
      id: true,
      name: true,
      kind: true,
      isMinor: true,
      lesson: {
        select: {
          id: true,
          title: true,
          plannedStart: true,
          recordings: { select: { id: true, state: true }, where: { state: { not: 'receiving' } } },
        },
      },
      permissions: {
        select: { id: true, status: true, purposes: true, signedAt: true, validUntil: true, documentSha256: true },
        orderBy: { createdAt: 'asc' },
      },
    },
  });
  if (rows.length === 0) throw new Refusal('NOT_FOUND');
  const pseudonyms = await pseudonymsOf(
    read,
    rows.map((row) => row.id),
  );
  const scope: AuditScope = {
    persons: [...pseudonyms.values()],
    lessons: [...new Set(rows.map(({ lesson }) => lesson.id))],
    recordings: [...new Set(rows.flatMap(({ lesson }) => lesson.recordings.map((recording) => recording.id)))],
  };
  return { participants: rows.map((row) => ({ ...row, pseudonym: pseudonyms.get(row.id) ?? null })), scope };
}
