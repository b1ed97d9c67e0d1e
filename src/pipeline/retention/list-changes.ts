import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { readChange } from './read-change.ts';

export type Row = NonNullable<Awaited<ReturnType<Transaction['db']['retentionChange']['findUnique']>>>;

/** What waits, the next one first. */
export async function listChanges({ database }: Pick<Outside, 'database'>) {
  const rows = await database.read.retentionChange.findMany({
    where: { state: 'waiting' },
    orderBy: { effectiveAt: 'asc' },
  });
  const people = await database.read.user.findMany({
    where: { id: { in: rows.map(({ requestedById }) => requestedById) } },
    select: { id: true, name: true },
  });
  const names = new Map(people.map(({ id, name }) => [id, name]));
  return rows.map((row) => ({ ...toChange(row), requestedByName: names.get(row.requestedById) ?? null }));
}

/** A change with who asked for it; the edge has the sentence for it. */
export function toChange(row: Row) {
  const { id, recordingId, requestedById, requestedAt, effectiveAt } = row;
  return {
    id,
    recordingId,
    requestedById,
    requestedByName: null as string | null,
    requestedAt,
    effectiveAt,
    change: readChange(row),
  };
}
