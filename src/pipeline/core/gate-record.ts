import type { PermissionEvent, Permission as PermissionRow } from '../../adapters/prisma/generated/client.ts';
import { anyAssurance } from '../../domain/assurance.ts';
import { Refusal } from '../../domain/errors.ts';
import { assertGateHolds } from '../../domain/gate.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { LessonRecord, Permission } from '../../domain/permission.ts';
import type { Database, Transaction } from '../ports/database.ts';

const withEverything = {
  channel: { include: { assessments: true } },
  school: true,
  sites: true,
  participants: { include: { guardians: true } },
  permissions: { include: { events: { orderBy: { at: 'asc' } } }, orderBy: { createdAt: 'asc' } },
} as const;

/**
 * What the gate asks about, read at one moment.
 * @throws Refusal `NOT_FOUND`.
 */
export async function getGateRecord(
  db: Transaction['db'] | Database['read'],
  lessonId: string,
): Promise<{ lesson: LessonRecord; permissions: Permission[] }> {
  const row = await db.lesson.findUnique({ where: { id: lessonId }, include: withEverything });
  if (!row) throw new Refusal('NOT_FOUND');
  const lesson: LessonRecord = {
    id: row.id,
    reason: row.reason,
    plannedStart: row.plannedStart,
    plannedEnd: row.plannedEnd,
    supervisorName: row.supervisorName,
    channel: {
      id: row.channel.id,
      name: row.channel.name,
      approved: row.channel.approved,
      assessments: row.channel.assessments,
    },
    announcement:
      row.announcedAt && row.announcedBy && row.announcedHow
        ? { at: row.announcedAt, by: row.announcedBy, how: row.announcedHow }
        : null,
    // Staff note the answers of a lesson: there are no terms, seats and objections yet, and any level is enough.
    asksToTakePart: false,
    terms: null,
    sites: row.sites,
    participants: row.participants.map(({ guardians, ...person }) => ({
      ...person,
      adultFrom: null,
      guardians: guardians.map(({ id, name }) => ({ id, name, until: null })),
      isUnrecorded: false,
      isObjectedTo: false,
    })),
    rules: {
      requireAllGuardians: row.school.requireAllGuardians,
      requirePupilSignature: row.school.requirePupilSignature,
      leastAssurance: anyAssurance,
    },
  };
  const permissions = row.permissions.map(toDomainPermission);
  return { lesson, permissions };
}

/** One permission with its history, as the rules know it. */
export function toDomainPermission(
  row: PermissionRow & { readonly events: readonly Pick<PermissionEvent, 'at' | 'status'>[] },
): Permission {
  return {
    id: row.id,
    // The constraint permission_one_subject: without a site it is of a participant.
    subject: row.siteId
      ? { kind: 'site', id: row.siteId }
      : { kind: 'participant', id: mustHave(row.participantId, 'participant in a permission without a site') },
    status: row.status,
    purposes: row.purposes,
    releaseTo: row.releaseTo,
    declined: [],
    declinedTo: [],
    route: row.route,
    signer:
      row.signerName && row.signerCapacity
        ? { name: row.signerName, capacity: row.signerCapacity, guardianId: row.guardianId }
        : null,
    signedAt: row.signedAt,
    isDatedByDay: false,
    inHandAt: null,
    validUntil: row.validUntil,
    assurance: 1,
    terms: null,
    reason: row.reason,
    receivedAt: row.events.find((event) => event.status === 'granted')?.at ?? null,
    noAt: row.events.filter(({ status }) => status === 'refused' || status === 'withdrawn').map(({ at }) => at),
  };
}

/**
 * Locks the lesson until the transaction ends. A use case that asks the gate, or changes what the gate reads, takes
 * this lock first. So an answer of the gate is still true when the change that rests on it commits.
 * @throws Refusal `NOT_FOUND`.
 */
export async function lockLesson(db: Transaction['db'], lessonId: string): Promise<void> {
  const rows = await db.$queryRaw<{ id: string }[]>`SELECT id FROM lesson WHERE id = ${lessonId}::uuid FOR UPDATE`;
  if (rows.length === 0) throw new Refusal('NOT_FOUND');
}

/**
 * Asks the gate and keeps its answer true until the transaction ends. Uploads into one lesson do this side by side. A
 * change of what the gate reads (`lockLesson`) waits for them, and they for it. Policy P1.
 * @throws Refusal `NOT_FOUND`; `PERMISSION_MISSING` with everything that is missing.
 */
export async function holdGate(db: Transaction['db'], lessonId: string, now: Date): Promise<void> {
  const rows = await db.$queryRaw<{ id: string }[]>`SELECT id FROM lesson WHERE id = ${lessonId}::uuid FOR SHARE`;
  if (rows.length === 0) throw new Refusal('NOT_FOUND');
  const { lesson, permissions } = await getGateRecord(db, lessonId);
  assertGateHolds(lesson, permissions, now);
}
