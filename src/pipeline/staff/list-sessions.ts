import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/** Sessions of one person that are open, newest first. @throws Refusal `NOT_FOUND` for a person who is not there. */
export async function listSessionsOf({ database, clock }: Needs, userId: Id) {
  if ((await database.read.user.count({ where: { id: userId } })) === 0) throw new Refusal('NOT_FOUND');
  return database.read.session.findMany({
    where: { userId, expiresAt: { gt: clock() } },
    orderBy: { createdAt: 'desc' },
    take: 200,
  });
}
