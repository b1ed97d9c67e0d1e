import type { Transaction } from '../ports/database.ts';

/**
 * Whether this transaction is the one that tells people about `id`. The process that inserts its row does, once for
 * all.
 */
export async function claimOnce(tx: Transaction, id: string, at: Date): Promise<boolean> {
  const { count } = await tx.db.sentDigest.createMany({ data: [{ id, sentAt: at }], skipDuplicates: true });
  return count === 1;
}
