import type { Actor, Id } from '../../domain/ids.ts';
import { bool, list, number, object, oneOf, orNull, type Reader, text } from '../../domain/json.ts';
import type { ErasureReason } from '../../domain/retention.ts';
import { dropCaptions } from '../captions/drop-captions.ts';
import { envelopeBytes } from '../core/envelope-lock.ts';
import { moveRecording } from '../core/move-recording.ts';
import { storableJson } from '../core/storable.ts';
import type { Transaction } from '../ports/database.ts';

const objectKinds = ['original', 'rendition', 'captions', 'other'] as const;
const objectParts = ['envelope', 'body', 'unknown'] as const;

/** One object of an erased recording, as the erasure and its certificate list it. */
export interface ErasedObject {
  readonly key: string;
  /** `other`: found in the recording's folders, left by something that was cut short. */
  readonly kind: (typeof objectKinds)[number];
  readonly part: (typeof objectParts)[number];
  readonly bytes: number | null;
  readonly sha256: string | null;
  /** When the store no longer had it; null while it has. */
  readonly goneAt: string | null;
  /** The store refuses to give it up (object lock). */
  readonly held: boolean;
  readonly heldUntil: string | null;
}

/** `erasure.objects`. */
export const readErasedObjects: Reader<ErasedObject[]> = list(
  object({
    key: text,
    kind: oneOf(objectKinds),
    part: oneOf(objectParts),
    bytes: orNull(number),
    sha256: orNull(text),
    goneAt: orNull(text),
    held: bool,
    heldUntil: orNull(text),
  }),
);

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
    stateCodes: [why],
    fileName: null,
    checkError: null,
  });
  await dropCaptions(tx, recordingId);
  await tx.db.runnerJob.deleteMany({ where: { recordingId } });
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
  await tx.db.coverage.deleteMany({ where: { recordingId } });
  await tx.db.attendeeVoice.deleteMany({ where: { recordingId } });
  await tx.db.reSeal.deleteMany({ where: { recordingId } });
  for (const key of [`check:${recordingId}`, `rendition:${recordingId}`, `reseal:${recordingId}`])
    await tx.db.$executeRaw`SELECT graphile_worker.remove_job(current_school() || ' ' || ${key})`;
  const started = {
    why,
    note,
    byKind: by.kind,
    byId: 'id' in by ? by.id : null,
    startedAt: at,
    state: 'removing' as const,
    objects: objects.map(storableJson),
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

/** The objects that the database knows of a recording: its original, every rendition and every version of its captions, and a result of a runner. */
async function listSealed(db: Transaction['db'], recordingId: Id) {
  const recording = await db.recording.findUniqueOrThrow({
    where: { id: recordingId },
    include: {
      sealed: true,
      renditions: { include: { sealed: true } },
      captions: { include: { versions: { include: { sealed: true, file: true } } } },
      runnerJob: { include: { result: true } },
    },
  });
  const versions = recording.captions.flatMap((one) => one.versions);
  const sealed = [
    { kind: 'original' as const, row: recording.sealed },
    ...recording.renditions.map((rendition) => ({ kind: 'rendition' as const, row: rendition.sealed })),
    { kind: 'other' as const, row: recording.runnerJob?.result ?? null },
    ...versions.flatMap(({ sealed: text, file }) => [text, file].map((row) => ({ kind: 'captions' as const, row }))),
  ].flatMap(({ kind, row }) => (row === null ? [] : [{ kind, row }]));
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
