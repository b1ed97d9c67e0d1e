import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { mustHave } from '../../domain/must-have.ts';
import { lockLesson } from '../core/gate-record.ts';
import { logObjection, setObjection } from '../core/objection.ts';
import { openContactBook } from '../core/people-key.ts';
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
    const said = {
      lessonId,
      participantId,
      personId: mustHave(row.participant, 'participant of an answer').personId,
      guardianId: row.signerCapacity === 'guardian' ? signer.personId : null,
      isLifted,
      at: now,
    };
    await setObjection(tx, said);
    const route = 'electronic';
    if (isLifted || !row.terms) {
      await logObjection(tx, said, { route, evidence: null });
      return { evidenceId: null };
    }
    const book = await openContactBook(outside, tx.db);
    try {
      const evidence = pressedEvidence(book, signer, row, { event: 'objected', at: now, lesson: lessonId }, pressed);
      await logObjection(tx, said, { route, evidence: await keepEvidence(tx, book, evidence, null) });
      return { evidenceId: evidence.id };
    } finally {
      book.close();
    }
  });
}
