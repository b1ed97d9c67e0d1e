import { Refusal } from '../../domain/errors.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { digestBackupCode, keepBackupCodes, makeBackupCodes } from './backup-codes.ts';
import { factorsOf, hasFactor } from './factors.ts';
import { mailPerson } from './mail-person.ts';

type Needs = Pick<Outside, 'database' | 'credentials' | 'clock' | 'settings'>;

/** New backup codes in place of all older ones; shown this once. @throws Refusal `WRONG_STATE` without a second factor. */
export async function renewBackupCodes(outside: Needs, caller: Caller): Promise<{ backupCodes: string[] }> {
  const userId = staffIdOf(caller);
  const backupCodes = makeBackupCodes();
  await outside.database.transact(caller, async (tx) => {
    if (!hasFactor(await factorsOf(tx.db, userId))) throw new Refusal('WRONG_STATE');
    await keepBackupCodes(tx, userId, backupCodes.map(digestBackupCode));
    await tx.log({ action: 'staff.backup_codes_made', outcome: 'done', object: { kind: 'staff', id: userId } });
    await mailPerson(outside, tx, userId, 'backup_codes_made');
  });
  return { backupCodes };
}
