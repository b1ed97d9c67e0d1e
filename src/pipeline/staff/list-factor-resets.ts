import type { Outside } from '../ports/outside.ts';
import { stillOpen, toFactorReset, withPerson } from './factor-reset.ts';

/** Requests that wait for another administrator, oldest first. */
export async function listFactorResets({ database, clock }: Pick<Outside, 'database' | 'clock'>) {
  const rows = await database.read.factorReset.findMany({
    where: stillOpen(clock()),
    orderBy: { requestedAt: 'asc' },
    take: 200,
    ...withPerson,
  });
  return rows.map(toFactorReset);
}
