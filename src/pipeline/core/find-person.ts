import type { Id } from '../../domain/ids.ts';
import type { Database, Transaction } from '../ports/database.ts';

/** Somebody the school knows; null: there is nobody, or they are erased, which is the same. */
export function findPerson(db: Transaction['db'] | Database['read'], personId: Id) {
  return db.person.findUnique({ where: { id: personId, erasedAt: null } });
}
