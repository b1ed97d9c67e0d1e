import { randomBytes } from 'node:crypto';
import { Refusal } from '../../domain/errors.ts';
import type { StaffRole } from '../../domain/ids.ts';
import { mailAdministrators } from '../core/mail-administrators.ts';
import { assertStillActing } from '../core/still-acting.ts';
import { digestToken } from '../core/token.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { assertAuthorityStays } from './authority-role.ts';
import { assertLocalSignIn } from './local-sign-in.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

interface MaybeSettings {
  readonly settings?: Pick<Outside['settings'], 'sendsMail' | 'baseUrl' | 'localSignIn'> | undefined;
}

const dayMs = 24 * 60 * 60_000;

/**
 * Invitation only: there is no other way to an account. Policy P10. The token is returned once; with `toUrl` it is also sent
 * by mail. Without a mail server pass null: a link that nobody sends has no business in the queue.
 * @throws Refusal `ALREADY_EXISTS`; `WRONG_STATE` `LOCAL_SIGN_IN_OFF`; `NOT_ALLOWED` `AUTHORITY_BY_OPERATOR`.
 */
export async function invite(
  { database, clock, settings }: Needs & MaybeSettings,
  caller: Caller,
  input: { email: string; name: string; roles: StaffRole[]; days: number },
  toUrl: ((token: string) => string) | null,
) {
  if (settings) assertLocalSignIn(settings);
  if (caller.actor.kind !== 'system') assertAuthorityStays([], input.roles);
  return database.transact(caller, async (tx) => {
    await assertStillActing(tx, caller);
    return writeInvitation(tx, { clock, settings }, caller, input, toUrl);
  });
}

/** As {@link invite}, in a transaction that is open. @throws Refusal `ALREADY_EXISTS`. */
export async function writeInvitation(
  tx: Transaction,
  { clock, settings }: Pick<Needs, 'clock'> & MaybeSettings,
  caller: Caller,
  input: { email: string; name: string; roles: StaffRole[]; days: number },
  toUrl: ((token: string) => string) | null,
) {
  const email = input.email.toLowerCase();
  const token = randomBytes(32).toString('base64url');
  if (await tx.db.user.findFirst({ where: { account: { email } } })) throw new Refusal('ALREADY_EXISTS');
  const invitation = await tx.db.invitation.create({
    data: {
      email,
      name: input.name,
      roles: input.roles,
      tokenDigest: digestToken(token),
      invitedById: caller.actor.kind === 'staff' ? caller.actor.id : null,
      expiresAt: new Date(clock().getTime() + input.days * dayMs),
    },
  });
  if (toUrl)
    await tx.enqueue('send-mail', { to: email, language: null, mail: { kind: 'invitation', url: toUrl(token) } });
  await tx.log({
    action: 'staff.invited',
    outcome: 'done',
    object: { kind: 'invitation', id: invitation.id },
    details: { roles: input.roles },
  });
  // A second account is the way to be two administrators at once, so the others are told.
  if (settings && input.roles.includes('administrator'))
    await mailAdministrators({ settings }, tx, {
      kind: 'administrator_invited',
      name: input.name,
      url: settings.baseUrl(),
    });
  return { ...invitation, token };
}
