import { detectorsVersion } from '../../detection/detectors-version.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { newestWork } from './check-recording.ts';

const caller: Caller = { actor: { kind: 'system', id: 'third-party-check' } };
/** Maximum number queued at a time: thousands would delay no new check, but fill the table. */
const mostAtOnce = 20;

/**
 * Queues the check again for recordings that were checked before a work was registered, or by earlier detectors, also
 * those that are released: what is found then raises a review (P5). One at a time, behind checks of new recordings.
 * Returns how many were queued.
 */
export async function searchAgain({ database }: Pick<Outside, 'database'>): Promise<number> {
  const newest = await newestWork(database.read);
  const outdated = await database.read.recording.findMany({
    where: {
      state: { in: ['in_review', 'cleared', 'approved', 'released'] },
      checkState: 'done',
      OR: [{ searchedWork: { lt: newest } }, { detectors: { lt: detectorsVersion } }],
    },
    orderBy: { createdAt: 'asc' },
    take: mostAtOnce,
    select: { id: true, lessonId: true },
  });
  for (const { id, lessonId } of outdated) {
    await database.transact(caller, async (tx) => {
      const { count } = await tx.db.recording.updateMany({
        where: { id, checkState: 'done' },
        data: { checkState: 'waiting', checkError: null },
      });
      if (count === 0) return;
      await tx.enqueue('check-recording', { recordingId: id }, { key: `check:${id}`, queue: 'search-again' });
      await tx.log({
        action: 'recording.check_requested',
        outcome: 'done',
        object: { kind: 'recording', id, recordingId: id, lessonId },
      });
    });
  }
  return outdated.length;
}
