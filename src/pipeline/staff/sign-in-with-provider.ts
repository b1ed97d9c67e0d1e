import { randomUUID } from 'node:crypto';
import { Refusal } from '../../domain/errors.ts';
import type { Id, StaffRole } from '../../domain/ids.ts';
import type { Language } from '../../domain/language.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { ReasonCode } from '../../domain/reason.ts';
import { rolesBySchool } from '../../domain/role-mapping.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import type { ProvidedPerson, SignOn } from '../ports/sign-on.ts';
import { asStaff } from './check-password.ts';
import { endAccess } from './end-sessions.ts';
import { factorsOf, hasFactor } from './factors.ts';
import { followRoles } from './follow-roles.ts';
import { mailPerson } from './mail-person.ts';
import { type NewSession, openSession } from './open-session.ts';
import { takeEverythingBack } from './take-back.ts';

/** A school of the mapping, and the roles that the groups give in it. */
interface Given {
  readonly there: Outside;
  readonly roles: readonly StaffRole[];
}

/**
 * Signs in whom the provider knows. Who it is, is the issuer and its name for the person, never an address. Their roles in
 * the schools of OIDC_ROLES follow their groups, gained and lost, before a session begins.
 * @throws Refusal `SIGN_IN_FAILED`; `WRONG_STATE` `LAST_ADMINISTRATOR`.
 */
export async function signInWithProvider(
  outside: Outside,
  caller: Caller,
  person: ProvidedPerson,
  { language, userAgent }: { readonly language: Language; readonly userAgent: string | null },
): Promise<{
  readonly session: NewSession;
  readonly schoolId: Id;
  readonly needsCode: boolean;
}> {
  const signOn = mustHave(outside.signOn, 'provider');
  const given = await givenRoles(outside, signOn, person);
  const accountId = (await knownAccount(outside, person)) ?? (await claimAccount(outside, caller, person, given));
  for (const one of given) await follow(one, caller, accountId, { ...person, language });
  const school = await schoolToWorkIn(outside, accountId);
  if (school === null) throw no('PROVIDER_NO_ROLE');
  const { schoolId, there } = school;
  const factor = person.usedTwoFactors || signOn.trustsSecondFactor ? 'provider_mfa' : 'provider';
  const needsCode = factor === 'provider' && hasFactor(await factorsOf(there.database.read, accountId));
  const object = { kind: 'staff', id: accountId };
  const session = await there.database.transact(asStaff(caller, accountId), async (tx) => {
    const opened = await openSession(tx, there, {
      userId: accountId,
      factor,
      userAgent,
      provider: { sessionId: person.sessionId, authenticatedAt: person.authenticatedAt },
    });
    if (needsCode) await tx.log({ action: 'staff.code_asked', outcome: 'done', object });
    else await tx.log({ action: 'staff.signed_in', outcome: 'done', object, details: { factor } });
    return opened;
  });
  return { session, schoolId, needsCode };
}

const no = (code: ReasonCode) => new Refusal('SIGN_IN_FAILED', { reasons: [{ code }] });

async function givenRoles({ schools }: Outside, { mapping }: SignOn, person: ProvidedPerson): Promise<Given[]> {
  const [firstId = ''] = await schools.list();
  const roles = rolesBySchool(mapping, person.groups ?? [], firstId);
  return Promise.all([...roles].map(async ([id, given]) => ({ there: await schools.of(id), roles: given })));
}

async function knownAccount({ database }: Outside, { issuer, subject }: ProvidedPerson): Promise<Id | null> {
  const identity = await database.read.externalIdentity.findUnique({
    where: { issuer_subject: { issuer, subject } },
    select: { accountId: true },
  });
  return identity?.accountId ?? null;
}

/**
 * The account of somebody who comes for the first time: one with their address, where the operator allows it and the provider
 * has verified it, else a new one. @throws Refusal `SIGN_IN_FAILED`.
 */
