import type { Transaction } from '../ports/database.ts';

/** Uses a challenge up, in the transaction that believes its answer. False: an answer to it was taken before. */
export async function useChallenge(
  tx: Transaction,
  { challengeDigest, challengeEndsAt }: { readonly challengeDigest: string; readonly challengeEndsAt: Date },
): Promise<boolean> {
  const data = [{ digest: challengeDigest, expiresAt: challengeEndsAt }];
  const { count } = await tx.db.usedChallenge.createMany({ data, skipDuplicates: true });
  return count === 1;
}
