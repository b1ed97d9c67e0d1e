import type { Permission as PermissionRow } from '../../adapters/prisma/generated/client.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import {
  type Audience,
  mostPermissions,
  type PermissionStatus,
  type Purpose,
  type Route,
  type SignerCapacity,
} from '../../domain/permission.ts';
import { isCoveredBy } from '../../domain/signer-history.ts';
import { assertFewer, staffIdOf } from '../lesson/lessons.ts';
import { lockLesson, toDomainPermission } from '../lesson/load-lesson.ts';
import type { Caller, Outside, Transaction } from '../ports.ts';
import { quarantineUnlessGateHolds } from '../quarantine.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

const withEvents = { events: { orderBy: { at: 'asc' } } } as const;

/** The permission record of a lesson; that somebody looked is on the log. */
export async function listPermissions({ database }: Needs, caller: Caller, lessonId: Id) {
  return database.transact(caller, async (tx) => {
    const rows = await tx.db.permission.findMany({
      where: { lessonId },
      include: withEvents,
      orderBy: { createdAt: 'asc' },
    });
    await tx.log({ action: 'permission.viewed', outcome: 'done', object: { kind: 'lesson', id: lessonId, lessonId } });
    return rows;
  });
}

interface Signature {
  route: Route;
  signerName: string;
  signerCapacity: SignerCapacity;
  guardianId?: Id | undefined;
  signedAt: Date;
  validUntil?: Date | undefined;
}

/**
 * Records a permission as it stands: asked for, given or refused. ISO/IEC TS 27560; policy P1, P2, P6.
 * @throws Refusal `NOT_FOUND` for a lesson, `INVALID_REQUEST` for a person or guardian who is not of this lesson.
 */
export async function recordPermission(
  { database, clock }: Needs,
  caller: Caller,
  lessonId: Id,
  input: { [Field in keyof Signature]?: Signature[Field] | undefined } & {
    siteId?: Id | undefined;
    participantId?: Id | undefined;
    status: 'requested' | 'granted' | 'refused';
    route: Route;
    purposes: Purpose[];
    releaseTo: Audience[];
    noticeVersion: string;
    noticeLanguage: string;
    reason?: string | undefined;
  },
) {
  return database.transact(caller, async (tx) => {
    await lockLesson(tx.db, lessonId);
    const lesson = await tx.db.lesson.findUniqueOrThrow({ where: { id: lessonId }, select: { reason: true } });
    await assertSubjectOfLesson(tx, lessonId, input);
    const subject = { siteId: input.siteId ?? null, participantId: input.participantId ?? null };
    // A no is always taken.
    if (input.status !== 'refused')
      await assertFewer(tx.db.permission.count({ where: { lessonId, ...subject } }), mostPermissions);
    const { siteId, participantId, signerName, signerCapacity, guardianId, signedAt, validUntil, reason, ...rest } =
      input;
    const row = await tx.db.permission.create({
      data: {
        ...rest,
        lessonId,
        siteId: siteId ?? null,
        participantId: participantId ?? null,
        signerName: signerName ?? null,
        signerCapacity: signerCapacity ?? null,
        guardianId: guardianId ?? null,
        signedAt: signedAt ?? null,
        validUntil: validUntil ?? null,
        reason: reason ?? lesson.reason,
      },
    });
    return noteAnswer(tx, caller, row, input.status, clock());
  });
}

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
    await assertSubjectOfLesson(tx, before.lessonId, { ...input, participantId: before.participantId ?? undefined });
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

/**
 * Takes effect at once: in the same transaction every recording that rested on it goes into quarantine. It covers every yes of
 * the same signer for the same subject that was received before it, by whichever of the records it is said. Policy P1.
 * @throws Refusal `NOT_FOUND`; `STATE_CHANGED` when it is withdrawn already and the signer has given no yes since.
 */
export async function withdrawPermission({ database, clock }: Needs, caller: Caller, permissionId: Id, note?: string) {
  return database.transact(caller, async (tx) => {
    const before = await lockPermission(tx, permissionId);
    if (before.status === 'withdrawn' && (await grantsCoveredBy(tx, before)).length === 0)
      throw new Refusal('STATE_CHANGED');
    const row = await tx.db.permission.update({ where: { id: permissionId }, data: { status: 'withdrawn' } });
    return noteAnswer(tx, caller, row, 'withdrawn', clock(), note);
  });
}

/** Permissions whose time is over become `expired`, and what rested on them goes into quarantine. Run by the clock. */
export async function expirePermissions({ database, clock }: Needs): Promise<number> {
  const caller: Caller = { actor: { kind: 'system', id: 'expiry' } };
  const over = { status: 'granted', validUntil: { lte: clock() } } as const;
  const due = await database.read.permission.findMany({ where: over, select: { id: true } });
  for (const { id } of due)
    await database.transact(caller, async (tx) => {
      const before = await lockPermission(tx, id);
      if (before.status !== 'granted') return;
      const row = await tx.db.permission.update({ where: { id }, data: { status: 'expired' } });
      await noteChange(tx, caller, row, 'expired', clock());
    });
  return due.length;
}

