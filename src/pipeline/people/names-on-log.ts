import type { Id } from '../../domain/ids.ts';
import type { Database, Transaction } from '../ports/database.ts';

type Db = Database['read'] | Transaction['db'];

/** The ids under which the log names somebody: as a person, in each course, and by each of their links. */
export async function namesOnLog(db: Db, personId: Id): Promise<Id[]> {
  const parts = await db.participant.findMany({ where: { personId }, select: { id: true } });
  const links = await db.signerLink.findMany({ where: { personId }, select: { id: true } });
  return [personId, ...parts.map(({ id }) => id), ...links.map(({ id }) => id)];
}
