import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { erasedName, type PersonErasureReason } from '../../domain/person-erasure.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { getPersonErasure } from './get-person-erasure.ts';
import { namesOnLog } from './names-on-log.ts';
import { type ErasedRows, objectionsOf, planErasure, standsWith, tasksOf } from './plan-erasure.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/**
 * Erases a person for good, as it was looked at before. From the moment this commits the database has neither name nor
 * address of them; that somebody answered, when and what, stays without names. What the store has, and the keys of their
 * pseudonyms, go in a job right after (`finish-person-erasure.ts`). Done already, it says how far that is. Policy P4, P11.
 * @param confirm `digest` of the plan that was looked at.
 * @throws Refusal `NOT_FOUND`; `WRONG_STATE` with every reason against it; `STATE_CHANGED`: it would be something else now.
 */
export async function erasePerson(
  outside: Needs,
  caller: Caller,
  personId: Id,
  { why, confirm }: { readonly why: PersonErasureReason; readonly confirm: string },
) {
  const { database, clock } = outside;
  await database.transact(caller, async (tx) => {
    const { db } = tx;
    await lockAround(db, personId);
    const [row] = await db.$queryRaw<{ erasedAt: Date | null }[]>`
      SELECT "erasedAt" FROM person WHERE id = ${personId}::uuid FOR UPDATE`;
    if (!row) throw new Refusal('NOT_FOUND');
    if (row.erasedAt !== null) return;
    const now = clock();
    const plan = await planErasure(db, personId, now);
    if (plan.blockers.length > 0) throw new Refusal('WRONG_STATE', { reasons: plan.blockers });
    if (plan.digest !== confirm) throw new Refusal('STATE_CHANGED');
    const names = await namesOnLog(db, personId);
    const keys = await db.personKey.findMany({
      where: { kind: { in: ['person', 'participant', 'signer'] }, id: { in: names } },
      select: { kind: true, id: true },
    });
    const sealed = { id: { in: [...plan.rows.pictures, ...plan.rows.documents] } };
    const bodies = await db.sealedObject.findMany({ where: sealed, select: { bodyKey: true } });
    await db.person.update({
      where: { id: personId },
      data: {
        name: erasedName,
        folded: '',
        roles: [],
        schoolNumber: null,
        adultFrom: null,
        language: null,
        erasedAt: now,
      },
    });
    await removeRows(tx, personId, plan.rows, now);
    await tx.log({
      action: 'person.erased',
      outcome: 'done',
      object: { kind: 'person', id: personId },
      details: { why, objects: bodies.length, answers: plan.rows.permissions.length },
    });
    await db.personErasure.create({
      data: {
        personId,
        why,
        byId: staffIdOf(caller),
        startedAt: now,
        bodies: bodies.map(({ bodyKey }) => bodyKey),
        // The entry above may have made the first of them.
        keys: [...new Set([`person:${personId}`, ...keys.map(({ kind, id }) => `${kind}:${id}`)])],
      },
    });
    await tx.enqueue(
      'erase-person',
      { personId },
      { key: `erase-person:${personId}`, queue: `erase-person:${personId}` },
    );
  });
  return getPersonErasure(outside, personId);
}

/** Locks every course that is about them or that they answered in: nobody answers, uploads or reads a sheet meanwhile. */
async function lockAround(db: Transaction['db'], personId: Id): Promise<void> {
  await db.$queryRaw`
    SELECT id FROM course WHERE id IN (
        SELECT "courseId" FROM participant WHERE "personId" = ${personId}::uuid
        UNION SELECT "courseId" FROM request WHERE "signerId" = ${personId}::uuid
        UNION SELECT "courseId" FROM permission WHERE "guardianId" = ${personId}::uuid
        UNION SELECT t."courseId" FROM participant t JOIN guardianship g ON g."pupilId" = t."personId"
               WHERE g."guardianId" = ${personId}::uuid)
     ORDER BY id FOR UPDATE`;
}

async function removeRows({ db }: Transaction, personId: Id, rows: ErasedRows, now: Date): Promise<void> {
  const { participants, links, requests, sheets, permissions, scans, pictures, documents } = rows;
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
  // An answer hangs on what is left: somebody took part, from then until then.
  await db.participant.updateMany({ where: { personId }, data: { classId: null } });
  await db.participant.updateMany({ where: { personId, until: null }, data: { until: now } });
}