async function claimAccount(
  outside: Outside,
  caller: Caller,
  person: ProvidedPerson,
  given: readonly Given[],
): Promise<Id> {
  const signOn = mustHave(outside.signOn, 'provider');
  const { issuer, subject, email } = person;
  const there = given.find(({ roles }) => roles.length > 0)?.there;
  if (email === null) throw no('PROVIDER_NO_EMAIL');
  const account = await outside.database.read.account.findUnique({ where: { email }, include: { identity: true } });
  if (there === undefined && !(person.groups === null && account && (await isProvisioned(given, account.id))))
    throw no('PROVIDER_NO_ROLE');
  if (account === null) {
    if (there === undefined || !signOn.makesAccounts) throw no('PROVIDER_NOT_LINKED');
    const id = randomUUID();
    await there.database.transact(caller, async (tx) => {
      // Somebody may come back twice at once, or take the address at the same time.
      const made = await tx.db.account.createMany({ data: [{ id, email }], skipDuplicates: true });
      const identity = { issuer, subject, accountId: id, createdAt: there.clock() };
      const linked = await tx.db.externalIdentity.createMany({ data: [identity], skipDuplicates: true });
      if (made.count + linked.count !== 2) throw new Refusal('STATE_CHANGED');
    });
    return id;
  }
  if (account.identity !== null || !signOn.linksByEmail || !person.isEmailVerified) throw no('PROVIDER_NOT_LINKED');
  await linkAccount(outside, caller, account.id, person);
  return account.id;
}

/** Whether SCIM has said who this is, and which groups they are in. */
async function isProvisioned(given: readonly Given[], userId: Id): Promise<boolean> {
  for (const { there } of given) if ((await there.database.read.scimUser.count({ where: { userId } })) > 0) return true;
  return false;
}

/** From now on the provider says who this is: the password goes, and what was signed in with it ends. */
async function linkAccount(
  outside: Outside,
  caller: Caller,
  accountId: Id,
  { issuer, subject }: ProvidedPerson,
): Promise<void> {
  const [school] = await outside.schools.ofAccount(accountId);
  if (school === undefined) throw no('PROVIDER_NO_ROLE');
  const there = await outside.schools.of(school.id);
  await there.database.transact(asStaff(caller, accountId), async (tx) => {
    const at = there.clock();
    if ((await tx.db.user.count({ where: { id: accountId, emergencyAt: { not: null } } })) > 0)
      throw no('PROVIDER_NOT_LINKED');
    const identity = { issuer, subject, accountId, createdAt: at };
    const { count } = await tx.db.externalIdentity.createMany({ data: [identity], skipDuplicates: true });
    if (count === 0) throw new Refusal('STATE_CHANGED');
    await tx.db.password.deleteMany({ where: { accountId } });
    await tx.db.passwordReset.updateMany({ where: { userId: accountId, usedAt: null }, data: { usedAt: at } });
    const ended = await endAccess(tx, accountId, at);
    await tx.log({
      action: 'staff.linked',
      outcome: 'done',
      object: { kind: 'staff', id: accountId },
      details: { by: 'email', ...ended },
    });
    await mailPerson(there, tx, accountId, 'linked');
  });
}

/** @throws Refusal `WRONG_STATE` `LAST_ADMINISTRATOR`; what the person could act by has ended then, too. */
async function follow(
  { there, roles }: Given,
  caller: Caller,
  id: Id,
  { name, email, groups, language }: ProvidedPerson & { language: Language },
): Promise<void> {
  const self = asStaff(caller, id);
  try {
    await there.database.transact(self, async (tx) => {
      const user = await tx.db.user.findFirst({ where: { id }, select: { disabledAt: true } });
      if (user !== null) {
        // What SCIM says of groups stands where the provider says nothing of them at a sign-in.
        const isKept = groups === null && (await tx.db.scimUser.count({ where: { userId: id } })) > 0;
        if (user.disabledAt === null && !isKept) await followRoles(tx, there, id, roles, 'groups');
        return;
      }
      if (roles.length === 0) return;
      const made = { id, name: name ?? email ?? id, roles: [...roles], language };
      await tx.db.user.create({ data: { ...made, providedAt: there.clock() } });
      const object = { kind: 'staff', id };
      await tx.log({ action: 'staff.provisioned', outcome: 'done', object, details: { by: 'groups', roles } });
    });
  } catch (error) {
    if (!(error instanceof Refusal && error.code === 'WRONG_STATE')) throw error;
    await there.database.transact(self, async (tx) => {
      const ended = await takeEverythingBack(tx, id, there.clock());
      const object = { kind: 'staff', id };
      await tx.log({ action: 'staff.deprovisioned', outcome: 'done', object, details: { by: 'groups', ...ended } });
    });
    throw error;
  }
}

/** Of the schools in which the account may work, the one where it worked last; null: it has a role in none. */
async function schoolToWorkIn({ schools }: Outside, accountId: Id): Promise<{ schoolId: Id; there: Outside } | null> {
  for (const { id } of await schools.ofAccount(accountId)) {
    const there = await schools.of(id);
    const user = await there.database.read.user.findFirst({ where: { id: accountId }, select: { roles: true } });
    if (user !== null && user.roles.length > 0) return { schoolId: id, there };
  }
  return null;
}
