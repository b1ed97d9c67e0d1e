import { createHash } from 'node:crypto';
import { mustHave } from '../../domain/must-have.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';

export const triesBeforeLock = 5;
export const lockMs = 15 * 60_000;

/** One try to show that somebody is who they say, counted before it is looked at. */
export interface Attempt {
  /** Number of this try since the last success, or since the last quarter of an hour without any. */
  readonly count: number;
  /** Too many before this one: the input is not looked at. */
  readonly isLocked: boolean;
  /** It was right as far as it went, and asks for more: it does not count. */
  giveBack(): Promise<void>;
  /** It was right: counting begins again. */
  clear(tx: Transaction): Promise<void>;
}

/**
 * Counts a try for an address in one statement, before a password is hashed or a code is compared: of sixty at the same
 * instant five are looked at. The fifth locks the address for a quarter of an hour, whether or not an account has it.
 * So does every wrong code, and every wrong password with which a session is confirmed. Policy P10; ASVS 5.0, 6.3.1.
 */
export async function reserveAttempt(
  { database, clock }: Pick<Outside, 'database' | 'clock'>,
  email: string,
): Promise<Attempt> {
  const emailDigest = digestEmail(email);
  const now = clock();
  const quiet = new Date(now.getTime() - lockMs);
  const lockedUntil = new Date(now.getTime() + lockMs);
  const [row] = await database.read.$queryRaw<{ failures: number }[]>`
    INSERT INTO sign_in_failure ("emailDigest", "failures", "lastAt") VALUES (${emailDigest}, 1, ${now})
    ON CONFLICT ("emailDigest") DO UPDATE SET
      "failures" = CASE
        WHEN coalesce(sign_in_failure."lockedUntil" <= ${now}, sign_in_failure."lastAt" < ${quiet}) THEN 1
        ELSE sign_in_failure."failures" + 1 END,
      "lockedUntil" = CASE
        WHEN coalesce(sign_in_failure."lockedUntil" <= ${now}, sign_in_failure."lastAt" < ${quiet}) THEN NULL
        WHEN sign_in_failure."lockedUntil" IS NULL AND sign_in_failure."failures" + 1 >= ${triesBeforeLock} THEN ${lockedUntil}
        ELSE sign_in_failure."lockedUntil" END,
      "lastAt" = ${now}
    RETURNING "failures"`;
  const count = mustHave(row, 'count of failures').failures;
  return {
    count,
    isLocked: count > triesBeforeLock,
    async giveBack() {
      await database.read.$executeRaw`
        UPDATE sign_in_failure SET "failures" = "failures" - 1,
          "lockedUntil" = CASE WHEN "failures" <= ${triesBeforeLock} THEN NULL ELSE "lockedUntil" END
        WHERE "emailDigest" = ${emailDigest} AND "failures" > 0`;
    },
    async clear(tx) {
      await tx.db.signInFailure.deleteMany({ where: { emailDigest } });
    },
  };
}

/** Opens an address again whose owner has chosen another password. */
export async function forgetAttempts(tx: Transaction, email: string): Promise<void> {
  await tx.db.signInFailure.deleteMany({ where: { emailDigest: digestEmail(email) } });
}

function digestEmail(email: string): string {
  return createHash('sha256').update(email.toLowerCase()).digest('hex');
}
