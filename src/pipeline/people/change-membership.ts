import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { followClasses } from '../core/course-people.ts';
import { findPerson } from '../core/find-person.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

/**
 * Somebody joins a class, or leaves it: from now on they take part in its courses, or in those no longer. In the lessons that
 * have begun nothing changes. Joining twice is joining once.
 * @throws Refusal `NOT_FOUND`: there is no such person or class, or nobody of that name to leave it.
 */
export function changeMembership(
  { database, clock }: Pick<Outside, 'database' | 'clock'>,
  caller: Caller,
  personId: Id,
  classId: Id,
  isMember: boolean,
): Promise<void> {
  return database.transact(caller, async (tx) => {
    const { db } = tx;
    const now = clock();
    if (!(await findPerson(db, personId))) throw new Refusal('NOT_FOUND');
    if (!(await db.class.findUnique({ where: { id: classId } }))) throw new Refusal('NOT_FOUND');
    const { count } = isMember
      ? await db.classMember.createMany({ data: [{ classId, personId, from: now }], skipDuplicates: true })
      : await db.classMember.updateMany({ where: { classId, personId, until: null }, data: { until: now } });
    if (count === 0 && isMember) return;
    if (count === 0) throw new Refusal('NOT_FOUND');
    await followClasses(db, { classId }, { now, from: now });
    await tx.log({
      action: isMember ? 'class.joined' : 'class.left',
      outcome: 'done',
      object: { kind: 'person', id: personId },
      details: { class: classId },
    });
  });
}
