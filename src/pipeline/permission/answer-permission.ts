import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Audience, Purpose } from '../../domain/permission.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { lockPermission, noteAnswer } from './note-answer.ts';
import { assertSubjectOfCourse, type Signature } from './record-permission.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/** @throws Refusal `NOT_FOUND`; `STATE_CHANGED` when it was answered already. */
export async function answerPermission(
  { database, clock }: Needs,
  caller: Caller,
  permissionId: Id,
  input: Signature & {
    status: 'granted' | 'refused';
    purposes?: Purpose[] | undefined;
    releaseTo?: Audience[] | undefined;
  },
) {
  return database.transact(caller, async (tx) => {
    const before = await lockPermission(tx, permissionId);
    if (before.status !== 'requested') throw new Refusal('STATE_CHANGED');
    await assertSubjectOfCourse(tx, before.courseId, { ...input, participantId: before.participantId ?? undefined });
    const { guardianId, validUntil, purposes, releaseTo, ...rest } = input;
    const row = await tx.db.permission.update({
      where: { id: permissionId },
      data: {
        ...rest,
        guardianId: guardianId ?? null,
        validUntil: validUntil ?? null,
        ...(purposes ? { purposes } : {}),
        ...(releaseTo ? { releaseTo } : {}),
      },
    });
    return noteAnswer(tx, caller, row, input.status, clock());
  });
}
