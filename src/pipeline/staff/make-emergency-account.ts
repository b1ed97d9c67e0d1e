import { randomBytes, randomUUID } from 'node:crypto';
import { languageTags } from '../../domain/language.ts';
import type { Outside } from '../ports/outside.ts';
import { takeEverythingBack } from './take-back.ts';

type Needs = Pick<Outside, 'database' | 'clock'> & { readonly credentials: Pick<Outside['credentials'], 'passwords'> };

/**
 * Makes the one account of a school that signs in without the provider, for when that does not answer: an administrator with
 * a password that nobody chose, to be sealed in an envelope. The one of before ends with everything that it opens.
 */
export async function makeEmergencyAccount(
  { database, clock, credentials }: Needs,
  { name, password }: { readonly name: string; readonly password: string },
): Promise<{ readonly email: string }> {
  const hash = await credentials.passwords.hash(password);
  const id = randomUUID();
  // No mail goes there (RFC 2606).
  const email = `emergency-${randomBytes(4).toString('hex')}@emanet.invalid`;
  const at = clock();
  await database.transact({ actor: { kind: 'system', id: 'operator' } }, async (tx) => {
    const before = await tx.db.user.findMany({
      where: { emergencyAt: { not: null }, disabledAt: null },
      select: { id: true },
    });
    for (const { id: former } of before) {
      await tx.db.user.updateMany({ where: { id: former }, data: { disabledAt: at } });
      await tx.db.password.deleteMany({ where: { accountId: former } });
      await takeEverythingBack(tx, former, at);
    }
    await tx.db.account.create({ data: { id, email } });
    await tx.db.password.create({ data: { accountId: id, hash, changedAt: at } });
    const user = { id, name, roles: ['administrator' as const], language: languageTags[0], emergencyAt: at };
    await tx.db.user.create({ data: user });
    await tx.log({ action: 'staff.emergency_made', outcome: 'done', object: { kind: 'staff', id } });
  });
  return { email };
}
