import type { Outside } from '../ports/outside.ts';

const dayMs = 24 * 60 * 60_000;

/** Failed sign-ins count for minutes; what is older than a day and locks nothing any more is deleted. Returns how many. */
export async function pruneSignInFailures({ database, clock }: Pick<Outside, 'database' | 'clock'>): Promise<number> {
  const now = clock();
  const { count } = await database.read.signInFailure.deleteMany({
    where: {
      lastAt: { lt: new Date(now.getTime() - dayMs) },
      OR: [{ lockedUntil: null }, { lockedUntil: { lt: now } }],
    },
  });
  return count;
}
