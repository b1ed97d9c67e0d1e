import { randomBytes, randomUUID } from 'node:crypto';
import { Refusal } from '../../domain/errors.ts';
import type { Id, Scope, StaffRole } from '../../domain/ids.ts';
import { staffIdOf } from '../lesson/lessons.ts';
import { mailAdministrators } from '../mail-administrators.ts';
import type { Caller, Outside } from '../ports.ts';
import { digestToken } from '../release/release-recording.ts';
import { choosePassword } from './choose-password.ts';
import { getPerson } from './sign-in.ts';
import { assertStillActing } from './still-acting.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

const dayMs = 24 * 60 * 60_000;

/**
 * Invitation only: there is no other way to an account. Policy P10. The token is returned once; with `toUrl` it is also sent
 * by mail. Without a mail server pass null: a link that nobody sends has no business in the queue.
 * @throws Refusal `ALREADY_EXISTS`.
 */
export async function invite(
  { database, clock, settings }: Needs & { readonly settings?: Pick<Outside['settings'], 'sendsMail' | 'baseUrl'> },
  caller: Caller,
  input: { email: string; name: string; roles: StaffRole[]; days: number },
  toUrl: ((token: string) => string) | null,
) {
  const email = input.email.toLowerCase();
  const token = randomBytes(32).toString('base64url');
  const row = await database.transact(caller, async (tx) => {
    await assertStillActing(tx, caller);
    if (await tx.db.user.findUnique({ where: { email } })) throw new Refusal('ALREADY_EXISTS');
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
      await tx.enqueue('send-mail', {
        to: email,
        subject: 'Emanet',
        text: `Emanet’e davet edildiniz. Parolanızı seçmek için: / You are invited to Emanet. To choose your password:\n\n${toUrl(token)}\n`,
      });
    await tx.log({
      action: 'staff.invited',
      outcome: 'done',
      object: { kind: 'invitation', id: invitation.id },
      details: { roles: input.roles },
    });
    // A second account is the way to be two administrators at once: the others hear of it.
    if (settings && input.roles.includes('administrator'))
      await mailAdministrators({ settings }, tx, (language) =>
        language === 'en'
          ? {
              subject: 'Emanet: somebody was invited as an administrator',
              text: `${input.name} was invited as an administrator. If you do not know of it, revoke the invitation under “Staff”.\n\n${settings.baseUrl()}\n`,
            }
          : {
              subject: 'Emanet: bir yönetici davet edildi',
              text: `${input.name} yönetici olarak davet edildi. Haberiniz yoksa daveti “Çalışanlar” sayfasında geri alın.\n\n${settings.baseUrl()}\n`,
            },
      );
    return invitation;
  });
  return { ...row, roles: row.roles as StaffRole[], token };
}

export async function listInvitations({ database }: Pick<Needs, 'database'>) {
  return database.read.invitation.findMany({ orderBy: { createdAt: 'desc' } });
}

/** @throws Refusal `NOT_FOUND`; `STATE_CHANGED` when it was accepted or revoked. */
export async function revokeInvitation({ database, clock }: Needs, caller: Caller, invitationId: Id): Promise<void> {
  await database.transact(caller, async (tx) => {
    if (!(await tx.db.invitation.findUnique({ where: { id: invitationId } }))) throw new Refusal('NOT_FOUND');
    const { count } = await tx.db.invitation.updateMany({
      where: { id: invitationId, acceptedAt: null, revokedAt: null },
      data: { revokedAt: clock() },
    });
    if (count === 0) throw new Refusal('STATE_CHANGED');
    await tx.log({
      action: 'staff.invitation_revoked',
      outcome: 'done',
      object: { kind: 'invitation', id: invitationId },
    });
  });
}

/**
 * Opens the account that an invitation is for. The invitation is looked up before anything is hashed, and used up after.
 * @throws Refusal `LINK_NOT_VALID` for an invitation that is unknown, used, revoked or over; `INVALID_REQUEST` for a password
 * that is not good enough: the invitation can be tried again.
 */
export async function acceptInvitation(
  { database, credentials, clock }: Needs & Pick<Outside, 'credentials'>,
  caller: Caller,
  input: { token: string; password: string; language: 'tr' | 'en' },
) {
  const open = () => ({
    tokenDigest: digestToken(input.token),
    acceptedAt: null,
    revokedAt: null,
    expiresAt: { gt: clock() },
  });
  const invitation = await database.read.invitation.findFirst({ where: open() });
  if (!invitation) throw new Refusal('LINK_NOT_VALID');
  const hash = await choosePassword({ credentials, database }, input.password, invitation);
  const userId = await database.transact(caller, async (tx) => {
    const { count } = await tx.db.invitation.updateMany({ where: open(), data: { acceptedAt: clock() } });
    if (count === 0) throw new Refusal('LINK_NOT_VALID');
    const id = randomUUID();
    await tx.db.user.create({
      data: {
        id,
        name: invitation.name,
        email: invitation.email,
        roles: invitation.roles,
        language: input.language,
        password: { create: { hash, changedAt: clock() } },
      },
    });
    await tx.log({
      action: 'staff.joined',
      outcome: 'done',
      object: { kind: 'staff', id },
      details: { invitation: { person: 'invitation', id: invitation.id } },
    });
    return id;
  });
  return getPerson(database, userId);
}

/** The token is returned once; only its digest is kept. */
export async function createToken(
  { database, clock }: Needs,
  caller: Caller,
  input: { name: string; scopes: Scope[]; days: number },
) {
  const token = `emt_${randomBytes(32).toString('base64url')}`;
  const row = await database.transact(caller, async (tx) => {
    await assertStillActing(tx, caller);
    const created = await tx.db.apiToken.create({
      data: {
        userId: staffIdOf(caller),
        name: input.name,
        scopes: input.scopes,
        tokenDigest: digestToken(token),
        expiresAt: new Date(clock().getTime() + input.days * dayMs),
      },
    });
    await tx.log({
      action: 'token.created',
      outcome: 'done',
      object: { kind: 'token', id: created.id },
      details: { scopes: input.scopes },
    });
    return created;
  });
  return { ...row, scopes: row.scopes as Scope[], token };
}

export async function listTokens({ database }: Pick<Needs, 'database'>, caller: Caller) {
  const rows = await database.read.apiToken.findMany({
    where: { userId: staffIdOf(caller) },
    orderBy: { createdAt: 'desc' },
  });
  return rows.map((row) => ({ ...row, scopes: row.scopes as Scope[] }));
}

/** @throws Refusal `NOT_FOUND`. */
export async function revokeToken({ database, clock }: Needs, caller: Caller, tokenId: Id): Promise<void> {
  await database.transact(caller, async (tx) => {
    const { count } = await tx.db.apiToken.updateMany({
      where: { id: tokenId, userId: staffIdOf(caller), revokedAt: null },
      data: { revokedAt: clock() },
    });
    if (count === 0) throw new Refusal('NOT_FOUND');
    await tx.log({ action: 'token.revoked', outcome: 'done', object: { kind: 'token', id: tokenId } });
  });
}

export async function setLanguage(
  { database }: Pick<Needs, 'database'>,
  caller: Caller,
  language: 'tr' | 'en',
): Promise<void> {
  await database.read.user.update({ where: { id: staffIdOf(caller) }, data: { language } });
}
