import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { mostLinksAtOnce } from '../../domain/link-rules.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { linksOf, linksThatAre } from './list-all-links.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/**
 * Revokes links: those named, all or none of them; those that are revoked already stay as they are. @throws Refusal `NOT_FOUND`
 * when one of them is not there, or not of a lesson of this teacher.
 */
export function revokeLinks({ database, clock }: Needs, caller: Caller, teacherId: Id | undefined, linkIds: Id[]) {
  const ids = [...new Set(linkIds)];
  return database.transact(caller, async (tx) => {
    const found = await tx.db.viewerLink.count({ where: { AND: [linksOf(teacherId), { id: { in: ids } }] } });
    if (found < ids.length) throw new Refusal('NOT_FOUND');
    return revokeAmong(tx, ids, clock());
  });
}

/** Revokes every open link of the school, or of a teacher's lessons, so many at a time until none is left. */
export async function revokeOpenLinks({ database, clock }: Needs, caller: Caller, teacherId: Id | undefined) {
  const now = clock();
  let revoked = 0;
  for (;;) {
    const { found, done } = await database.transact(caller, async (tx) => {
      const rows = await tx.db.viewerLink.findMany({
        where: { AND: [linksOf(teacherId), linksThatAre('open', now)] },
        orderBy: { id: 'asc' },
        take: mostLinksAtOnce,
        select: { id: true },
      });
      const ids = rows.map(({ id }) => id);
      return { found: rows.length, done: await revokeAmong(tx, ids, now) };
    });
    revoked += done;
    if (found < mostLinksAtOnce) return revoked;
  }
}

/** How many of them were not revoked before. */
async function revokeAmong(tx: Transaction, ids: readonly Id[], now: Date): Promise<number> {
  const rows = await tx.db.viewerLink.updateManyAndReturn({
    where: { id: { in: [...ids] }, revokedAt: null },
    data: { revokedAt: now },
    select: { id: true, release: { select: { recordingId: true } } },
  });
  for (const { id, release } of rows)
    await tx.log({
      action: 'link.revoked',
      outcome: 'done',
      object: { kind: 'link', id, recordingId: release.recordingId },
    });
  return rows.length;
}
