import { Refusal } from '../../domain/errors.ts';
import type { Actor, Id, Scope, StaffRole } from '../../domain/ids.ts';
import { claimOnce } from '../claim-once.ts';
import type { Caller, Outside, PasskeyAnswer, Transaction } from '../ports.ts';
import { digestToken } from '../release/release-recording.ts';
import { type Attempt, reserveAttempt, triesBeforeLock } from './attempts.ts';
import { evenTime } from './even-time.ts';
import { mailPerson } from './mail-person.ts';
import { useChallenge } from './passkeys.ts';
import { type Factors, factorsOf, hasFactor, needsSecondFactor, secondFactorRoles, useCode } from './second-factor.ts';
import { type Factor, findSession, type NewSession, openSession, renewToken } from './sessions.ts';

type Needs = Pick<Outside, 'database' | 'credentials' | 'clock' | 'settings' | 'tally'>;

export type Person = Awaited<ReturnType<typeof getPerson>>;

/** What a request brought along to show who sends it. */
export interface Presented {
  /** The whole of `Authorization: Bearer …`. */
  readonly apiToken: string | null;
  /** The cookie of a session. */
  readonly sessionToken: string | null;
}

/** Who is asking, as the route table needs to know it. */
export interface SignedIn {
  readonly person: Person;
  readonly actor: Actor & { kind: 'staff' };
  readonly sessionId: string | null;
  readonly tokenId: Id | null;
  /** When they last showed who they are; null for an API token, which cannot. */
  readonly confirmedAt: Date | null;
  /** Roles ask for a second factor and there is none: only its set-up is open. Policy P9. */
  readonly secondFactorMissing: boolean;
}

type StepThatFailed = 'password' | 'code' | 'passkey' | 'confirmation';

/**
 * Signs a member of staff in with a password and, where there is one, a second factor. The try is counted before anything is
 * looked at; a locked address is not looked at at all. An unknown address, a wrong password, a wrong or used code, a disabled
 * account and a locked address get one answer, in one time. Policy P10; ASVS 5.0, 6.3.
 * @throws Refusal `SIGN_IN_FAILED`, `TOO_MANY_REQUESTS`, `SECOND_FACTOR_REQUIRED` (the password was right and a code, or a
 * passkey, is needed).
 */
export async function signIn(
  outside: Needs,
  caller: Caller,
  input: { email: string; password: string; code?: string | undefined },
  userAgent: string | null,
): Promise<NewSession> {
  return evenTime(async () => {
    const { userId, factors, attempt, isOutdated } = await checkPassword(outside, caller, input, 'password');
    if (hasFactor(factors) && input.code === undefined) {
      await attempt.giveBack();
      await outside.database.transact(asStaff(caller, userId), (tx) =>
        tx.log({ action: 'staff.code_asked', outcome: 'done', object: { kind: 'staff', id: userId } }),
      );
      throw codeNeeded(factors);
    }
    const session = await outside.database.transact(asStaff(caller, userId), async (tx) => {
      const factor = hasFactor(factors) ? await useCode(tx, outside, userId, input.code!) : 'password';
      if (factor === null) return null;
      return begin(tx, outside, { userId, factor, userAgent, attempt });
    });
    if (session === null) return fail(outside, caller, { userId, attempt, step: 'code' });
    if (isOutdated) await hashAgain(outside, userId, input.password);
    return session;
  });
}

/** A challenge for any passkey of this site. Whoever asks stores nothing. */
export function askForPasskey({ credentials, clock }: Needs): Promise<object> {
  return credentials.passkeys.signInOptions(clock());
}

/**
 * Signs a member of staff in with a passkey, which is both factors. It is not held up by wrong passwords of others.
 * @throws Refusal `SIGN_IN_FAILED` for a passkey that is unknown, not believed, or offered a second time.
 */
export async function signInWithPasskey(
  outside: Needs,
  caller: Caller,
  answer: PasskeyAnswer,
  userAgent: string | null,
): Promise<NewSession> {
  return evenTime(async () => {
    const userId = await ownerOfPasskey(outside, answer);
    if (userId === null) return fail(outside, caller, { userId, attempt: null, step: 'passkey' });
    const session = await outside.database.transact(asStaff(caller, userId), async (tx) =>
      (await takePasskey(tx, outside, answer, userId))
        ? begin(tx, outside, { userId, factor: 'passkey', userAgent, attempt: null })
        : null,
    );
    return session ?? fail(outside, caller, { userId, attempt: null, step: 'passkey' });
  });
}

