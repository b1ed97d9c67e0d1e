import { createHash } from 'node:crypto';
import { Refusal } from '../../domain/errors.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { assertLocalSignIn } from './local-sign-in.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'settings'>;

/**
 * For a person who forgot a password. One answer, and the same work, whether or not an account has the address: a job
 * looks it up.
 * @throws Refusal `WRONG_STATE` where there is no mail server, which says nothing of any account.
 */
export async function askForPasswordReset({ database, settings }: Needs, caller: Caller, email: string): Promise<void> {
  assertLocalSignIn(settings);
  if (!settings.sendsMail)
    throw new Refusal('WRONG_STATE', {
      reasons: [{ code: 'NO_MAIL_SERVER' }],
    });
  const key = `reset:${createHash('sha256').update(email.toLowerCase()).digest('hex')}`;
  await database.transact(caller, (tx) =>
    tx.enqueue('send-password-reset', { email: email.toLowerCase(), sentById: null }, { key }),
  );
}
