import type { Id } from '../../domain/ids.ts';
import { isOfAge } from '../../domain/person.ts';
import { standing } from '../core/standing-guardians.ts';
import type { Database, Transaction } from '../ports/database.ts';
import type { Signer } from './find-signer.ts';

type Db = Transaction['db'] | Database['read'];

interface Answer {
  readonly courseId: Id;
  readonly participantId: Id | null;
  readonly signerCapacity: string | null;
}

/**
 * The lessons that the giver of an answer is shown and may object to: those in which whom it is about takes part. Nothing of
 * what happens later is for a guardian who no longer stands for the child, or whose child has come of age; their own answer
 * they still see and take back.
 */
export async function lessonsOfAnswer(db: Db, signer: Signer, answer: Answer, now: Date) {
  const { courseId, participantId, signerCapacity } = answer;
  if (participantId === null) return { courseId };
  const { personId, person } = await db.participant.findUniqueOrThrow({
    where: { id: participantId },
    select: { personId: true, person: { select: { adultFrom: true } } },
  });
  if (signerCapacity === 'guardian') {
    const where = { pupilId: personId, guardianId: signer.personId ?? '', ...standing };
    if (isOfAge(person.adultFrom, now) || (await db.guardianship.count({ where })) === 0)
      return { courseId, id: { in: [] } };
  }
  const { isSingle } = await db.course.findUniqueOrThrow({ where: { id: courseId }, select: { isSingle: true } });
  if (isSingle) return { courseId };
  const parts = await db.participant.findMany({ where: { courseId, personId } });
  return {
    courseId,
    OR: parts
      // A guest of one day who was taken out of it takes part in nothing.
      .filter(({ lessonId, until }) => lessonId === null || until === null)
      .map(({ lessonId, from, until }) =>
        lessonId === null ? { plannedStart: { gte: from, ...(until && { lt: until }) } } : { id: lessonId },
      ),
  };
}
