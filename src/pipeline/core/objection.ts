import type { ObjectionOnLog } from '../../domain/audit-event.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Route } from '../../domain/permission.ts';
import type { Transaction } from '../ports/database.ts';
import { quarantineUnlessGateHolds } from './quarantine.ts';

/** A no to one lesson, or that it is taken back. */
export interface ObjectionSaid {
  readonly lessonId: Id;
  readonly participantId: Id;
  /** Whose row that is. They may take part twice, or again: it is one objection. */
  readonly personId: Id;
  /** Null: the person themself. */
  readonly guardianId: Id | null;
  readonly isLifted: boolean;
  readonly at: Date;
}

/**
 * Writes an objection, and puts what was recorded of the lesson into quarantine; or that it is taken back. The caller holds
 * the lesson's lock. @throws Refusal `STATE_CHANGED` when it is so already.
 */
export async function setObjection(tx: Transaction, said: ObjectionSaid): Promise<void> {
  const { lessonId, participantId, personId, guardianId, isLifted, at } = said;
  const own = { lessonId, participant: { personId }, guardianId, liftedAt: null };
  if ((await tx.db.objection.count({ where: own })) > 0 !== isLifted) throw new Refusal('STATE_CHANGED');
  if (isLifted) {
    await tx.db.objection.updateMany({ where: own, data: { liftedAt: at } });
    return;
  }
  await tx.db.objection.create({ data: { lessonId, participantId, guardianId, at } });
  await quarantineUnlessGateHolds(tx, lessonId, at);
}

/** Its entry of the log. `evidence`: the digest of it, null where there is none. */
export async function logObjection(
  tx: Transaction,
  { lessonId, participantId, guardianId, isLifted }: ObjectionSaid,
  { route, evidence }: { readonly route: Route; readonly evidence: string | null },
): Promise<void> {
  const details: ObjectionOnLog = {
    participant: { person: 'participant', id: participantId },
    guardian: guardianId === null ? null : { person: 'person', id: guardianId },
    route,
  };
  const entry = { outcome: 'done', object: { kind: 'lesson', id: lessonId, lessonId } } as const;
  await tx.log(
    isLifted
      ? { action: 'lesson.objection_lifted', ...entry, details }
      : { action: 'lesson.objected', ...entry, details: { ...details, evidence } },
  );
}
