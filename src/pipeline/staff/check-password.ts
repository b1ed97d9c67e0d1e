import { Refusal } from '../../domain/errors.ts';
import type { Factor, Id } from '../../domain/ids.ts';
import type { Reason } from '../../domain/reason.ts';
import { claimOnce } from '../core/claim-once.ts';
import { mailAdministrators } from '../core/mail-administrators.ts';
import type { Caller } from '../ports/caller.ts';
import type { PasskeyAnswer } from '../ports/credentials.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { type Attempt, reserveAttempt, triesBeforeLock } from './attempts.ts';
import { type Factors, factorsOf } from './factors.ts';
import { assertLocalSignIn } from './local-sign-in.ts';
import { mailPerson } from './mail-person.ts';
import { type NewSession, openSession } from './open-session.ts';
import { useChallenge } from './use-challenge.ts';

type Needs = Pick<Outside, 'database' | 'credentials' | 'clock' | 'settings' | 'tally'>;

type StepThatFailed = 'password' | 'code' | 'passkey' | 'confirmation';

/**
 * Counts the try, then looks at the password. One password is hashed in any case, unless the address is locked.
 * @throws Refusal `SIGN_IN_FAILED`, `TOO_MANY_REQUESTS`; `WRONG_STATE` `LOCAL_SIGN_IN_OFF`.
 */
export async function checkPassword(
  outside: Needs,
  caller: Caller,
  input: { email: string; password: string },
  step: StepThatFailed,
): Promise<{ userId: Id; factors: Factors; attempt: Attempt; isOutdated: boolean }> {
  const email = input.email.toLowerCase();
  const attempt = await reserveAttempt(outside, email);
  const user = await outside.database.read.user.findFirst({
    where: { account: { email } },
    select: {
      id: true,
      disabledAt: true,
      emergencyAt: true,
      account: { select: { password: { select: { hash: true } } } },
    },
  });
  if (user?.emergencyAt == null) assertLocalSignIn(outside.settings);
  const userId = user?.id ?? null;
  if (attempt.isLocked) return fail(outside, caller, { userId, attempt, step });
  const verdict = await outside.credentials.passwords.verify(input.password, user?.account.password?.hash ?? null);
  if (user === null || user.disabledAt !== null || verdict === 'wrong')
    return fail(outside, caller, { userId, attempt, step });
  const factors = await factorsOf(outside.database.read, user.id);
  return { userId: user.id, factors, attempt, isOutdated: verdict === 'outdated' };
}

/**
 * The account of an address, whose password is shown; null if there is no account. For somebody who joins another school, and
 * is no user of this one yet. Each try counts, as at a sign-in. @throws Refusal `SIGN_IN_FAILED`, `TOO_MANY_REQUESTS`.
 */
export async function confirmAccount(
  outside: Needs,
  caller: Caller,
  { email, password }: { email: string; password: string },
): Promise<{ id: Id; attempt: Attempt } | null> {
  const account = await outside.database.read.account.findUnique({ where: { email }, include: { password: true } });
  if (account === null) return null;
  const attempt = await reserveAttempt(outside, email);
  const isRight =
    !attempt.isLocked &&
    (await outside.credentials.passwords.verify(password, account.password?.hash ?? null)) !== 'wrong';
  return isRight ? { id: account.id, attempt } : fail(outside, caller, { userId: null, attempt, step: 'password' });
}

