import type { Id } from '../../domain/ids.ts';
import { erasedName, type PersonErasureReason } from '../../domain/person-erasure.ts';
import { attendedLessons } from '../attendance/attended-lessons.ts';
import { settleLesson } from '../attendance/settle-lesson.ts';
import type { Transaction } from '../ports/database.ts';
import { namesOnLog } from './names-on-log.ts';
import { type ErasedRows, objectionsOf, standsWith, tasksOf } from './plan-erasure.ts';

/**
 * Locks every course that is about somebody or that they answered in, and their row: nobody answers, uploads or reads a sheet
 * meanwhile. Undefined: there is no such person.
 */
export async function lockPerson(db: Transaction['db'], personId: Id): Promise<{ erasedAt: Date | null } | undefined> {
  await db.$queryRaw`
    SELECT id FROM course WHERE id IN (
        SELECT "courseId" FROM participant WHERE "personId" = ${personId}::uuid
        UNION SELECT "courseId" FROM request WHERE "signerId" = ${personId}::uuid
        UNION SELECT "courseId" FROM permission WHERE "guardianId" = ${personId}::uuid
        UNION SELECT t."courseId" FROM participant t JOIN guardianship g ON g."pupilId" = t."personId"
               WHERE g."guardianId" = ${personId}::uuid)
     ORDER BY id FOR UPDATE`;
  const [row] = await db.$queryRaw<{ erasedAt: Date | null }[]>`
    SELECT "erasedAt" FROM person WHERE id = ${personId}::uuid FOR UPDATE`;
  return row;
}

/**
 * The part of an erasure that the database does. From the moment it commits there is neither name nor address; what the store
 * has, and the keys of their pseudonyms, go in a job right after. The caller holds the person's lock and asked what stands
 * against it.
 */
export async function beginPersonErasure(
  tx: Transaction,
  what: {
    readonly personId: Id;
    readonly rows: ErasedRows;
    /** Recordings that are kept, and whose captions name them. */
    readonly captions?: number;
    readonly why: PersonErasureReason;
    readonly byId: string;
    readonly at: Date;
    readonly isReplay?: true;
  },
): Promise<void> {
  const { db } = tx;
  const { personId, rows, why, byId, at } = what;
  const names = await namesOnLog(db, personId);
  const keys = await db.personKey.findMany({
    where: { kind: { in: ['person', 'participant', 'signer'] }, id: { in: names } },
    select: { kind: true, id: true },
  });
  const bodies = await db.sealedObject.findMany({
    where: { id: { in: [...rows.pictures, ...rows.documents] } },
    select: { bodyKey: true },
  });
  await db.person.update({
    where: { id: personId },
    data: {
      name: erasedName,
      folded: '',
      roles: [],
      schoolNumber: null,
      adultFrom: null,
      language: null,
      erasedAt: at,
    },
  });
  await removeRows(tx, personId, rows, at);
  await tx.log({
    action: 'person.erased',
    outcome: 'done',
    object: { kind: 'person', id: personId },
    details: {
      why,
      objects: bodies.length,
      answers: rows.permissions.length,
      ...(what.captions ? { captions: what.captions } : {}),
      ...(what.isReplay ? { replayed: true } : {}),
    },
  });
  await db.personErasure.create({
    data: {
      personId,
      why,
      byId,
      startedAt: at,
      bodies: bodies.map(({ bodyKey }) => bodyKey),
      // The entry above may have made the first of them.
      keys: [...new Set([`person:${personId}`, ...keys.map(({ kind, id }) => `${kind}:${id}`)])],
    },
  });
  const key = `erase-person:${personId}`;
  await tx.enqueue('erase-person', { personId }, { key, queue: key });
}

async function removeRows(tx: Transaction, personId: Id, rows: ErasedRows, now: Date): Promise<void> {
  const { db } = tx;
  const { participants, links, requests, sheets, permissions, scans, pictures, documents, reports } = rows;
  // No recording of those lessons is kept. What else is in their reports goes too: the file itself names them all.
  const attended = await attendedLessons(db, personId);
  await db.attendanceReport.deleteMany({ where: { id: { in: reports } } });
  await db.attendeeAlias.deleteMany({ where: { personIds: { has: personId } } });
  await db.attendeeRemoval.deleteMany({ where: { personId } });
  // What staff wrote down about the answers: the trigger lets it be emptied while the answer still says whose it was.
  await db.$executeRaw`
    UPDATE permission_event SET note = NULL WHERE "permissionId" = ANY (${permissions}::uuid[]) AND note IS NOT NULL`;
  await db.evidence.deleteMany({ where: { permissionId: { in: permissions } } });
  await db.scanPage.deleteMany({ where: { id: { in: scans } } });
  await db.permission.updateMany({
    where: { id: { in: permissions } },
    data: { signerName: null, guardianId: null, documentId: null, documentSha256: null, requestId: null },
  });
  // With the row the envelope goes: what the store still has of it can no longer be opened from here.
  await db.sealedObject.deleteMany({ where: { id: { in: [...pictures, ...documents] } } });
  await db.sheet.deleteMany({ where: { id: { in: sheets } } });
  const about = { OR: [{ requestId: { in: requests } }, { delivery: { linkId: { in: links } } }] };
  const delivered = await db.deliveredRequest.findMany({ where: about, select: { deliveryId: true } });
  await db.deliveredRequest.deleteMany({ where: about });
  await db.delivery.deleteMany({
    where: {
      OR: [
        { linkId: { in: links } },
        // A mail to somebody else that was about this person alone.
        { id: { in: delivered.map(({ deliveryId }) => deliveryId) }, requests: { none: {} } },
      ],
    },
  });
  await db.request.deleteMany({ where: { id: { in: requests } } });
  await db.objection.deleteMany({ where: objectionsOf(personId, participants) });
  await db.unrecordedSeat.deleteMany({ where: { participantId: { in: participants } } });
  await db.task.deleteMany({ where: tasksOf(personId) });
  await db.signerLink.deleteMany({ where: { id: { in: links } } });
  await db.guardianship.deleteMany({ where: standsWith(personId) });
  await db.classMember.deleteMany({ where: { personId } });
  await db.contact.deleteMany({ where: { personId } });
  await db.personSource.deleteMany({ where: { personId } });
  await db.participant.deleteMany({ where: { id: { in: participants }, permissions: { none: {} } } });
  for (const lessonId of attended) await settleLesson(tx, lessonId, now);
  // An answer hangs on what is left: somebody took part, from then until then.
  await db.participant.updateMany({ where: { personId }, data: { classId: null } });
  await db.participant.updateMany({ where: { personId, until: null }, data: { until: now } });
}
