import { Refusal } from '../../domain/errors.ts';
import { type Id, type StaffRole, schoolRoles } from '../../domain/ids.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';

/** The second factors that a person has. */
export interface Factors {
  readonly authenticator: boolean;
  readonly passkeys: number;
  readonly backupCodes: number;
}

export const hasFactor = ({ authenticator, passkeys }: Factors) => authenticator || passkeys > 0;

const alwaysAsked: readonly StaffRole[] = ['administrator', 'auditor', 'authority'];

/** Whether the roles ask for a second factor: always of administrators, auditors and authorities (P9), else as the school says. */
export function needsSecondFactor(roles: readonly StaffRole[], schoolAsks: readonly StaffRole[]): boolean {
  return roles.some((role) => alwaysAsked.includes(role) || schoolAsks.includes(role));
}

export async function factorsOf(db: Transaction['db'] | Outside['database']['read'], userId: Id): Promise<Factors> {
  const authenticator = await db.authenticator.count({ where: { accountId: userId, secret: { not: null } } });
  const passkeys = await db.passkey.count({ where: { accountId: userId } });
  const backupCodes = await db.backupCode.count({ where: { accountId: userId, usedAt: null } });
  return { authenticator: authenticator > 0, passkeys, backupCodes };
}

/** @throws Refusal `WRONG_STATE`: what is about to be committed would leave somebody without a factor that they need. */
export async function assertEnoughFactors(tx: Transaction, userId: Id): Promise<void> {
  if (hasFactor(await factorsOf(tx.db, userId))) return;
  const { roles } = await tx.db.user.findFirstOrThrow({ where: { id: userId } });
  if (needsSecondFactor(roles, await secondFactorRoles(tx.db)))
    throw new Refusal('WRONG_STATE', {
      reasons: [{ code: 'LAST_FACTOR' }],
    });
  await tx.db.backupCode.deleteMany({ where: { accountId: userId } });
}

/** Which roles the school asks for a second factor. Where there is no school yet: every role. */
export async function secondFactorRoles(
  db: Transaction['db'] | Outside['database']['read'],
): Promise<readonly StaffRole[]> {
  const school = await db.school.findFirst({ orderBy: { createdAt: 'asc' }, select: { secondFactorRoles: true } });
  return school?.secondFactorRoles ?? schoolRoles;
}
