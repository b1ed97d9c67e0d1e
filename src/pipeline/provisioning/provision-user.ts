import { randomUUID } from 'node:crypto';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { languageTags } from '../../domain/language.ts';
import type { ScimPerson } from '../../domain/scim.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { assertNoAuthority } from '../staff/authority-role.ts';
import { endAccess } from '../staff/end-sessions.ts';
import { assertNotLastAdministrator } from '../staff/follow-roles.ts';
import { takeEverythingBack } from '../staff/take-back.ts';

type Needs = Pick<Outside, 'database' | 'schools' | 'clock' | 'settings' | 'signOn'>;

const isAddress = (text: string): boolean => text.length <= 254 && /^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(text);

const wrong = (path: string) => new Refusal('INVALID_REQUEST', { reasons: [{ code: 'SCIM_VALUE', params: { path } }] });
const taken = () => new Refusal('ALREADY_EXISTS', { reasons: [{ code: 'SCIM_USER_TAKEN' }] });

/**
 * Makes a member of staff whom the provider names, without a role: groups give those. Somebody who was here before is taken
 * over only where the operator allows it, and the account belongs to this school alone.
 * @throws Refusal `INVALID_REQUEST`; `ALREADY_EXISTS` `SCIM_USER_TAKEN`; `NOT_ALLOWED` `AUTHORITY_BY_OPERATOR`.
 */
export async function provisionUser(outside: Needs, caller: Caller, said: ScimPerson): Promise<Id> {
  const { database, clock } = outside;
  const { userName, active = true, externalId = null } = said;
  if (userName === undefined) throw wrong('userName');
  const email = said.email ?? userName;
  if (!isAddress(email)) throw wrong('emails');
  const before = await database.read.account.findUnique({ where: { email }, select: { id: true } });
  const schools = before === null ? [] : await outside.schools.ofAccount(before.id);
  return database.transact(caller, async (tx) => {
    const at = clock();
    const id = before?.id ?? randomUUID();
    const account = await tx.db.account.createMany({ data: before ? [] : [{ id, email }], skipDuplicates: true });
    if (before === null && account.count === 0) throw new Refusal('STATE_CHANGED');
    const user = before && (await tx.db.user.findFirst({ where: { id } }));
    if (user === null) {
      const made = { id, name: said.name ?? userName, roles: [], language: languageTags[0], providedAt: at };
      await tx.db.user.create({ data: { ...made, disabledAt: active ? null : at } });
    } else {
      const isHere = schools.every((school) => school.id === user.schoolId);
      if (user.emergencyAt !== null || !(user.providedAt !== null || (outside.signOn?.linksByEmail && isHere)))
        throw taken();
      if (!active) await assertNotLastAdministrator(tx, id);
      if (user.providedAt === null) await assertNoAuthority(tx.db, id);
      if (user.providedAt === null) await takeOver(tx, id, at);
      const data = { providedAt: user.providedAt ?? at, disabledAt: active ? null : (user.disabledAt ?? at) };
      await tx.db.user.updateMany({ where: { id }, data });
      if (!active) await takeEverythingBack(tx, id, at);
    }
    const scim = { userId: id, userName, externalId, active, createdAt: at, updatedAt: at };
    const named = await tx.db.scimUser.createMany({ data: [scim], skipDuplicates: true });
    if (named.count === 0) throw taken();
    const object = { kind: 'staff', id };
    await tx.log({
      action: 'staff.provisioned',
      outcome: 'done',
      object,
      details: { by: 'scim', roles: user?.roles ?? [] },
    });
    return id;
  });
}

/** Their password goes, and what was signed in with it ends: from now on the provider says who it is. */
async function takeOver(tx: Transaction, id: Id, at: Date): Promise<void> {
  await tx.db.password.deleteMany({ where: { accountId: id } });
  await tx.db.passwordReset.updateMany({ where: { userId: id, usedAt: null }, data: { usedAt: at } });
  const ended = await endAccess(tx, id, at);
  const object = { kind: 'staff', id };
  await tx.log({ action: 'staff.linked', outcome: 'done', object, details: { by: 'email', ...ended } });
}

