import type { Id } from '../../domain/ids.ts';
import { lockLesson } from '../core/gate-record.ts';
import { purgeSealed } from '../core/sealed-object.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { keepSummary } from './settle-lesson.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring'>;

/**
 * The reports of a lesson go with its last recording: without one nobody has to know who was there. Does nothing while another
 * recording is kept or arriving. Policy P11.
 */
export async function dropReports(outside: Needs, caller: Caller, lessonId: Id): Promise<void> {
  const bodies = await outside.database.transact(caller, async (tx) => {
    await lockLesson(tx.db, lessonId);
    if ((await tx.db.recording.count({ where: { lessonId, state: { not: 'erased' } } })) > 0) return [];
    const reports = await tx.db.attendanceReport.findMany({
      where: { lessonId },
      select: { id: true, sealed: { select: { id: true, bodyKey: true } }, _count: { select: { rows: true } } },
    });
    if (reports.length === 0) return [];
    await tx.db.attendanceReport.deleteMany({ where: { lessonId } });
    await tx.db.sealedObject.deleteMany({ where: { id: { in: reports.map(({ sealed }) => sealed.id) } } });
    await keepSummary(tx.db, lessonId, null);
    for (const { id, _count } of reports)
      await tx.log({
        action: 'attendance.report_removed',
        outcome: 'done',
        object: { kind: 'attendance_report', id, lessonId },
        details: { rows: _count.rows, why: 'no_recording' },
      });
    return reports.map(({ sealed }) => sealed.bodyKey);
  });
  for (const bodyKey of bodies) await purgeSealed(outside, bodyKey);
}
