import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/** Deletes rows that are of no more use. Run by the clock. */
export async function pruneCredentials({ database, clock }: Needs): Promise<void> {
  const now = clock();
  const dayAgo = new Date(now.getTime() - 24 * 60 * 60_000);
  await database.read.session.deleteMany({ where: { expiresAt: { lt: now } } });
  await database.read.usedChallenge.deleteMany({ where: { expiresAt: { lt: now } } });
  await database.read.passwordReset.deleteMany({ where: { expiresAt: { lt: dayAgo } } });
  await database.read.factorReset.deleteMany({ where: { expiresAt: { lt: dayAgo } } });
}