/**
 * Changes what the provider says of a person. `active` false takes away at once everything that they could act by; true gives
 * back only what the provider took: somebody whom an administrator disabled stays so.
 * @throws Refusal `NOT_FOUND`; `INVALID_REQUEST`; `ALREADY_EXISTS` `SCIM_USER_TAKEN`; `WRONG_STATE` `LAST_ADMINISTRATOR`.
 */
export async function changeProvisionedUser(
  outside: Needs,
  caller: Caller,
  userId: Id,
  said: ScimPerson,
): Promise<void> {
  const { database, clock } = outside;
  if (said.email !== undefined && !isAddress(said.email)) throw wrong('emails');
  const schools = await outside.schools.ofAccount(userId);
  await database.transact(caller, async (tx) => {
    const at = clock();
    const scim = await findForChange(tx, userId);
    if (said.userName !== undefined && said.userName !== scim.userName) {
      if ((await tx.db.scimUser.count({ where: { userName: said.userName } })) > 0) throw taken();
    }
    const { userName = scim.userName, externalId = scim.externalId, active = scim.active } = said;
    await tx.db.scimUser.updateMany({ where: { userId }, data: { userName, externalId, active, updatedAt: at } });
    await followProfile(tx, userId, said, schools.length <= 1);
    if (active === scim.active) return;
    if (!active) return deprovision(tx, userId, at);
    await tx.db.user.updateMany({ where: { id: userId }, data: { disabledAt: null } });
    const { roles } = await tx.db.user.findFirstOrThrow({ where: { id: userId }, select: { roles: true } });
    const object = { kind: 'staff', id: userId };
    await tx.log({ action: 'staff.provisioned', outcome: 'done', object, details: { by: 'scim', roles } });
  });
}

/** The provider no longer knows the person: the account stays, for what is on the log, and opens nothing. @throws as {@link changeProvisionedUser}. */
export async function removeProvisionedUser({ database, clock }: Needs, caller: Caller, userId: Id): Promise<void> {
  await database.transact(caller, async (tx) => {
    await findForChange(tx, userId);
    await deprovision(tx, userId, clock());
    await tx.db.scimUser.deleteMany({ where: { userId } });
  });
}

/** Holds the row until the transaction ends: a provider sends several changes of one person at once. */
async function findForChange(tx: Transaction, userId: Id) {
  const [scim] = await tx.db.$queryRaw<{ userName: string; externalId: string | null; active: boolean }[]>`
    SELECT "userName", "externalId", active FROM scim_user WHERE "userId" = ${userId} FOR UPDATE`;
  if (scim === undefined) throw new Refusal('NOT_FOUND');
  return scim;
}

async function deprovision(tx: Transaction, userId: Id, at: Date): Promise<void> {
  await assertNotLastAdministrator(tx, userId);
  await tx.db.user.updateMany({ where: { id: userId, disabledAt: null }, data: { disabledAt: at } });
  const ended = await takeEverythingBack(tx, userId, at);
  const object = { kind: 'staff', id: userId };
  await tx.log({ action: 'staff.deprovisioned', outcome: 'done', object, details: { by: 'scim', ...ended } });
}

/** An address is the account's, so a school changes that of its own people alone. */
async function followProfile(tx: Transaction, userId: Id, said: ScimPerson, isOwn: boolean): Promise<void> {
  const { name, account } = await tx.db.user.findFirstOrThrow({
    where: { id: userId },
    select: { name: true, account: { select: { email: true } } },
  });
  const fields: ('name' | 'email')[] = [];
  if (said.name !== undefined && said.name !== name) {
    await tx.db.user.updateMany({ where: { id: userId }, data: { name: said.name } });
    fields.push('name');
  }
  if (said.email !== undefined && said.email !== account.email) {
    const isFree = (await tx.db.account.count({ where: { email: said.email } })) === 0;
    if (!isOwn || !isFree) throw taken();
    // Whoever has another address may be somebody else.
    await assertNoAuthority(tx.db, userId);
    await tx.db.account.update({ where: { id: userId }, data: { email: said.email } });
    fields.push('email');
  }
  const object = { kind: 'staff', id: userId };
  if (fields.length > 0)
    await tx.log({ action: 'staff.profile_followed', outcome: 'done', object, details: { fields } });
}
