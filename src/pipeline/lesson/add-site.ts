import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { mostSites } from '../../domain/permission.ts';
import { assertFewer } from '../core/assert-fewer.ts';
import { courseOf, lockLesson, soleLessonOf } from '../core/gate-record.ts';
import { quarantineUnlessGateHolds } from '../core/quarantine.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import type { NewSite } from './create-lesson.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/** @throws Refusal `NOT_FOUND`; `WRONG_STATE` `COURSE_DECIDES` in a lesson of a course, whose sites its signers read. */
export async function addSite({ database, clock }: Needs, caller: Caller, lessonId: Id, site: NewSite) {
  return database.transact(caller, async (tx) => {
    await lockLesson(tx.db, lessonId);
    const courseId = await courseOf(tx.db, lessonId);
    if ((await soleLessonOf(tx.db, courseId)) === undefined)
      throw new Refusal('WRONG_STATE', { reasons: [{ code: 'COURSE_DECIDES' }] });
    await assertFewer(tx.db.site.count({ where: { courseId } }), mostSites);
    const row = await tx.db.site.create({ data: { ...site, courseId } });
    await quarantineUnlessGateHolds(tx, lessonId, clock());
    await tx.log({ action: 'lesson.site_added', outcome: 'done', object: { kind: 'site', id: row.id, lessonId } });
    return row;
  });
}
