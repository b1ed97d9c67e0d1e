import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

const caller: Caller = { actor: { kind: 'system', id: 'mail' } };
/** Longer than every try of a job and every silence of a mail server. */
const waitMs = 15 * 60_000;
const mostAtOnce = 500;

/**
 * Queues again what has not gone out: while a mail server is away for longer than a job is tried, no letter is lost. One that
 * a worker had claimed and never settled is not sent again; its job only says that nobody knows. Run by the clock.
 */
export async function queueUnsentMail({ database, clock }: Pick<Outside, 'database' | 'clock'>): Promise<number> {
  const before = new Date(clock().getTime() - waitMs);
  return database.transact(caller, async (tx) => {
    const rows = await tx.db.delivery.findMany({
      where: {
        state: 'queued',
        queuedAt: { lt: before },
        OR: [{ claimedAt: null }, { claimedAt: { lt: before } }],
      },
      orderBy: { queuedAt: 'asc' },
      take: mostAtOnce,
      select: { id: true },
    });
    for (const { id } of rows) await tx.enqueue('mail-signer', { deliveryId: id }, { key: `mail:${id}` });
    return rows.length;
  });
}