/** Logs what failed, tells the owner of an account that was locked by it, and refuses. */
export async function fail(
  outside: Needs,
  caller: Caller,
  { userId, attempt, step }: { userId: Id | null; attempt: Attempt | null; step: StepThatFailed },
): Promise<never> {
  const object = userId === null ? {} : { object: { kind: 'staff', id: userId } };
  if (attempt?.count === triesBeforeLock) {
    if (userId === null) outside.tally.count(caller, { action: 'staff.locked_out', outcome: 'done', details: {} });
    else
      await outside.database.transact(caller, async (tx) => {
        await tx.log({ action: 'staff.locked_out', outcome: 'done', ...object, details: {} });
        // A stranger who locks somebody out again and again must not fill their mailbox as well.
        const day = outside.clock().toISOString().slice(0, 10);
        if (await claimOnce(tx, `locked:${userId}:${day}`, outside.clock()))
          await mailPerson(outside, tx, userId, 'locked');
      });
  }
  outside.tally.count(caller, {
    action: 'staff.sign_in_failed',
    outcome: 'refused',
    ...object,
    details: { locked: attempt?.isLocked ?? false, step },
  });
  throw new Refusal('SIGN_IN_FAILED', { reasons: [signInFailed] });
}

const signInFailed: Reason = { code: 'SIGN_IN_FAILED' };

export function codeNeeded({ authenticator, passkeys }: Factors): Refusal {
  const code: Reason = { code: 'CODE_NEEDED' };
  const passkey: Reason = { code: 'PASSKEY_NEEDED' };
  return new Refusal('SECOND_FACTOR_REQUIRED', {
    reasons: [...(authenticator ? [code] : []), ...(passkeys > 0 ? [passkey] : [])],
  });
}

export async function begin(
  tx: Transaction,
  outside: Needs,
  options: { userId: Id; factor: Factor; userAgent: string | null; attempt: Attempt | null },
): Promise<NewSession> {
  const { userId, factor, userAgent, attempt } = options;
  await attempt?.clear(tx);
  const session = await openSession(tx, outside, { userId, factor, userAgent });
  await tx.log({
    action: 'staff.signed_in',
    outcome: 'done',
    object: { kind: 'staff', id: userId },
    details: { factor },
  });
  await tellOfEmergency(tx, outside, userId);
  if (factor === 'backup_code') await mailPerson(outside, tx, userId, 'backup_code_used');
  return session;
}

/** Each use of the account for emergencies is on the log, told to every administrator, and shown until there is a new one. */
async function tellOfEmergency(tx: Transaction, { clock, settings }: Needs, userId: Id): Promise<void> {
  const { count } = await tx.db.user.updateMany({
    where: { id: userId, emergencyAt: { not: null } },
    data: { emergencyUsedAt: clock() },
  });
  if (count === 0) return;
  await tx.log({ action: 'staff.emergency_used', outcome: 'done', object: { kind: 'staff', id: userId } });
  await mailAdministrators({ settings }, tx, { kind: 'emergency_used', url: settings.baseUrl() });
}

/** Parameters have grown since this password was chosen. If too many hashes are running, the next sign-in does it. */
export async function hashAgain({ credentials, database }: Needs, userId: Id, password: string): Promise<void> {
  try {
    const hash = await credentials.passwords.hash(password);
    await database.read.password.update({ where: { accountId: userId }, data: { hash } });
  } catch (error) {
    if (!(error instanceof Refusal && error.code === 'TOO_MANY_REQUESTS')) throw error;
  }
}

/** Verifies the answer and uses it up, in the transaction that depends on it. False: not valid, or not new. */
export async function takePasskey(
  tx: Transaction,
  { credentials, clock }: Needs,
  answer: PasskeyAnswer,
  userId: Id,
): Promise<boolean> {
  const kept = await tx.db.passkey.findFirst({ where: { id: answer.id, accountId: userId } });
  const found =
    kept && (await credentials.passkeys.verifySignIn(answer, { ...kept, counter: Number(kept.counter) }, clock()));
  if (!found || !(await useChallenge(tx, found))) return false;
  await tx.db.passkey.update({ where: { id: answer.id }, data: { counter: found.counter, lastUsedAt: clock() } });
  return true;
}

export const asStaff = (caller: Caller, userId: Id): Caller => ({
  ...caller,
  actor: { kind: 'staff', id: userId, roles: [], scopes: null },
});
