import type { Actor, Id } from '../../domain/ids.ts';
import { mustHave } from '../../domain/must-have.ts';
import { digestToken } from '../core/token.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

/** The runner that a secret belongs to; null: there is none, or it is disabled. */
export async function findRunner({ database }: Pick<Outside, 'database'>, secret: string): Promise<Id | null> {
  const found = await database.read.runner.findFirst({
    where: { secretDigest: digestToken(secret), disabledAt: null },
    select: { id: true },
  });
  return found?.id ?? null;
}

/** How a runner stands on the log: it is no person, and has no pseudonym. */
export const runnerActor = (id: Id): Actor => ({ kind: 'system', id: `runner:${id}` });

/** Of a request that a runner made. */
export const runnerIdOf = ({ runnerId }: Caller): Id => mustHave(runnerId, 'runner of a request of a runner');
