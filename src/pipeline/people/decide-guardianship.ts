import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Authority, Relation } from '../../domain/person.ts';
import { lockCoursesOf } from '../core/course-people.ts';
import { quarantineInCourse } from '../core/quarantine.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

/**
 * Says what a guardian may do for a pupil, or ends that they stand for them, with what that rests on. What has ended is not
 * begun again: a new guardianship comes from a roster or by hand. The task that asked for it is done. Policy P6.
 * @param decided.why the document that an end rests on; the log does not say it.
 * @throws Refusal `NOT_FOUND`, `STATE_CHANGED` when it has ended.
 */
export function decideGuardianship(
  { database, clock }: Pick<Outside, 'database' | 'clock'>,
  caller: Caller,
  guardianshipId: Id,
  decided: {
    relation?: Relation | undefined;
    authority?: Authority | undefined;
    end?: true | undefined;
    why?: string | undefined;
  },
) {
  return database.transact(caller, async (tx) => {
    const row = await tx.db.guardianship.findUnique({ where: { id: guardianshipId } });
    if (!row) throw new Refusal('NOT_FOUND');
    // What they may do decides whose answers count, in every course of the pupil.
    const courses = await lockCoursesOf(tx.db, row.pupilId);
    const { relation = row.relation, authority = row.authority, end = false, why = null } = decided;
    const { count } = await tx.db.guardianship.updateMany({
      where: { id: guardianshipId, until: null },
      data: { relation, authority, changedById: staffIdOf(caller), ...(end ? { until: clock(), endedWhy: why } : {}) },
    });
    if (count === 0) throw new Refusal('STATE_CHANGED');
    const { pupilId: personId, guardianId: otherId } = row;
    const stands = { pupilId: personId, guardianId: otherId, authority: 'may_sign', until: null } as const;
    // Whoever may not sign any more is not asked any more either.
    if ((await tx.db.guardianship.count({ where: stands })) === 0)
      await tx.db.request.updateMany({
        where: {
          signerId: otherId,
          capacity: 'guardian',
          participant: { personId },
          state: { in: ['open', 'lapsed'] },
        },
        data: { state: 'cancelled', remindAt: null },
      });
    await tx.db.task.updateMany({
      where: { kind: { in: ['decide_guardianship', 'guardian_not_listed'] }, personId, otherId, doneAt: null },
      data: { doneAt: clock(), doneById: staffIdOf(caller) },
    });
    for (const courseId of courses) await quarantineInCourse(tx, courseId, clock());
    await tx.log({
      action: 'guardianship.decided',
      outcome: 'done',
      object: { kind: 'person', id: personId },
      details: { guardian: { person: 'person', id: otherId }, authority, ended: end },
    });
    return tx.db.guardianship.findUniqueOrThrow({
      where: { id: guardianshipId },
      include: { pupil: { select: { id: true, name: true } }, guardian: { select: { id: true, name: true } } },
    });
  });
}
