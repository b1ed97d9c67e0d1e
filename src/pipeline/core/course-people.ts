import type { Id } from '../../domain/ids.ts';
import type { ParticipantKind } from '../../domain/permission.ts';
import type { PersonRole } from '../../domain/person.ts';
import type { Transaction } from '../ports/database.ts';

type Db = Transaction['db'];

/**
 * Brings the participants of courses in line with the classes that take part in them: who is in the class now takes part
 * from `from` on, who left it until `now`. Returns how many came and went.
 */
export async function followClasses(
  db: Db,
  of: { readonly classId: Id } | { readonly courseId: Id },
  { now, from }: { readonly now: Date; readonly from: Date },
): Promise<{ came: number; went: number }> {
  const links = await db.courseClass.findMany({ where: { ...of, course: { until: { gt: now } } } });
  // An asking at the same moment waits, or is waited for.
  const ids = [...new Set(links.map(({ courseId }) => courseId))];
  await db.$queryRaw`SELECT id FROM course WHERE id = ANY (${ids}::uuid[]) ORDER BY id FOR UPDATE`;
  let came = 0;
  let went = 0;
  for (const { courseId, classId } of links) {
    const members = await db.classMember.findMany({
      where: { classId, OR: [{ until: null }, { until: { gt: now } }] },
      select: { personId: true, from: true, person: { select: { roles: true } } },
    });
    const ever = await db.participant.findMany({
      where: { courseId, classId },
      select: { id: true, personId: true, until: true },
    });
    const there = ever.filter(({ until }) => until === null || until > now);
    const isMember = new Set(members.map(({ personId }) => personId));
    const isThere = new Set(there.map(({ personId }) => personId));
    // Who was taken out of the course and stayed in the class stays out.
    const isOut = ({ personId, from: since }: { personId: Id; from: Date }) =>
      ever.some((one) => one.personId === personId && one.until !== null && one.until > since);
    const added = members.filter((one) => !isThere.has(one.personId) && !isOut(one));
    const left = there.filter(({ personId }) => !isMember.has(personId)).map(({ id }) => id);
    await db.participant.createMany({
      data: added.map(({ personId, person }) => ({ courseId, classId, personId, from, ...placeOf(person.roles) })),
    });
    await endParticipants(db, left, now);
    came += added.length;
    went += left.length;
  }
  return { came, went };
}

/** They take part no longer, and are not asked any more. */
export async function endParticipants(db: Db, ids: readonly Id[], now: Date): Promise<void> {
  if (ids.length === 0) return;
  await db.participant.updateMany({ where: { id: { in: [...ids] } }, data: { until: now } });
  await db.request.updateMany({
    where: { participantId: { in: [...ids] }, state: { in: ['open', 'lapsed'] } },
    data: { state: 'cancelled', remindAt: null },
  });
}

/** A pupil counts as under age until it is known that they came of age. */
export function placeOf(roles: readonly PersonRole[]): { kind: ParticipantKind; isMinor: boolean } {
  if (roles.includes('pupil')) return { kind: 'pupil', isMinor: true };
  return { kind: roles.includes('staff') ? 'teacher' : 'guest', isMinor: false };
}

/** Locks every course that somebody takes part in, in one order, and returns them. */
export async function lockCoursesOf(db: Db, personId: Id): Promise<Id[]> {
  const rows = await db.$queryRaw<{ id: Id }[]>`
    SELECT id FROM course WHERE id IN (SELECT "courseId" FROM participant WHERE "personId" = ${personId}::uuid)
     ORDER BY id FOR UPDATE`;
  return rows.map(({ id }) => id);
}
