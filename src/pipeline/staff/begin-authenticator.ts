import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { digestBackupCode, makeBackupCodes } from './backup-codes.ts';

type Needs = Pick<Outside, 'database' | 'credentials' | 'clock' | 'settings'>;

/**
 * Begins to set up an authenticator, or to replace it. Nothing of it counts before `finishAuthenticator`. Secret and backup
 * codes are shown this once.
 */
export async function beginAuthenticator({ database, credentials }: Needs, caller: Caller) {
  const userId = staffIdOf(caller);
  const { email } = await database.read.account.findUniqueOrThrow({ where: { id: userId } });
  const { sealed, uri } = credentials.codes.begin(email);
  const backupCodes = makeBackupCodes();
  const pending = { pendingSecret: sealed, pendingCodes: backupCodes.map(digestBackupCode) };
  await database.transact(caller, async (tx) => {
    await tx.db.authenticator.upsert({
      where: { accountId: userId },
      create: { accountId: userId, ...pending },
      update: pending,
    });
    await tx.log({ action: 'staff.second_factor_begun', outcome: 'done', object: { kind: 'staff', id: userId } });
  });
  return { totpUri: uri, backupCodes };
}
