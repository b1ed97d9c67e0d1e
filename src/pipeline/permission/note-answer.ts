import type { Permission as PermissionRow } from '../../adapters/prisma/generated/client.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { PermissionStatus } from '../../domain/permission.ts';
import { isCoveredBy } from '../../domain/signer-history.ts';
import { lockCourse, soleLessonOf, toDomainPermission } from '../core/gate-record.ts';
import { quarantineInCourse } from '../core/quarantine.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import { withEvents } from './list-permissions.ts';

/** What goes with a change: staff's words for the history, and the digest of the evidence of a signature for the log. */
interface Noted {
  readonly note?: string | undefined;
  readonly evidence?: string | undefined;
}

/** A change by somebody. A no covers what the same signer granted before: those records are withdrawn with it. */
export async function noteAnswer(
  tx: Transaction,
  caller: Caller,
  row: PermissionRow,
  status: PermissionStatus,
  now: Date,
  more: Noted = {},
) {
  if (status === 'refused' || status === 'withdrawn')
    for (const covered of await grantsCoveredBy(tx, row)) {
      await tx.db.permission.update({ where: { id: covered.id }, data: { status: 'withdrawn' } });
      await noteChange(tx, caller, covered, 'withdrawn', now);
    }
  return noteChange(tx, caller, row, status, now, more);
}

export async function noteChange(
  tx: Transaction,
  caller: Caller,
  row: Pick<PermissionRow, 'id' | 'courseId' | 'siteId' | 'participantId'>,
  status: PermissionStatus,
  now: Date,
  { note, evidence }: Noted = {},
) {
  const at = await receiptTime(tx, row.courseId, now);
  await tx.db.permissionEvent.create({
    data: {
      permissionId: row.id,
      at,
      status,
      actorId: caller.actor.kind === 'staff' ? staffIdOf(caller) : null,
      note: note ?? null,
    },
  });
  await quarantineInCourse(tx, row.courseId, at);
  await tx.log({
    action: `permission.${status}`,
    outcome: 'done',
    object: { kind: 'permission', id: row.id, lessonId: await soleLessonOf(tx.db, row.courseId) },
    details: {
      site: row.siteId,
      participant: row.participantId === null ? null : { person: 'participant', id: row.participantId },
      ...(evidence === undefined ? {} : { evidence }),
    },
  });
  return tx.db.permission.findUniqueOrThrow({ where: { id: row.id }, include: withEvents });
}

/**
 * When a change is received: now, and in any case after every earlier change of the course. So the order is clear even
 * when the clock is set back. The caller holds the course's lock.
 */
async function receiptTime(tx: Transaction, courseId: Id, now: Date): Promise<Date> {
  const { _max } = await tx.db.permissionEvent.aggregate({
    where: { permission: { courseId } },
    _max: { at: true },
  });
  return new Date(Math.max(now.getTime(), (_max.at?.getTime() ?? 0) + 1));
}

/** Records that stand as granted and that a no in this record covers. The caller holds the course's lock. */
export async function grantsCoveredBy(tx: Transaction, row: PermissionRow): Promise<PermissionRow[]> {
  const grants = await tx.db.permission.findMany({
    where: {
      courseId: row.courseId,
      siteId: row.siteId,
      ...(await ofSamePerson(tx, row.participantId)),
      status: 'granted',
      NOT: { id: row.id },
    },
    orderBy: { createdAt: 'asc' },
  });
  const no = toDomainPermission({ ...row, events: [] });
  return grants.filter((grant) => isCoveredBy(toDomainPermission({ ...grant, events: [] }), no));
}

/** Somebody may take part in a course twice, with their class and by themselves. */
async function ofSamePerson(tx: Transaction, participantId: Id | null) {
  if (participantId === null) return { participantId };
  const { personId } = await tx.db.participant.findUniqueOrThrow({ where: { id: participantId } });
  return { participant: { personId } };
}

export async function lockPermission(tx: Transaction, permissionId: Id) {
  const found = await tx.db.permission.findUnique({ where: { id: permissionId }, select: { courseId: true } });
  if (!found) throw new Refusal('NOT_FOUND');
  await lockCourse(tx.db, found.courseId);
  return tx.db.permission.findUniqueOrThrow({ where: { id: permissionId } });
}
