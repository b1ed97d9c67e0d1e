import type { Id } from '../../domain/ids.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/** The caller's own session ends. */
export async function signOut({ database }: Needs, caller: Caller, sessionId: Id | null): Promise<void> {
  const userId = staffIdOf(caller);
  await database.transact(caller, async (tx) => {
    if (sessionId !== null) await tx.db.session.deleteMany({ where: { id: sessionId, userId } });
    await tx.log({ action: 'staff.signed_out', outcome: 'done', object: { kind: 'staff', id: userId } });
  });
}
