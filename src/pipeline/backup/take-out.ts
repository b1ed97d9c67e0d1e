import type { AuditEvent } from '../../domain/audit-event.ts';
import type { Id } from '../../domain/ids.ts';
import { integrateLog } from '../oversight/integrate-log.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

const caller = { actor: { kind: 'system', id: 'backup' } } as const;

/**
 * Closes a school because it goes on in another installation: sessions and API tokens end, and its log takes no entry after this
 * one, which the database itself sees to. Repeatable: one that was taken out stays as it is.
 */
export async function takeOut(
  { database, clock }: Needs,
  { to, first }: { readonly to: string; readonly first: Pick<Outside, 'database' | 'logSigner'> | null },
): Promise<void> {
  const event = await database.transact(caller, async (tx): Promise<AuditEvent & { readonly object: { id: Id } }> => {
    // What is being written to the log is committed before (migration `schools_that_move`).
    await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('log ' || current_school(), 0))`;
    const { id, closedAt, takenOutAt } = await tx.db.school.findFirstOrThrow();
    const sessions = await tx.db.session.deleteMany({});
    const at = clock();
    const tokens = await tx.db.apiToken.updateMany({ where: { revokedAt: null }, data: { revokedAt: at } });
    const details = { to, sessions: sessions.count, tokens: tokens.count };
    const taken = { action: 'school.taken_out', outcome: 'done', object: { kind: 'school', id }, details } as const;
    if (takenOutAt !== null) return taken;
    await tx.log(taken);
    await tx.db.school.updateMany({ data: { takenOutAt: at, closedAt: closedAt ?? at } });
    return taken;
  });
  // The installation's own log says so, too: by it a restore of the whole installation leaves the school where it went.
  if (first !== null && !(await isElsewhere(first, event.object.id)))
    await first.database.transact(caller, (tx) => tx.log(event));
}

/** Whether the school went to another installation, as the log of the first school says, and did not come back. */
export async function isElsewhere(first: Pick<Outside, 'database' | 'logSigner'>, school: Id): Promise<boolean> {
  await integrateLog(first);
  const last = await first.database.read.auditEntry.findFirst({
    where: { action: { in: ['school.taken_out', 'school.put_in'] }, objectId: school },
    orderBy: { seq: 'desc' },
    select: { action: true },
  });
  return last?.action === 'school.taken_out';
}
