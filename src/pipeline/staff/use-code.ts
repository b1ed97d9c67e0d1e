import { Refusal } from '../../domain/errors.ts';
import type { Factor, Id } from '../../domain/ids.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { digestBackupCode } from './backup-codes.ts';

/**
 * Uses a code up: six digits of the authenticator, or a backup code. A code, and every code of an older step, is taken
 * once (RFC 6238, 5.2), even if somebody else offers it at the same instant. Null: wrong, too old, or used. The
 * caller's transaction logs what the code was used for.
 */
export async function useCode(
  tx: Transaction,
  { credentials, clock }: Pick<Outside, 'credentials' | 'clock'>,
  userId: Id,
  code: string,
): Promise<Exclude<Factor, 'password' | 'passkey'> | null> {
  if (/^\d{6}$/.test(code)) {
    const row = await tx.db.authenticator.findUnique({ where: { accountId: userId } });
    const step = row?.secret ? credentials.codes.findStep(row.secret, code, clock()) : null;
    if (step === null) return null;
    const { count } = await tx.db.authenticator.updateMany({
      where: { accountId: userId, lastStep: { lt: step } },
      data: { lastStep: step },
    });
    return count === 1 ? 'authenticator' : null;
  }
  const { count } = await tx.db.backupCode.updateMany({
    where: { digest: digestBackupCode(code), accountId: userId, usedAt: null },
    data: { usedAt: clock() },
  });
  return count === 1 ? 'backup_code' : null;
}

export function wrongCode(): Refusal {
  return new Refusal('INVALID_REQUEST', {
    reasons: [{ code: 'CODE_WRONG' }],
  });
}