/**
 * The owner of a session shows again who they are, before something that cannot be undone: with password and code, or with a
 * passkey. The session goes on under the token that is returned. ASVS 5.0, 7.2.4 and 7.5. @throws Refusal `SIGN_IN_FAILED`, `TOO_MANY_REQUESTS`, `SECOND_FACTOR_REQUIRED`.
 */
export async function confirmSession(
  outside: Needs,
  caller: Caller,
  signedIn: SignedIn,
  proof: { password: string; code?: string | undefined } | { passkey: PasskeyAnswer },
): Promise<{ token: string }> {
  const { person, sessionId } = signedIn;
  const confirm = async (tx: Transaction, factor: Factor, attempt: Attempt | null) => {
    const token = await renewToken(tx, sessionId!, { confirmedAt: outside.clock() });
    await attempt?.clear(tx);
    await tx.log({
      action: 'staff.confirmed',
      outcome: 'done',
      object: { kind: 'staff', id: person.id },
      details: { factor },
    });
    return token;
  };
  const token = await evenTime(async () => {
    if ('passkey' in proof) {
      const done = await outside.database.transact(caller, async (tx) =>
        (await takePasskey(tx, outside, proof.passkey, person.id)) ? confirm(tx, 'passkey', null) : null,
      );
      return done ?? fail(outside, caller, { userId: person.id, attempt: null, step: 'confirmation' });
    }
    const input = { email: person.email, password: proof.password };
    const { factors, attempt } = await checkPassword(outside, caller, input, 'confirmation');
    if (hasFactor(factors) && proof.code === undefined) {
      await attempt.giveBack();
      throw codeNeeded(factors);
    }
    const done = await outside.database.transact(caller, async (tx) => {
      const factor = hasFactor(factors) ? await useCode(tx, outside, person.id, proof.code!) : 'password';
      return factor === null ? null : confirm(tx, factor, attempt);
    });
    return done ?? fail(outside, caller, { userId: person.id, attempt, step: 'confirmation' });
  });
  return { token };
}

/**
 * Counts the try, then looks at the password. Whatever happens, one password is hashed, unless the address is locked.
 * @throws Refusal `SIGN_IN_FAILED`, `TOO_MANY_REQUESTS`.
 */
export async function checkPassword(
  outside: Needs,
  caller: Caller,
  input: { email: string; password: string },
  step: StepThatFailed,
): Promise<{ userId: Id; factors: Factors; attempt: Attempt; isOutdated: boolean }> {
  const email = input.email.toLowerCase();
  const attempt = await reserveAttempt(outside, email);
  const user = await outside.database.read.user.findUnique({
    where: { email },
    select: { id: true, disabledAt: true, password: { select: { hash: true } } },
  });
  const userId = user?.id ?? null;
  if (attempt.isLocked) return fail(outside, caller, { userId, attempt, step });
  const verdict = await outside.credentials.passwords.verify(input.password, user?.password?.hash ?? null);
  if (user === null || user.disabledAt !== null || verdict === 'wrong')
    return fail(outside, caller, { userId, attempt, step });
  const factors = await factorsOf(outside.database.read, user.id);
  return { userId: user.id, factors, attempt, isOutdated: verdict === 'outdated' };
}

