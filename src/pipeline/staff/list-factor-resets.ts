import type { Outside } from '../ports/outside.ts';
import { stillOpen, withPerson } from './factor-reset.ts';

/** Requests that wait for another administrator, oldest first. */
export async function listFactorResets({ database, clock }: Pick<Outside, 'database' | 'clock'>) {
  return database.read.factorReset.findMany({
    where: stillOpen(clock()),
    orderBy: { requestedAt: 'asc' },
    take: 200,
    ...withPerson,
  });
}
