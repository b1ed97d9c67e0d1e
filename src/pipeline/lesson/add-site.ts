import type { Id } from '../../domain/ids.ts';
import { mostSites } from '../../domain/permission.ts';
import { assertFewer } from '../core/assert-fewer.ts';
import { lockLesson } from '../core/gate-record.ts';
import { quarantineUnlessGateHolds } from '../core/quarantine.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import type { NewSite } from './create-lesson.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

export async function addSite({ database, clock }: Needs, caller: Caller, lessonId: Id, site: NewSite) {
  return database.transact(caller, async (tx) => {
    await lockLesson(tx.db, lessonId);
    await assertFewer(tx.db.site.count({ where: { lessonId } }), mostSites);
    const row = await tx.db.site.create({ data: { ...site, lessonId } });
    await quarantineUnlessGateHolds(tx, lessonId, clock());
    await tx.log({ action: 'lesson.site_added', outcome: 'done', object: { kind: 'site', id: row.id, lessonId } });
    return row;
  });
}
