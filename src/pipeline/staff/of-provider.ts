import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';

/** Whether an account is kept by the provider of single sign-on: it has no password, and gets none. */
export async function isOfProvider(db: Transaction['db'] | Outside['database']['read'], userId: Id): Promise<boolean> {
  const kept = { OR: [{ providedAt: { not: null } }, { account: { identity: { isNot: null } } }] };
  return (await db.user.count({ where: { id: userId, ...kept } })) > 0;
}

/** @throws Refusal `WRONG_STATE` `ACCOUNT_OF_PROVIDER`. */
export async function assertNotOfProvider(
  db: Transaction['db'] | Outside['database']['read'],
  userId: Id,
): Promise<void> {
  if (await isOfProvider(db, userId)) throw new Refusal('WRONG_STATE', { reasons: [{ code: 'ACCOUNT_OF_PROVIDER' }] });
}
