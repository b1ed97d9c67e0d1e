import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Transaction } from '../ports/database.ts';

export async function findRelease(tx: Transaction, releaseId: Id) {
  const row = await tx.db.release.findUnique({ where: { id: releaseId } });
  if (!row) throw new Refusal('NOT_FOUND');
  return row;
}

export function assertFuture(at: Date, now: Date, field: string): void {
  if (at > now) return;
  throw new Refusal('INVALID_REQUEST', {
    reasons: [{ code: 'NOT_IN_FUTURE', subject: { kind: 'field', id: field } }],
  });
}
