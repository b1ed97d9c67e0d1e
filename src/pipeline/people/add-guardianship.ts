import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Authority, Relation } from '../../domain/person.ts';
import { lockCoursesOf } from '../core/course-people.ts';
import { findPerson } from '../core/find-person.ts';
import { isAdministrator } from '../core/is-administrator.ts';
import { quarantineInCourse } from '../core/quarantine.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

const refuse = (code: 'PERSON_UNKNOWN' | 'GUARDIAN_OF_THEMSELVES') =>
  new Refusal('INVALID_REQUEST', { reasons: [{ code, subject: { kind: 'field', id: 'guardianId' } }] });

/**
 * Says that somebody stands for a pupil. Who may sign for a child is for an administrator to decide: from anybody else it
 * comes with authority `none` and a task, as an unclear line of a roster does. A new guardian who may sign can make a rule
 * unmet that asks for all of them: what rests on it goes into quarantine at once. Policy P6.
 * @throws Refusal `NOT_FOUND`; `INVALID_REQUEST`: `PERSON_UNKNOWN`, `GUARDIAN_OF_THEMSELVES`; `ALREADY_EXISTS`
 * `GUARDIANSHIP_EXISTS`.
 */
export function addGuardianship(
  { database, clock }: Pick<Outside, 'database' | 'clock'>,
  caller: Caller,
  pupilId: Id,
  {
    guardianId,
    relation,
    authority,
  }: { readonly guardianId: Id; readonly relation: Relation; readonly authority: Authority },
) {
  const by = staffIdOf(caller);
  const isDecided = authority === 'none' || isAdministrator(caller);
  return database.transact(caller, async (tx) => {
    const { db } = tx;
    const courses = await lockCoursesOf(db, pupilId);
    if (!(await findPerson(db, pupilId))) throw new Refusal('NOT_FOUND');
    if (guardianId === pupilId) throw refuse('GUARDIAN_OF_THEMSELVES');
    const guardian = await findPerson(db, guardianId);
    if (!guardian) throw refuse('PERSON_UNKNOWN');
    const now = clock();
    const row = {
      pupilId,
      guardianId,
      relation,
      authority: isDecided ? authority : ('none' as const),
      from: now,
      changedById: by,
    };
    const [made] = await db.guardianship.createManyAndReturn({
      data: [row],
      skipDuplicates: true,
      select: { id: true },
    });
    if (!made) throw new Refusal('ALREADY_EXISTS', { reasons: [{ code: 'GUARDIANSHIP_EXISTS' }] });
    const role = authority === 'none' || relation === 'other' ? ('contact' as const) : ('guardian' as const);
    if (!guardian.roles.includes(role))
      await db.person.update({ where: { id: guardianId }, data: { roles: { push: role } } });
    if (!isDecided)
      await db.task.createMany({
        data: [{ kind: 'decide_guardianship', personId: pupilId, otherId: guardianId }],
        skipDuplicates: true,
      });
    for (const courseId of courses) await quarantineInCourse(tx, courseId, now);
    await tx.log({
      action: 'guardianship.added',
      outcome: 'done',
      object: { kind: 'person', id: pupilId },
      details: { guardian: { person: 'person', id: guardianId }, authority: row.authority },
    });
    return db.guardianship.findUniqueOrThrow({
      where: { id: made.id },
      include: { pupil: { select: { id: true, name: true } }, guardian: { select: { id: true, name: true } } },
    });
  });
}
