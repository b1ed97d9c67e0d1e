import { Refusal } from '../../domain/errors.ts';
import type { Outside } from '../ports/outside.ts';
import { takeFactorsAway } from './factor-reset.ts';

type Needs = Pick<Outside, 'database' | 'clock'> & {
  readonly settings: Pick<Outside['settings'], 'sendsMail' | 'baseUrl'>;
};

/**
 * For a school whose administrators cannot help each other: the operator of the machine takes the factors of an account
 * away. On the log as done by the system.
 * @throws Refusal `NOT_FOUND`.
 */
export async function resetFactorAsOperator(outside: Needs, email: string): Promise<void> {
  await outside.database.transact({ actor: { kind: 'system', id: 'operator' } }, async (tx) => {
    const user = await tx.db.user.findFirst({ where: { account: { email: email.toLowerCase() } } });
    if (!user) throw new Refusal('NOT_FOUND');
    await takeFactorsAway(tx, outside, user.id, 'staff.factor_reset');
  });
}
