import { randomBytes } from 'node:crypto';
import type { Id } from '../../domain/ids.ts';
import { digestToken } from '../core/token.ts';
import type { Transaction } from '../ports/database.ts';

/** Ten codes of 120 random bits: with so many, a plain digest keeps them (ASVS 5.0, 6.5.2). */
const backupCodeCount = 10;
const backupCodeOctets = 15;
const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

export async function keepBackupCodes(tx: Transaction, userId: Id, digests: readonly string[]): Promise<void> {
  await tx.db.backupCode.deleteMany({ where: { accountId: userId } });
  await tx.db.backupCode.createMany({ data: digests.map((digest) => ({ digest, accountId: userId })) });
}

/** `XXXX-XXXX-XXXX-XXXX-XXXX-XXXX`, in letters that are not taken for each other. */
export function makeBackupCodes(): string[] {
  return Array.from({ length: backupCodeCount }, () => {
    const bits = [...randomBytes(backupCodeOctets)].map((octet) => octet.toString(2).padStart(8, '0')).join('');
    const letters = bits.replaceAll(/.{5}/g, (five) => alphabet.charAt(Number.parseInt(five, 2)));
    return letters.replaceAll(/.{4}(?=.)/g, '$&-');
  });
}

export function digestBackupCode(code: string): string {
  return digestToken(code.toUpperCase().replace(/[^A-Z0-9]/g, ''));
}