/** Says on the log what failed, tells the owner of an account that was locked by it, and refuses. */
async function fail(
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
        // A stranger who locks somebody out again and again does not fill their mailbox as well.
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

const signInFailed = {
  code: 'SIGN_IN_FAILED',
  tr: 'E-posta, parola ya da kod yanlış, ya da bu kod zaten kullanıldı; veya çok fazla deneme yapıldı (o zaman 15 dakika bekleyin).',
  en: 'The e-mail address, password or code is wrong, or this code was used already; or there were too many attempts (then wait 15 minutes).',
};

function codeNeeded({ authenticator, passkeys }: Factors): Refusal {
  const code = {
    code: 'CODE_NEEDED',
    tr: 'Doğrulama uygulamanızdaki altı haneli kodu da girin.',
    en: 'Enter the six digits of your authenticator too.',
  };
  const passkey = {
    code: 'PASSKEY_NEEDED',
    tr: 'Geçiş anahtarınızla oturum açın; elinizde değilse bir yedek kod girin.',
    en: 'Sign in with your passkey; if you do not have it at hand, enter a backup code.',
  };
  return new Refusal('SECOND_FACTOR_REQUIRED', {
    reasons: [...(authenticator ? [code] : []), ...(passkeys > 0 ? [passkey] : [])],
  });
}

async function begin(
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
  if (factor === 'backup_code') await mailPerson(outside, tx, userId, 'backup_code_used');
  return session;
}

/** Parameters have grown since this password was chosen. When too many hash already, the next sign-in does it. */
async function hashAgain({ credentials, database }: Needs, userId: Id, password: string): Promise<void> {
  try {
    const hash = await credentials.passwords.hash(password);
    await database.read.password.update({ where: { userId }, data: { hash } });
  } catch (error) {
    if (!(error instanceof Refusal && error.code === 'TOO_MANY_REQUESTS')) throw error;
  }
}

/** Whose passkey this claims to be; null when there is none such, or its account is disabled. */
async function ownerOfPasskey({ database }: Needs, { id }: PasskeyAnswer): Promise<Id | null> {
  const row = await database.read.passkey.findUnique({ where: { id }, include: { user: true } });
  return row && row.user.disabledAt === null ? row.userId : null;
}

/** Believes the answer and counts it, in the transaction that it opens something in. False: not believed, or not new. */
async function takePasskey(
  tx: Transaction,
  { credentials, clock }: Needs,
  answer: PasskeyAnswer,
  userId: Id,
): Promise<boolean> {
  const kept = await tx.db.passkey.findFirst({ where: { id: answer.id, userId } });
  const found =
    kept && (await credentials.passkeys.verifySignIn(answer, { ...kept, counter: Number(kept.counter) }, clock()));
  if (!found || !(await useChallenge(tx, found))) return false;
  await tx.db.passkey.update({ where: { id: answer.id }, data: { counter: found.counter, lastUsedAt: clock() } });
  return true;
}

const asStaff = (caller: Caller, userId: Id): Caller => ({
  ...caller,
  actor: { kind: 'staff', id: userId, roles: [], scopes: null },
});

/** Who stands behind a request: an API token or a session; null: nobody. */
export async function findSignedIn(
  outside: Pick<Outside, 'database' | 'clock' | 'settings'>,
  { apiToken, sessionToken }: Presented,
): Promise<SignedIn | null> {
  const { database, clock } = outside;
  if (apiToken !== null) {
    const token = await database.read.apiToken.findUnique({ where: { tokenDigest: digestToken(apiToken) } });
    if (!token || token.revokedAt !== null || token.expiresAt <= clock()) return null;
    if (!token.lastUsedAt || clock().getTime() - token.lastUsedAt.getTime() > 60_000)
      await database.read.apiToken.update({ where: { id: token.id }, data: { lastUsedAt: clock() } });
    const through = { sessionId: null, tokenId: token.id, confirmedAt: null };
    return toSignedIn(database, token.userId, token.scopes as Scope[], through);
  }
  const session = sessionToken === null ? null : await findSession(outside, sessionToken);
  if (session === null) return null;
  const through = { sessionId: session.id, tokenId: null, confirmedAt: session.confirmedAt };
  const found = await toSignedIn(database, session.userId, null, through);
  // Opened with a password alone, before there was a second factor: whoever set that up may be somebody else.
  return found?.person.secondFactor && session.factor === 'password' ? null : found;
}

async function toSignedIn(
  database: Outside['database'],
  userId: Id,
  scopes: Scope[] | null,
  through: Pick<SignedIn, 'sessionId' | 'tokenId' | 'confirmedAt'>,
): Promise<SignedIn | null> {
  const person = await getPerson(database, userId);
  if (person.disabledAt !== null) return null;
  const secondFactorMissing =
    !person.secondFactor && needsSecondFactor(person.roles, await secondFactorRoles(database.read));
  return {
    person,
    actor: { kind: 'staff', id: person.id, roles: person.roles, scopes },
    secondFactorMissing,
    ...through,
  };
}

const withFactors = {
  authenticator: { select: { secret: true } },
  _count: { select: { passkeys: true } },
} as const;

/** An account as the API shows it. @throws Refusal `NOT_FOUND`. */
export async function getPerson(database: Pick<Outside['database'], 'read'>, userId: Id) {
  const row = await database.read.user.findUnique({ where: { id: userId }, include: withFactors });
  if (!row) throw new Refusal('NOT_FOUND');
  return toPerson(row);
}

/** Everybody with an account, by name. */
export async function listPeople(database: Pick<Outside['database'], 'read'>) {
  return (await database.read.user.findMany({ orderBy: { name: 'asc' }, include: withFactors })).map(toPerson);
}

function toPerson(row: {
  id: Id;
  name: string;
  email: string;
  roles: StaffRole[];
  language: string;
  disabledAt: Date | null;
  authenticator: { secret: Uint8Array | null } | null;
  _count: { passkeys: number };
}) {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    roles: row.roles,
    secondFactor: row.authenticator?.secret != null || row._count.passkeys > 0,
    language: row.language as 'tr' | 'en',
    disabledAt: row.disabledAt,
  };
}
