import { randomBytes } from 'node:crypto';
import { Refusal } from '../../domain/errors.ts';
import type { Id, StaffRole } from '../../domain/ids.ts';
import { staffIdOf } from '../lesson/lessons.ts';
import type { Caller, Outside, Transaction } from '../ports.ts';
import { digestToken } from '../release/release-recording.ts';
import { mailPerson } from './mail-person.ts';
import { endOtherSessions, type Factor } from './sessions.ts';

type Needs = Pick<Outside, 'database' | 'credentials' | 'clock' | 'settings'>;

/** Ten codes of 120 random bits: with so many, a plain digest keeps them (ASVS 5.0, 6.5.2). */
const backupCodeCount = 10;
const backupCodeOctets = 15;
const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** What somebody has beside a password. */
export interface Factors {
  readonly authenticator: boolean;
  readonly passkeys: number;
  readonly backupCodes: number;
}

export const hasFactor = ({ authenticator, passkeys }: Factors) => authenticator || passkeys > 0;

/** Whether the roles ask for a second factor: always of administrators and auditors (P9), else as the school says. */
export function needsSecondFactor(roles: readonly StaffRole[], schoolAsks: readonly StaffRole[]): boolean {
  return roles.some((role) => role === 'administrator' || role === 'auditor' || schoolAsks.includes(role));
}

export async function factorsOf(db: Transaction['db'] | Outside['database']['read'], userId: Id): Promise<Factors> {
  const authenticator = await db.authenticator.count({ where: { userId, secret: { not: null } } });
  const passkeys = await db.passkey.count({ where: { userId } });
  const backupCodes = await db.backupCode.count({ where: { userId, usedAt: null } });
  return { authenticator: authenticator > 0, passkeys, backupCodes };
}

/**
 * Uses a code up: six digits of the authenticator, or a backup code. A code, and every code of an older step, is taken once
 * (RFC 6238, 5.2), whoever else offers it at the same instant. Null: wrong, too old, or used. The caller's transaction says
 * what the code was good for.
 */
export async function useCode(
  tx: Transaction,
  { credentials, clock }: Pick<Needs, 'credentials' | 'clock'>,
  userId: Id,
  code: string,
): Promise<Exclude<Factor, 'password' | 'passkey'> | null> {
  if (/^\d{6}$/.test(code)) {
    const row = await tx.db.authenticator.findUnique({ where: { userId } });
    const step = row?.secret ? credentials.codes.findStep(row.secret, code, clock()) : null;
    if (step === null) return null;
    const { count } = await tx.db.authenticator.updateMany({
      where: { userId, lastStep: { lt: step } },
      data: { lastStep: step },
    });
    return count === 1 ? 'authenticator' : null;
  }
  const { count } = await tx.db.backupCode.updateMany({
    where: { digest: digestBackupCode(code), userId, usedAt: null },
    data: { usedAt: clock() },
  });
  return count === 1 ? 'backup_code' : null;
}

/**
 * Begins to set up an authenticator, or to replace it. Nothing of it counts before `finishAuthenticator`. Secret and backup
 * codes are shown this once.
 */
export async function beginAuthenticator({ database, credentials }: Needs, caller: Caller) {
  const userId = staffIdOf(caller);
  const { email } = await database.read.user.findUniqueOrThrow({ where: { id: userId } });
  const { sealed, uri } = credentials.codes.begin(email);
  const backupCodes = makeBackupCodes();
  const pending = { pendingSecret: sealed, pendingCodes: backupCodes.map(digestBackupCode) };
  await database.transact(caller, async (tx) => {
    await tx.db.authenticator.upsert({ where: { userId }, create: { userId, ...pending }, update: pending });
    await tx.log({ action: 'staff.second_factor_begun', outcome: 'done', object: { kind: 'staff', id: userId } });
  });
  return { totpUri: uri, backupCodes };
}

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
    const row = await tx.db.authenticator.findUnique({ where: { userId } });
    const step = row?.pendingSecret ? credentials.codes.findStep(row.pendingSecret, code, clock()) : null;
    if (!row?.pendingSecret || step === null) throw wrongCode();
    const { count } = await tx.db.authenticator.updateMany({
      where: { userId, pendingSecret: row.pendingSecret },
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

/** @throws Refusal `NOT_FOUND`; `WRONG_STATE` when the roles ask for a second factor and no other one would be left. */
export async function removeAuthenticator(outside: Needs, caller: Caller, sessionId: Id | null): Promise<void> {
  const userId = staffIdOf(caller);
  await outside.database.transact(caller, async (tx) => {
    const { count } = await tx.db.authenticator.deleteMany({ where: { userId, secret: { not: null } } });
    if (count === 0) throw new Refusal('NOT_FOUND');
    await assertEnoughFactors(tx, userId);
    await endOtherSessions(tx, userId, sessionId);
    await tx.log({ action: 'staff.second_factor_removed', outcome: 'done', object: { kind: 'staff', id: userId } });
    await mailPerson(outside, tx, userId, 'authenticator_removed');
  });
}

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

/** @throws Refusal `WRONG_STATE`: what is about to be committed would leave somebody without a factor that they need. */
export async function assertEnoughFactors(tx: Transaction, userId: Id): Promise<void> {
  if (hasFactor(await factorsOf(tx.db, userId))) return;
  const { roles } = await tx.db.user.findUniqueOrThrow({ where: { id: userId } });
  if (needsSecondFactor(roles, await secondFactorRoles(tx.db)))
    throw new Refusal('WRONG_STATE', {
      reasons: [
        {
          code: 'LAST_FACTOR',
          tr: 'Göreviniz ikinci bir doğrulama adımı gerektiriyor: önce başka birini kurun.',
          en: 'Your role needs a second factor: set up another one first.',
        },
      ],
    });
  await tx.db.backupCode.deleteMany({ where: { userId } });
}

/** Which roles the school asks for a second factor. Where there is no school yet: every role. */
export async function secondFactorRoles(
  db: Transaction['db'] | Outside['database']['read'],
): Promise<readonly StaffRole[]> {
  const school = await db.school.findFirst({ orderBy: { createdAt: 'asc' }, select: { secondFactorRoles: true } });
  return school?.secondFactorRoles ?? ['teacher', 'reviewer', 'administrator', 'auditor'];
}

async function keepBackupCodes(tx: Transaction, userId: Id, digests: readonly string[]): Promise<void> {
  await tx.db.backupCode.deleteMany({ where: { userId } });
  await tx.db.backupCode.createMany({ data: digests.map((digest) => ({ digest, userId })) });
}

/** `XXXX-XXXX-XXXX-XXXX-XXXX-XXXX`, in letters that are not taken for each other. */
function makeBackupCodes(): string[] {
  return Array.from({ length: backupCodeCount }, () => {
    const bits = [...randomBytes(backupCodeOctets)].map((octet) => octet.toString(2).padStart(8, '0')).join('');
    const letters = bits.match(/.{5}/g)!.map((five) => alphabet[Number.parseInt(five, 2)]);
    return letters.join('').match(/.{4}/g)!.join('-');
  });
}

function digestBackupCode(code: string): string {
  return digestToken(code.toUpperCase().replace(/[^A-Z0-9]/g, ''));
}

function wrongCode(): Refusal {
  return new Refusal('INVALID_REQUEST', {
    reasons: [
      {
        code: 'CODE_WRONG',
        tr: 'Kod yanlış ya da süresi geçti. Telefonunuzun saati doğru mu?',
        en: 'The code is wrong or too old. Is the clock of your phone right?',
      },
    ],
  });
}
