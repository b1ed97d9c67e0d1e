import type { Id } from '../../domain/ids.ts';
import { courseOf } from '../core/gate-record.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

export const withEvents = { events: { orderBy: { at: 'asc' } } } as const;

/** The permission record of a lesson, which is that of its course; that somebody looked is on the log. */
export async function listPermissions({ database }: Needs, caller: Caller, lessonId: Id) {
  return database.transact(caller, async (tx) => {
    const rows = await tx.db.permission.findMany({
      where: { courseId: await courseOf(tx.db, lessonId) },
      include: withEvents,
      orderBy: { createdAt: 'asc' },
    });
    await tx.log({ action: 'permission.viewed', outcome: 'done', object: { kind: 'lesson', id: lessonId, lessonId } });
    return rows;
  });
}
