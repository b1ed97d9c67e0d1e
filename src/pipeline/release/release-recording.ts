import { createHash, randomBytes } from 'node:crypto';
import { Refusal } from '../../domain/errors.ts';
import { assertGateHolds } from '../../domain/gate.ts';
import type { Id } from '../../domain/ids.ts';
import type { Audience } from '../../domain/permission.ts';
import { staffIdOf } from '../lesson/lessons.ts';
import { getGateRecord, lockLesson } from '../lesson/load-lesson.ts';
import { lessonOf, moveRecording } from '../move-recording.ts';
import type { Caller, Outside, Transaction } from '../ports.ts';
import { assertStillActing } from '../staff/still-acting.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/**
 * Opens an approved recording to an audience until a date. The gate is asked for this very audience. Policy P1, P9.
 * @throws Refusal `RENDITION_NOT_READY`, `PERMISSION_MISSING`, `WRONG_STATE`, `INVALID_REQUEST`, `NOT_FOUND`.
 */
export async function releaseRecording(
  { database, clock }: Needs,
  caller: Caller,
  recordingId: Id,
  input: { audience: Audience; endsAt: Date },
) {
  assertFuture(input.endsAt, clock(), 'endsAt');
  return database.transact(caller, async (tx) => {
    await assertStillActing(tx, caller);
    const lessonId = await lessonOf(tx.db, recordingId);
    await lockLesson(tx.db, lessonId);
    const { lesson, permissions } = await getGateRecord(tx.db, lessonId);
    assertGateHolds(lesson, permissions, clock(), { kind: 'release', audience: input.audience });
    await moveRecording(tx, recordingId, 'release');
    const rendition = await tx.db.rendition.findFirst({ where: { recordingId, supersededAt: null, state: 'ready' } });
    if (!rendition)
      throw new Refusal('RENDITION_NOT_READY', {
        reasons: [
          {
            code: 'RENDITION_NOT_READY',
            tr: 'İzlenebilir kopya henüz hazır değil.',
            en: 'The rendition is not ready yet.',
          },
        ],
      });
    const row = await tx.db.release.create({
      data: { recordingId, renditionId: rendition.id, ...input, releasedById: staffIdOf(caller), releasedAt: clock() },
    });
    await tx.log({
      action: 'recording.released',
      outcome: 'done',
      object: { kind: 'release', id: row.id, recordingId, lessonId },
      details: { audience: input.audience, endsAt: input.endsAt.toISOString(), rendition: rendition.id },
    });
    return row;
  });
}

/** @throws Refusal `NOT_FOUND`; `STATE_CHANGED` when it has ended already. */
export async function endRelease(
  { database, clock }: Needs,
  caller: Caller,
  releaseId: Id,
  why = 'ended',
): Promise<void> {
  await database.transact(caller, async (tx) => {
    const { recordingId } = await findRelease(tx, releaseId);
    const lessonId = await lessonOf(tx.db, recordingId);
    await lockLesson(tx.db, lessonId);
    const { count } = await tx.db.release.updateMany({
      where: { id: releaseId, endedAt: null },
      data: { endedAt: clock(), endedWhy: why },
    });
    if (count === 0) throw new Refusal('STATE_CHANGED');
    // A quarantined recording stays in quarantine when its release ends.
    const { state } = await tx.db.recording.findUniqueOrThrow({ where: { id: recordingId } });
    if (state === 'released') await moveRecording(tx, recordingId, 'end_release');
    await tx.log({
      action: 'recording.release_ended',
      outcome: 'done',
      object: { kind: 'release', id: releaseId, recordingId, lessonId },
      details: { why },
    });
  });
}

/** Ends the releases whose time is over. Run by the clock; playback itself looks at the end date at every request. */
export async function expireReleases({ database, clock }: Needs): Promise<number> {
  const due = await database.read.release.findMany({
    where: { endedAt: null, endsAt: { lte: clock() } },
    select: { id: true },
  });
  for (const { id } of due)
    await endRelease({ database, clock }, { actor: { kind: 'system', id: 'expiry' } }, id, 'expired');
  return due.length;
}

export async function listLinks({ database }: Pick<Needs, 'database'>, releaseId: Id) {
  return database.read.viewerLink.findMany({ where: { releaseId }, orderBy: { createdAt: 'asc' } });
}

/**
 * A personal link for one viewer. The token is returned once; only its digest is kept.
 * @throws Refusal `NOT_FOUND`; `WRONG_STATE` when the release is over.
 */
export async function createLink(
  { database, clock }: Needs,
  caller: Caller,
  releaseId: Id,
  input: { viewerName: string; expiresAt?: Date | undefined },
) {
  if (input.expiresAt) assertFuture(input.expiresAt, clock(), 'expiresAt');
  const token = randomBytes(32).toString('base64url');
  const row = await database.transact(caller, async (tx) => {
    await assertStillActing(tx, caller);
    const release = await findRelease(tx, releaseId);
    if (release.endedAt !== null || release.endsAt <= clock()) throw new Refusal('WRONG_STATE');
    const expiresAt = input.expiresAt && input.expiresAt < release.endsAt ? input.expiresAt : release.endsAt;
    const link = await tx.db.viewerLink.create({
      data: {
        releaseId,
        viewerName: input.viewerName,
        tokenDigest: digestToken(token),
        createdById: staffIdOf(caller),
        expiresAt,
      },
    });
    await tx.log({
      action: 'link.created',
      outcome: 'done',
      object: { kind: 'link', id: link.id, recordingId: release.recordingId },
      details: { release: releaseId, expiresAt: expiresAt.toISOString() },
    });
    return link;
  });
  return { ...row, token };
}

/** @throws Refusal `NOT_FOUND`; `STATE_CHANGED` when it is revoked already. */
export async function revokeLink({ database, clock }: Needs, caller: Caller, linkId: Id): Promise<void> {
  await database.transact(caller, async (tx) => {
    const link = await tx.db.viewerLink.findUnique({ where: { id: linkId }, include: { release: true } });
    if (!link) throw new Refusal('NOT_FOUND');
    const { count } = await tx.db.viewerLink.updateMany({
      where: { id: linkId, revokedAt: null },
      data: { revokedAt: clock() },
    });
    if (count === 0) throw new Refusal('STATE_CHANGED');
    await tx.log({
      action: 'link.revoked',
      outcome: 'done',
      object: { kind: 'link', id: linkId, recordingId: link.release.recordingId },
    });
  });
}

/** Tokens are random and long; a plain digest is enough to keep the table useless to whoever reads it. */
export function digestToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

async function findRelease(tx: Transaction, releaseId: Id) {
  const row = await tx.db.release.findUnique({ where: { id: releaseId } });
  if (!row) throw new Refusal('NOT_FOUND');
  return row;
}

function assertFuture(at: Date, now: Date, field: string): void {
  if (at > now) return;
  throw new Refusal('INVALID_REQUEST', {
    reasons: [
      {
        code: 'NOT_IN_FUTURE',
        subject: { kind: 'field', id: field },
        tr: 'Bu tarih geçmişte kalmış.',
        en: 'This date has passed already.',
      },
    ],
  });
}
