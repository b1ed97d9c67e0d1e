import { Refusal } from '../../domain/errors.ts';
import type { Id, StaffRole } from '../../domain/ids.ts';
import type { Database, Transaction } from '../ports/database.ts';

const byOperator = () => new Refusal('NOT_ALLOWED', { reasons: [{ code: 'AUTHORITY_BY_OPERATOR' }] });

/**
 * Whoever changes roles leaves that of an authority as it is: it is the operator's to give and to take.
 * @throws Refusal `NOT_ALLOWED` `AUTHORITY_BY_OPERATOR`.
 */
export function assertAuthorityStays(before: readonly StaffRole[], after: readonly StaffRole[]): void {
  if (before.includes('authority') !== after.includes('authority')) throw byOperator();
}

/**
 * What an administrator may do to other accounts they must not do to one of an authority: neither get in by it, nor lock it
 * out. @throws Refusal `NOT_ALLOWED` `AUTHORITY_BY_OPERATOR`.
 */
export async function assertNoAuthority(db: Transaction['db'] | Database['read'], userId: Id): Promise<void> {
  if ((await db.user.count({ where: { id: userId, roles: { has: 'authority' } } })) > 0) throw byOperator();
}
