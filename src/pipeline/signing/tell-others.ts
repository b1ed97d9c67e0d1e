import { gateReasons } from '../../domain/gate.ts';
import type { Id } from '../../domain/ids.ts';
import { isOfAge } from '../../domain/person.ts';
import { getCourseRecord } from '../core/gate-record.ts';
import type { ContactBook } from '../core/people-key.ts';
import { linkOf } from '../core/signer-link.ts';
import { standing } from '../core/standing-guardians.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import type { Signer } from './find-signer.ts';
import { queueMail } from './queue-mail.ts';

/**
 * Tells everybody else who stands for a child that one of them answered, each with a link of their own: an impostor is
 * noticed, and whoever disagrees can say so. Where guardians disagree, an administrator gets a task. Who is told is not
 * reminded any more while all is given.
 */
export async function tellOthers(
  { settings }: Pick<Outside, 'settings'>,
  tx: Transaction,
  book: ContactBook,
  answer: {
    readonly request: { readonly id: Id; readonly courseId: Id; readonly participantId: Id | null };
    readonly by: Pick<Signer, 'personId'>;
    readonly at: Date;
  },
): Promise<void> {
  const { request, by, at } = answer;
  const { participantId, courseId } = request;
  if (participantId === null) return;
  const { personId, person } = await tx.db.participant.findUniqueOrThrow({
    where: { id: participantId },
    select: { personId: true, person: { select: { adultFrom: true } } },
  });
  const guardianships = await tx.db.guardianship.findMany({
    where: { pupilId: personId, ...standing },
    select: { guardianId: true },
  });
  const others = [...new Set(guardianships.map(({ guardianId }) => guardianId))].filter((id) => id !== by.personId);
  // Whoever has come of age answers for themselves, and nobody stands for them.
  if (settings.sendsMail && !isOfAge(person.adultFrom, at))
    for (const guardianId of others) {
      const link = await linkOf(tx.db, book, { personId: guardianId }, at);
      await queueMail(tx, book, { linkId: link.id, kind: 'told', requestIds: [request.id], at });
    }
  const { lesson, permissions } = await getCourseRecord(tx.db, courseId, new Date(at.getTime() + 1));
  // Somebody who takes part twice, or again, is shown under one of their rows.
  const own = await tx.db.participant.findMany({ where: { courseId, personId }, select: { id: true } });
  const ids = new Set(own.map(({ id }) => id));
  const reasons = gateReasons(lesson, permissions, lesson.plannedStart).filter(
    ({ subject }) => subject !== undefined && ids.has(subject.id),
  );
  if (reasons.length === 0)
    await tx.db.request.updateMany({
      where: { participantId, courseId, state: 'open' },
      data: { remindAt: null },
    });
  if (!reasons.some(({ code }) => code === 'PERMISSION_CONFLICT')) return;
  const isThere = await tx.db.task.count({ where: { kind: 'decide_conflict', personId, courseId, doneAt: null } });
  if (isThere > 0) return;
  // A task never undoes an answer.
  const data = [{ kind: 'decide_conflict' as const, personId, otherId: by.personId, courseId }];
  await tx.db.task.createMany({ data, skipDuplicates: true });
}