/** A change by somebody. A no covers what the same signer granted before: those records are withdrawn with it. */
async function noteAnswer(
  tx: Transaction,
  caller: Caller,
  row: PermissionRow,
  status: PermissionStatus,
  now: Date,
  note?: string,
) {
  if (status === 'refused' || status === 'withdrawn')
    for (const covered of await grantsCoveredBy(tx, row)) {
      await tx.db.permission.update({ where: { id: covered.id }, data: { status: 'withdrawn' } });
      await noteChange(tx, caller, covered, 'withdrawn', now);
    }
  return noteChange(tx, caller, row, status, now, note);
}

async function noteChange(
  tx: Transaction,
  caller: Caller,
  row: Pick<PermissionRow, 'id' | 'lessonId' | 'siteId' | 'participantId'>,
  status: PermissionStatus,
  now: Date,
  note?: string,
) {
  const at = await receiptTime(tx, row.lessonId, now);
  await tx.db.permissionEvent.create({
    data: {
      permissionId: row.id,
      at,
      status,
      actorId: caller.actor.kind === 'staff' ? staffIdOf(caller) : null,
      note: note ?? null,
    },
  });
  await quarantineUnlessGateHolds(tx, row.lessonId, at);
  await tx.log({
    action: `permission.${status}`,
    outcome: 'done',
    object: { kind: 'permission', id: row.id, lessonId: row.lessonId },
    details: {
      site: row.siteId,
      participant: row.participantId === null ? null : { person: 'participant', id: row.participantId },
    },
  });
  return tx.db.permission.findUniqueOrThrow({ where: { id: row.id }, include: withEvents });
}

/**
 * When a change is received: now, and in any case after every earlier change of the lesson, so that what came first can be
 * told even when the clock is set back. The caller holds the lesson's lock.
 */
async function receiptTime(tx: Transaction, lessonId: Id, now: Date): Promise<Date> {
  const { _max } = await tx.db.permissionEvent.aggregate({
    where: { permission: { lessonId } },
    _max: { at: true },
  });
  return new Date(Math.max(now.getTime(), (_max.at?.getTime() ?? 0) + 1));
}

/** Records that stand as granted and that a no in this record covers. The caller holds the lesson's lock. */
async function grantsCoveredBy(tx: Transaction, row: PermissionRow): Promise<PermissionRow[]> {
  const grants = await tx.db.permission.findMany({
    where: {
      lessonId: row.lessonId,
      siteId: row.siteId,
      participantId: row.participantId,
      status: 'granted',
      NOT: { id: row.id },
    },
    orderBy: { createdAt: 'asc' },
  });
  const no = toDomainPermission({ ...row, events: [] });
  return grants.filter((grant) => isCoveredBy(toDomainPermission({ ...grant, events: [] }), no));
}

async function lockPermission(tx: Transaction, permissionId: Id) {
  const found = await tx.db.permission.findUnique({ where: { id: permissionId }, select: { lessonId: true } });
  if (!found) throw new Refusal('NOT_FOUND');
  await lockLesson(tx.db, found.lessonId);
  return tx.db.permission.findUniqueOrThrow({ where: { id: permissionId } });
}

async function assertSubjectOfLesson(
  tx: Transaction,
  lessonId: Id,
  subject: {
    siteId?: Id | undefined;
    participantId?: Id | undefined;
    guardianId?: Id | undefined;
    signerCapacity?: SignerCapacity | undefined;
  },
): Promise<void> {
  const refuse = (field: string, tr: string, en: string) => {
    throw new Refusal('INVALID_REQUEST', {
      reasons: [{ code: 'NOT_OF_THIS_LESSON', subject: { kind: 'field', id: field }, tr, en }],
    });
  };
  if (subject.siteId && !(await tx.db.site.findFirst({ where: { id: subject.siteId, lessonId } })))
    refuse('siteId', 'Bu derste böyle bir katılım noktası yok.', 'The lesson has no such site.');
  if (subject.participantId && !(await tx.db.participant.findFirst({ where: { id: subject.participantId, lessonId } })))
    refuse('participantId', 'Bu derste böyle bir katılımcı yok.', 'The lesson has no such participant.');
  if (subject.signerCapacity !== 'guardian') return;
  const guardian =
    subject.guardianId && subject.participantId
      ? await tx.db.guardian.findFirst({ where: { id: subject.guardianId, participantId: subject.participantId } })
      : null;
  if (!guardian)
    refuse(
      'guardianId',
      'Katılımcının kayıtlı velilerinden birini seçin.',
      'Name one of the participant’s guardians on record.',
    );
}

/** One permission with its history. @throws Refusal `NOT_FOUND`; `NO_FILE` when a document was to be given and none came. */
export async function getPermission({ database }: Pick<Needs, 'database'>, permissionId: Id, documentCame = true) {
  if (!documentCame) throw new Refusal('NO_FILE');
  const row = await database.read.permission.findUnique({ where: { id: permissionId }, include: withEvents });
  if (!row) throw new Refusal('NOT_FOUND');
  return row;
}
