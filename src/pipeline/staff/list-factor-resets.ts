import type { Outside } from '../ports/outside.ts';
import { stillOpen, withPerson } from './factor-reset.ts';

type Needs = Pick<Outside, 'database' | 'clock'> & {
  readonly settings: Pick<Outside['settings'], 'sendsMail' | 'baseUrl'>;
};

/** Requests that wait for another administrator, oldest first. */
export async function listFactorResets({ database, clock }: Pick<Needs, 'database' | 'clock'>) {
  return database.read.factorReset.findMany({
    where: stillOpen(clock()),
    orderBy: { requestedAt: 'asc' },
    take: 200,
    ...withPerson,
  });
}
