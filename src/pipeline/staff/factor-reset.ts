import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Reason } from '../../domain/reason.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { endAccess } from './end-sessions.ts';
import { mailPerson } from './mail-person.ts';

type Needs = Pick<Outside, 'database' | 'clock'> & {
  readonly settings: Pick<Outside['settings'], 'sendsMail' | 'baseUrl'>;
};

export async function takeFactorsAway(tx: Transaction, outside: Needs, userId: Id, action: 'staff.factor_reset') {
  await tx.db.authenticator.deleteMany({ where: { accountId: userId } });
  await tx.db.passkey.deleteMany({ where: { accountId: userId } });
  await tx.db.backupCode.deleteMany({ where: { accountId: userId } });
  const ended = await endAccess(tx, userId, outside.clock());
  await tx.log({ action, outcome: 'done', object: { kind: 'staff', id: userId }, details: ended });
  await mailPerson(outside, tx, userId, 'factor_reset');
}

export async function decide(
  tx: Transaction,
  { clock }: Needs,
  id: Id,
  data: { outcome: 'confirmed' | 'cancelled'; decidedById: Id },
): Promise<void> {
  const { count } = await tx.db.factorReset.updateMany({
    where: { id, ...stillOpen(clock()) },
    data: { ...data, decidedAt: clock() },
  });
  if (count === 0) throw new Refusal('STATE_CHANGED');
}

export const stillOpen = (at: Date) => ({ outcome: null, expiresAt: { gt: at } });
/** A request as the API shows it. */
export function toFactorReset<Row extends { user: { name: string; account: { email: string } } }>({
  user,
  ...row
}: Row) {
  return { ...row, user: { name: user.name, email: user.account.email } };
}
export const withPerson = {
  include: { user: { select: { name: true, account: { select: { email: true } } } } },
} as const;

export const anotherOne: Reason = { code: 'ANOTHER_ADMINISTRATOR' };
