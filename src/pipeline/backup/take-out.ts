import type { AuditEvent } from '../../domain/audit-event.ts';
import type { Id } from '../../domain/ids.ts';
import { integrateLog } from '../oversight/integrate-log.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { disableRunner } from '../runners/disable-runner.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'settings'>;

const caller = { actor: { kind: 'system', id: 'backup' } } as const;

/**
 * Closes a school because it goes on in another installation: sessions, tokens and runners end, which machines of this one may
 * hold, and its log takes no entry after this one, which the database itself sees to. Repeatable: one that was taken out stays
 * as it is.
 */
export async function takeOut(
  outside: Needs,
  { to, first }: { readonly to: string; readonly first: Pick<Outside, 'database' | 'logSigner'> | null },
): Promise<void> {
  const { database, clock } = outside;
  const event = await database.transact(caller, async (tx): Promise<AuditEvent & { readonly object: { id: Id } }> => {
    // What is being written to the log is committed before (migration `schools_that_move`).
    await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('log ' || current_school(), 0))`;
    const { id, closedAt, takenOutAt } = await tx.db.school.findFirstOrThrow();
    const at = clock();
    const ended = takenOutAt === null ? await endAccess(outside, tx, at) : { sessions: 0, tokens: 0, runners: 0 };
    const object = { kind: 'school', id };
    const taken = { action: 'school.taken_out', outcome: 'done', object, details: { to, ...ended } } as const;
    if (takenOutAt !== null) return taken;
    await tx.log(taken);
    await tx.db.school.updateMany({ data: { takenOutAt: at, closedAt: closedAt ?? at } });
    return taken;
  });
  // The installation's own log says so, too: by it a restore of the whole installation leaves the school where it went.
  if (first !== null && !(await isElsewhere(first, event.object.id)))
    await first.database.transact(caller, (tx) => tx.log(event));
}

/** Of everybody and everything that got in here. Links of guardians and viewers are theirs, and go with the school. */
async function endAccess(outside: Needs, tx: Transaction, at: Date) {
  const sessions = await tx.db.session.deleteMany({});
  const open = { where: { revokedAt: null }, data: { revokedAt: at } };
  const tokens = await tx.db.apiToken.updateMany(open);
  const provisioning = await tx.db.scimToken.updateMany(open);
  const runners = await tx.db.runner.findMany({ where: { disabledAt: null }, select: { id: true } });
  for (const { id } of runners) await disableRunner(outside, tx, id, 'by_hand');
  await tx.db.runnerInvitation.deleteMany({ where: { usedAt: null } });
  return { sessions: sessions.count, tokens: tokens.count + provisioning.count, runners: runners.length };
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
