import type { AuditEvent } from '../../domain/audit-event.ts';
import type { Id } from '../../domain/ids.ts';
import type { LessonKind } from '../../domain/retention.ts';
import { lockLesson } from '../core/gate-record.ts';
import { quarantineUnlessGateHolds } from '../core/quarantine.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { getLesson } from './get-lesson.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/** A changed reason voids the permissions given for the old one: the gate compares them. Policy P2. */
export async function changeLesson(
  { database, clock }: Needs,
  caller: Caller,
  lessonId: Id,
  change: {
    title?: string | undefined;
    kind?: LessonKind | undefined;
    reason?: string | undefined;
    supervisorName?: string | undefined;
  },
) {
  const { title, kind, reason, supervisorName } = change;
  const data = {
    ...(title === undefined ? {} : { title }),
    ...(kind === undefined ? {} : { kind }),
    ...(reason === undefined ? {} : { reason }),
    ...(supervisorName === undefined ? {} : { supervisorName }),
  };
  return applyChange({ database, clock }, caller, lessonId, data, {
    action: 'lesson.changed',
    details: { fields: Object.keys(data) },
  });
}

export async function applyChange(
  { database, clock }: Needs,
  caller: Caller,
  lessonId: Id,
  data: Record<string, unknown>,
  event: Pick<Extract<AuditEvent, { action: 'lesson.changed' | 'lesson.announced' }>, 'action' | 'details'>,
) {
  await database.transact(caller, async (tx) => {
    await lockLesson(tx.db, lessonId);
    await tx.db.lesson.update({ where: { id: lessonId }, data });
    await quarantineUnlessGateHolds(tx, lessonId, clock());
    await tx.log({ ...event, outcome: 'done', object: { kind: 'lesson', id: lessonId, lessonId } } as AuditEvent);
  });
  return getLesson({ database }, lessonId);
}
