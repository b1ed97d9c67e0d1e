import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { lockPermission, noteChange } from './note-answer.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/** Permissions whose time is over become `expired`, and what rested on them goes into quarantine. Run by the clock. */
export async function expirePermissions({ database, clock }: Needs): Promise<number> {
  const caller: Caller = { actor: { kind: 'system', id: 'expiry' } };
  const over: Prisma.PermissionWhereInput = {
    status: 'granted',
    validUntil: { lte: clock() },
    // Of somebody who is erased nothing is written any more.
    OR: [{ participantId: null }, { participant: { person: { erasedAt: null } } }],
  };
  const due = await database.read.permission.findMany({ where: over, select: { id: true } });
  for (const { id } of due)
    await database.transact(caller, async (tx) => {
      const before = await lockPermission(tx, id);
      if (before.status !== 'granted') return;
      const row = await tx.db.permission.update({ where: { id }, data: { status: 'expired' } });
      await noteChange(tx, caller, row, 'expired', clock());
    });
  return due.length;
}
