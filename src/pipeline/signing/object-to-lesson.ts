import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { lockLesson } from '../core/gate-record.ts';
import { openContactBook } from '../core/people-key.ts';
import { quarantineUnlessGateHolds } from '../core/quarantine.ts';
import type { Outside } from '../ports/outside.ts';
import { findAnswer } from './find-answer.ts';
import { callerOf, findSigner, holdLink } from './find-signer.ts';
import { keepEvidence } from './keep-evidence.ts';
import { lessonsOfAnswer } from './lessons-of-answer.ts';
import { type Pressed, pressedEvidence } from './no-evidence.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'keyring'>;

/**
 * A no to one lesson of a course; the answer to the course stands. What was recorded of the lesson goes into quarantine at
 * once. `isLifted`: the objection is taken back.
 * @throws Refusal `LINK_NOT_VALID`, `NOT_FOUND`; `STATE_CHANGED` when it is so already.
 */
export async function objectToLesson(
  outside: Needs,
  token: string,
  to: { readonly permissionId: Id; readonly lessonId: Id; readonly isLifted: boolean },
  pressed: Pressed,
): Promise<{ evidenceId: Id | null }> {
  const { database, clock } = outside;
  const { permissionId, lessonId, isLifted } = to;
  const signer = await findSigner(database.read, token);
  const caller = callerOf(signer, pressed.address);
  return database.transact(caller, async (tx) => {
    await lockLesson(tx.db, lessonId);
    await holdLink(tx, signer);
    const row = await findAnswer(tx.db, signer, permissionId);
    const { participantId } = row;
    const now = clock();
    const where = { AND: [{ id: lessonId }, await lessonsOfAnswer(tx.db, signer, row, now)] };
    const lesson = await tx.db.lesson.findFirst({ where });
    if (!lesson || participantId === null) throw new Refusal('NOT_FOUND');
    const guardianId = row.signerCapacity === 'guardian' ? signer.personId : null;
    // Of the person, who may take part twice or again: it is one objection.
    const own = { lessonId, participant: { personId: row.participant?.personId ?? '' }, guardianId, liftedAt: null };
    const standing = await tx.db.objection.count({ where: own });
    if (standing > 0 !== isLifted) throw new Refusal('STATE_CHANGED');
    const about = {
      participant: { person: 'participant', id: participantId },
      guardian: guardianId === null ? null : ({ person: 'person', id: guardianId } as const),
      route: 'electronic',
    } as const;
    if (isLifted) {
      await tx.db.objection.updateMany({ where: own, data: { liftedAt: now } });
      await tx.log({
        action: 'lesson.objection_lifted',
        outcome: 'done',
        object: { kind: 'lesson', id: lessonId, lessonId },
        details: about,
      });
      return { evidenceId: null };
    }
    await tx.db.objection.create({ data: { lessonId, participantId, guardianId, at: now } });
    await quarantineUnlessGateHolds(tx, lessonId, now);
    const book = await openContactBook(outside, tx.db);
    try {
      const evidence =
        row.terms && pressedEvidence(book, signer, row, { event: 'objected', at: now, lesson: lessonId }, pressed);
      const digest = evidence && (await keepEvidence(tx, book, evidence, null));
      await tx.log({
        action: 'lesson.objected',
        outcome: 'done',
        object: { kind: 'lesson', id: lessonId, lessonId },
        details: { ...about, evidence: digest },
      });
      return { evidenceId: evidence?.id ?? null };
    } finally {
      book.close();
    }
  });
}
