import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import type { Actor, Id } from '../../domain/ids.ts';
import { assertTransition } from '../../domain/lifecycle.ts';
import { assertNoHold, type ErasureReason } from '../../domain/retention.ts';
import { envelopeBytes } from '../envelope-lock.ts';
import { lockLesson } from '../lesson/load-lesson.ts';
import { lessonOf, moveRecording } from '../move-recording.ts';
import type { Caller, Outside, Transaction } from '../ports.ts';
import { askChange } from './ask-change.ts';
import { holdsOf } from './rules.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/** One object of an erased recording, as the erasure and its certificate list it. */
export interface ErasedObject {
  readonly key: string;
  /** `other`: found in the recording's folders, left by something that was cut short. */
  readonly kind: 'original' | 'rendition' | 'other';
  readonly part: 'envelope' | 'body' | 'unknown';
  readonly bytes: number | null;
  readonly sha256: string | null;
  /** When the store no longer had it; null while it has. */
  readonly goneAt: string | null;
  /** The store refuses to give it up (object lock). */
  readonly held: boolean;
  readonly heldUntil: string | null;
}

/**
 * Erases a recording for good. From the moment this commits nobody can read it: no envelope is left in the database and no
 * release is open. What the store has goes in a job right after (`finish-erasure.ts`), which ends with a certificate.
 * @throws Refusal `HOLD_IN_FORCE`, `WRONG_STATE`, `NOT_FOUND`.
 */
export async function eraseInTransaction(
  tx: Transaction,
  by: Actor,
  recordingId: Id,
  input: { why: ErasureReason; note: string | null },
  at: Date,
): Promise<void> {
  const lessonId = await lessonOf(tx.db, recordingId);
  await lockLesson(tx.db, lessonId);
  assertNoHold(await holdsOf(tx.db, { recordingId, lessonId }), at);
  await beginErasure(tx, by, { recordingId, lessonId, ...input, at });
}

/**
 * An administrator wants a recording erased. It waits for a second administrator or for its time (`settle-change.ts`): nobody
 * alone makes evidence go. @throws Refusal `HOLD_IN_FORCE`, `WRONG_STATE`, `NOT_FOUND`, `ALREADY_EXISTS` when it waits already.
 */
export async function askErasure(
  outside: Needs & Pick<Outside, 'settings'>,
  caller: Caller,
  recordingId: Id,
  input: { why: ErasureReason; note: string | null },
): Promise<void> {
  const { database, clock } = outside;
  await database.transact(caller, async (tx) => {
    const lessonId = await lessonOf(tx.db, recordingId);
    await lockLesson(tx.db, lessonId);
    assertNoHold(await holdsOf(tx.db, { recordingId, lessonId }), clock());
    const { state, lesson } = await tx.db.recording.findUniqueOrThrow({
      where: { id: recordingId },
      select: { state: true, lesson: { select: { title: true } } },
    });
    assertTransition('erase', state);
    await askChange(outside, tx, caller, 'erasure', { ...input, lessonTitle: lesson.title }, recordingId);
  });
}

/**
 * The part of an erasure that the database does: state, envelopes, releases, what the check saw and heard, jobs. The caller
 * holds the lesson's lock and has asked for holds.
 */
export async function beginErasure(
  tx: Transaction,
  by: Actor,
  what: { recordingId: Id; lessonId: Id; why: ErasureReason; note: string | null; at: Date; isReplay?: boolean },
): Promise<void> {
  const { recordingId, lessonId, why, note, at } = what;
  const { objects, sealedIds } = await listSealed(tx.db, recordingId);
  await moveRecording(tx, recordingId, 'erase', {
    sealedId: null,
    stateReason: why,
    fileName: null,
    checkError: null,
  });
  await tx.db.sealedObject.deleteMany({ where: { id: { in: sealedIds } } });
  await tx.db.release.updateMany({ where: { recordingId, endedAt: null }, data: { endedAt: at, endedWhy: 'erased' } });
  await tx.db.viewerLink.updateMany({ where: { release: { recordingId }, revokedAt: null }, data: { revokedAt: at } });
  await tx.db.rendition.updateMany({ where: { recordingId, supersededAt: null }, data: { supersededAt: at } });
  // What was heard, read and tagged in it; that a segment was there, and what was decided, stays.
  await tx.db.finding.updateMany({ where: { recordingId }, data: { evidence: { erased: true } } });
  await tx.db.finding.updateMany({
    where: { recordingId, workId: null, source: { not: 'declared' } },
    data: { title: null, rightsHolder: null },
  });
  await tx.db.$executeRaw`UPDATE recording SET probe = NULL WHERE id = ${recordingId}::uuid`;
  await tx.db.retentionChange.updateMany({
    where: { recordingId, state: 'waiting' },
    data: { state: 'done', settledAt: at },
  });
  await tx.db.reSeal.deleteMany({ where: { recordingId } });
  for (const key of [`check:${recordingId}`, `rendition:${recordingId}`, `reseal:${recordingId}`])
    await tx.db.$executeRaw`SELECT graphile_worker.remove_job(${key})`;
  const started = {
    why,
    note,
    byKind: by.kind,
    byId: 'id' in by ? by.id : null,
    startedAt: at,
    state: 'removing',
    objects: objects as unknown as Prisma.InputJsonValue,
  };
  await tx.db.erasure.upsert({
    where: { recordingId },
    create: { recordingId, ...started },
    update: { ...started, retryAt: null, finishedAt: null },
  });
  await tx.enqueue('erase-recording', { recordingId }, { key: `erase:${recordingId}`, queue: `erase:${recordingId}` });
  await tx.log({
    action: 'recording.erased',
    outcome: 'done',
    object: { kind: 'recording', id: recordingId, recordingId, lessonId },
    details: { why, objects: objects.length, ...(what.isReplay ? { replayed: true } : {}) },
  });
}

/** The objects that the database knows of a recording: its original and every rendition, also superseded ones. */
async function listSealed(db: Transaction['db'], recordingId: Id) {
  const recording = await db.recording.findUniqueOrThrow({
    where: { id: recordingId },
    include: { sealed: true, renditions: { include: { sealed: true } } },
  });
  const sealed = [
    { kind: 'original' as const, row: recording.sealed },
    ...recording.renditions.map((rendition) => ({ kind: 'rendition' as const, row: rendition.sealed })),
  ].filter((one): one is { kind: 'original' | 'rendition'; row: NonNullable<typeof one.row> } => one.row !== null);
  const fresh = { goneAt: null, held: false, heldUntil: null };
  const objects = sealed.flatMap(({ kind, row }): ErasedObject[] => [
    {
      key: row.bodyKey.replace(/body$/, 'envelope'),
      kind,
      part: 'envelope',
      bytes: envelopeBytes(row),
      sha256: row.envelopeSha256,
      ...fresh,
    },
    { key: row.bodyKey, kind, part: 'body', bytes: Number(row.bodyBytes), sha256: row.bodySha256, ...fresh },
  ]);
  return { objects, sealedIds: sealed.map(({ row }) => row.id) };
}
