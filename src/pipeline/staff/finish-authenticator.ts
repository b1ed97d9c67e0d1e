import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { keepBackupCodes } from './backup-codes.ts';
import { endOtherSessions } from './end-sessions.ts';
import { mailPerson } from './mail-person.ts';
import { wrongCode } from './use-code.ts';

type Needs = Pick<Outside, 'database' | 'credentials' | 'clock' | 'settings'>;

/**
 * From now on the codes of this authenticator count, and no others. The caller's other sessions end: they were opened without
 * it. @throws Refusal `INVALID_REQUEST` for a wrong code, and when no set-up has begun.
 */
export async function finishAuthenticator(
  outside: Needs,
  caller: Caller,
  sessionId: Id | null,
  code: string,
): Promise<void> {
  const { database, credentials, clock } = outside;
  const userId = staffIdOf(caller);
  await database.transact(caller, async (tx) => {
    const row = await tx.db.authenticator.findUnique({ where: { accountId: userId } });
    const step = row?.pendingSecret ? credentials.codes.findStep(row.pendingSecret, code, clock()) : null;
    if (!row?.pendingSecret || step === null) throw wrongCode();
    const { count } = await tx.db.authenticator.updateMany({
      where: { accountId: userId, pendingSecret: row.pendingSecret },
      data: {
        secret: row.pendingSecret,
        confirmedAt: clock(),
        lastStep: step,
        pendingSecret: null,
        pendingCodes: [],
      },
    });
    if (count === 0) throw new Refusal('STATE_CHANGED');
    await keepBackupCodes(tx, userId, row.pendingCodes);
    await endOtherSessions(tx, userId, sessionId);
    await tx.db.session.updateMany({ where: { userId }, data: { factor: 'authenticator' } });
    await tx.log({ action: 'staff.second_factor_enabled', outcome: 'done', object: { kind: 'staff', id: userId } });
    await mailPerson(outside, tx, userId, 'authenticator_set');
  });
}
