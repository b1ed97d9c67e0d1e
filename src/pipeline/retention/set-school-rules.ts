import type { AuditPayloads } from '../../domain/audit-event.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Transaction } from '../ports/database.ts';

/** Puts rules of the school in force. @throws Refusal `NOT_FOUND` before it was set up. */
export async function setSchoolRules(tx: Transaction, change: Readonly<Record<string, unknown>>) {
  const school = await tx.db.school.findFirst({ orderBy: { createdAt: 'asc' } });
  if (!school) throw new Refusal('NOT_FOUND');
  if (Object.keys(change).length === 0) return school;
  const row = await tx.db.school.update({ where: { id: school.id }, data: change });
  // The school's own name is no person's, but no rule either.
  const rules = Object.fromEntries(Object.entries(change).filter(([rule]) => rule !== 'name'));
  await tx.log({
    action: 'school.changed',
    outcome: 'done',
    object: { kind: 'school', id: school.id },
    details: rules as AuditPayloads['school.changed'],
  });
  return row;
}
