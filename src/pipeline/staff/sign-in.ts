import { createHash } from 'node:crypto';
import type { User } from '../../adapters/prisma/generated/client.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Actor, Id, Scope, StaffRole } from '../../domain/ids.ts';
import type { Caller, Outside } from '../ports.ts';
import { digestToken } from '../release/release-recording.ts';

type Needs = Pick<Outside, 'database' | 'accounts' | 'clock'>;

const failuresBeforeLock = 5;
const lockMs = 15 * 60_000;

export type Person = ReturnType<typeof toPerson>;

/** Who is asking, as the route table needs to know it. */
export interface SignedIn {
  readonly person: Person;
  readonly actor: Actor & { kind: 'staff' };
  readonly sessionId: string | null;
  readonly tokenId: Id | null;
  /** Roles ask for a second factor and there is none: only its set-up is open. Policy P9. */
  readonly secondFactorMissing: boolean;
}

/**
 * Signs a member of staff in. An unknown address, a wrong password, a wrong code and a disabled account get one answer, and
 * five failures in a row lock the address for a quarter of an hour, whether or not an account has it. Policy P10.
 * @throws Refusal `SIGN_IN_FAILED`, `SECOND_FACTOR_REQUIRED` (the password was right and a code is needed).
 */
export async function signIn(
  { database, accounts, clock }: Needs,
  caller: Caller,
  input: { email: string; password: string; code?: string | undefined },
  headers: Headers,
): Promise<{ userId: Id; cookies: readonly string[] }> {
  const email = input.email.toLowerCase();
  const emailDigest = createHash('sha256').update(email).digest('hex');
  const record = await database.read.signInFailure.findUnique({ where: { emailDigest } });
  const user = await database.read.user.findUnique({ where: { email }, select: { id: true, disabledAt: true } });
  const isLocked = record?.lockedUntil != null && record.lockedUntil > clock();
  // The password is looked at in any case, so that time tells nothing.
  const result = await accounts.signIn({ ...input, email }, headers);
  const object = user ? { object: { kind: 'staff', id: user.id } } : {};

  if (isLocked || result.kind === 'failed' || user?.disabledAt != null) {
    if (result.kind === 'signed_in') await accounts.signOut(new Headers({ cookie: toCookieHeader(result.cookies) }));
    await database.transact(caller, async (tx) => {
      const rows = await tx.db.$queryRaw<{ failures: number }[]>`
        INSERT INTO sign_in_failure ("emailDigest", "failures", "lastAt") VALUES (${emailDigest}, 1, ${clock()})
        ON CONFLICT ("emailDigest") DO UPDATE SET "lastAt" = excluded."lastAt",
          "failures" = CASE WHEN sign_in_failure."lastAt" < ${new Date(clock().getTime() - lockMs)} THEN 1 ELSE sign_in_failure."failures" + 1 END
        RETURNING "failures"`;
      if (!isLocked && rows[0]!.failures >= failuresBeforeLock) {
        await tx.db.signInFailure.update({
          where: { emailDigest },
          data: { lockedUntil: new Date(clock().getTime() + lockMs) },
        });
        await tx.log({ action: 'staff.locked_out', outcome: 'done', ...object });
      }
      await tx.log({ action: 'staff.sign_in_failed', outcome: 'refused', ...object, details: { locked: isLocked } });
    });
    throw signInFailed;
  }
  if (result.kind === 'code_needed')
    throw new Refusal('SECOND_FACTOR_REQUIRED', {
      reasons: [
        {
          code: 'CODE_NEEDED',
          tr: 'Doğrulama uygulamanızdaki altı haneli kodu da girin.',
          en: 'Enter the six digits of your authenticator too.',
        },
      ],
    });
  await database.transact(
    { ...caller, actor: { kind: 'staff', id: result.userId, roles: [], scopes: null } },
    async (tx) => {
      await tx.db.signInFailure.deleteMany({ where: { emailDigest } });
      await tx.log({ action: 'staff.signed_in', outcome: 'done', object: { kind: 'staff', id: result.userId } });
    },
  );
  return result;
}

const signInFailed = new Refusal('SIGN_IN_FAILED', {
  reasons: [
    {
      code: 'SIGN_IN_FAILED',
      tr: 'E-posta, parola ya da kod yanlış; veya çok fazla deneme yapıldı (o zaman 15 dakika bekleyin).',
      en: 'The e-mail address, password or code is wrong; or there were too many attempts (then wait 15 minutes).',
    },
  ],
});

function toCookieHeader(setCookies: readonly string[]): string {
  return setCookies.map((cookie) => cookie.split(';')[0]).join('; ');
}

/** Who stands behind a request: an API token or a session cookie; null: nobody. */
export async function findSignedIn({ database, accounts, clock }: Needs, headers: Headers): Promise<SignedIn | null> {
  const bearer = /^Bearer (emt_[\w-]{20,100})$/.exec(headers.get('authorization') ?? '')?.[1];
  if (bearer !== undefined) {
    const token = await database.read.apiToken.findUnique({ where: { tokenDigest: digestToken(bearer) } });
    if (!token || token.revokedAt !== null || token.expiresAt <= clock()) return null;
    if (!token.lastUsedAt || clock().getTime() - token.lastUsedAt.getTime() > 60_000)
      await database.read.apiToken.update({ where: { id: token.id }, data: { lastUsedAt: clock() } });
    return toSignedIn(await getPerson(database, token.userId), token.scopes as Scope[], { tokenId: token.id });
  }
  const session = await accounts.findSession(headers);
  return session ? toSignedIn(await getPerson(database, session.userId), null, session) : null;
}

function toSignedIn(
  person: Person,
  scopes: Scope[] | null,
  { sessionId = null, tokenId = null }: { sessionId?: string | null; tokenId?: Id | null },
): SignedIn | null {
  if (person.disabledAt !== null) return null;
  return {
    person,
    actor: { kind: 'staff', id: person.id, roles: person.roles, scopes },
    sessionId,
    tokenId,
    secondFactorMissing: !person.secondFactor && needsSecondFactor(person.roles),
  };
}

/** Administrators and auditors. Policy P9. */
export function needsSecondFactor(roles: readonly StaffRole[]): boolean {
  return roles.includes('administrator') || roles.includes('auditor');
}

/** @throws Refusal `NOT_FOUND`. */
export async function getPerson(database: Outside['database'], userId: Id) {
  const row = await database.read.user.findUnique({ where: { id: userId } });
  if (!row) throw new Refusal('NOT_FOUND');
  return toPerson(row);
}

/** An account as the API shows it. */
export function toPerson(row: User) {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    roles: row.roles as StaffRole[],
    secondFactor: row.twoFactorEnabled ?? false,
    language: row.language as 'tr' | 'en',
    disabledAt: row.disabledAt,
  };
}
