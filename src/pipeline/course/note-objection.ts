import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Route } from '../../domain/permission.ts';
import { courseOf, lockLesson, ofLesson } from '../core/gate-record.ts';
import { isAdministrator } from '../core/is-administrator.ts';
import { logObjection, setObjection } from '../core/objection.ts';
import { standing } from '../core/standing-guardians.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

/** An objection as it reached the school without the link. */
export interface NotedObjection {
  readonly participantId: Id;
  /** The guardian who objects; left out: the person themself. */
  readonly guardianId?: Id | undefined;
  readonly route: Route;
  /** It is taken back. */
  readonly lift?: true | undefined;
}

/**
 * Notes that somebody objects to one lesson on paper, by mail or by telephone; the answer to the course stands. It counts at
 * once: what was recorded of the lesson goes into quarantine in the same transaction. A spoken no counts, and a spoken yes
 * does not: an objection is taken back by the link, or in writing, which an administrator notes. Policy P1, P6.
 * @throws Refusal `NOT_FOUND`, also of somebody who does not stand for the pupil; `STATE_CHANGED` when it is so already;
 * `WRONG_STATE` `NOT_WRITTEN`; `NOT_ALLOWED` for whoever is no administrator and takes one back.
 */
export function noteObjection(
  { database, clock }: Pick<Outside, 'database' | 'clock'>,
  caller: Caller,
  lessonId: Id,
  { participantId, guardianId: given, route, lift: isLifted }: NotedObjection,
): Promise<void> {
  const guardianId = given ?? null;
  const lift = isLifted === true;
  return database.transact(caller, async (tx) => {
    await lockLesson(tx.db, lessonId);
    const courseId = await courseOf(tx.db, lessonId);
    const row = await tx.db.participant.findFirst({
      where: { id: participantId, courseId, ...ofLesson(lessonId) },
      include: { person: { select: { name: true } } },
    });
    if (!row) throw new Refusal('NOT_FOUND');
    const stands = { pupilId: row.personId, guardianId: guardianId ?? '', ...standing };
    if (guardianId !== null && (await tx.db.guardianship.count({ where: stands })) === 0)
      throw new Refusal('NOT_FOUND');
    if (lift && route === 'spoken')
      throw new Refusal('WRONG_STATE', { reasons: [{ code: 'NOT_WRITTEN', params: { name: row.person.name } }] });
    // What keeps the teacher's own recording out of reach is not theirs to take back.
    if (lift && !isAdministrator(caller)) throw new Refusal('NOT_ALLOWED');
    const { personId } = row;
    const said = { lessonId, participantId, personId, guardianId, isLifted: lift, at: clock() };
    await setObjection(tx, said);
    await logObjection(tx, said, { route, evidence: null });
  });
}
