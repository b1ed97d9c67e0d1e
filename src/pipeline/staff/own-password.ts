import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { ReasonCode } from '../../domain/reason.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';

type Read = Transaction['db'] | Outside['database']['read'];

/**
 * Why a person does not choose a password by a link: the provider of single sign-on keeps the account, or it is the one for
 * emergencies, which the operator makes. Null: they do.
 */
export async function whyNoOwnPassword(db: Read, userId: Id): Promise<ReasonCode | null> {
  const user = await db.user.findFirst({
    where: { id: userId },
    select: { providedAt: true, emergencyAt: true, account: { select: { identity: { select: { createdAt: true } } } } },
  });
  if (user === null) return null;
  if (user.emergencyAt !== null) return 'EMERGENCY_ACCOUNT';
  return user.providedAt !== null || user.account.identity !== null ? 'ACCOUNT_OF_PROVIDER' : null;
}

/** @throws Refusal `WRONG_STATE` `ACCOUNT_OF_PROVIDER`, `EMERGENCY_ACCOUNT`. */
export async function assertOwnPassword(db: Read, userId: Id): Promise<void> {
  const code = await whyNoOwnPassword(db, userId);
  if (code !== null) throw new Refusal('WRONG_STATE', { reasons: [{ code }] });
}
