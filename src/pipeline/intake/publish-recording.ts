import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { holdGate } from '../core/gate-record.ts';
import { moveRecording } from '../core/move-recording.ts';
import { recordSealed, type StoredSealed } from '../core/sealed-object.ts';
import { storableJson, storableMs } from '../core/storable.ts';
import type { Transaction } from '../ports/database.ts';
import type { MediaProbe, MediaSource } from '../ports/media.ts';
import type { Outside } from '../ports/outside.ts';

/** The place of a recording that is on its way. */
export interface Place {
  readonly recordingId: Id;
  readonly lessonId: Id;
}

/** The sender's description of a file. */
export interface DeclaredFile {
  readonly name: string | null;
  readonly declaredType: string | undefined;
  readonly declaredBytes: number | undefined;
  readonly declaredSha256: string | undefined;
}

/**
 * Makes the recording exist: the gate is asked again, the state moves on only if it is still `receiving`, the check is
 * queued, and the log binds the sealed object. The caller holds nothing yet. Policy P1.
 * @throws Refusal `PERMISSION_MISSING`; `UPLOAD_INCOMPLETE` when the sweep has taken the upload over.
 */
export async function publishRecording(
  tx: Transaction,
  { clock }: Pick<Outside, 'clock'>,
  { recordingId, lessonId }: Place,
  { file, sealed, probe }: { file: DeclaredFile; sealed: StoredSealed; probe: MediaProbe },
): Promise<void> {
  // An earlier try may have committed without our hearing of it.
  if (await tx.db.recording.findFirst({ where: { id: recordingId, sealedId: sealed.id } })) return;
  await holdGate(tx.db, lessonId, clock());
  // The sweep takes an upload over by ending its lease; then it is no longer ours to seal.
  const ours = await tx.db.recording.count({
    where: { id: recordingId, state: 'receiving', leaseUntil: { not: null } },
  });
  if (ours === 0) throw new Refusal('UPLOAD_INCOMPLETE');
  const binding = await recordSealed(tx, sealed);
  await moveRecording(tx, recordingId, 'seal', {
    sealedId: sealed.id,
    sealedAt: clock(),
    leaseUntil: null,
    fileName: file.name,
    declaredType: file.declaredType ?? null,
    declaredBytes: file.declaredBytes ?? null,
    probe: storableJson(probe),
    mediaType: probe.mediaType,
    declaredDurationMs: probe.declaredDurationMs === null ? null : storableMs(probe.declaredDurationMs),
  });
  await tx.enqueue('check-recording', { recordingId }, { key: `check:${recordingId}` });
  await tx.log({
    action: 'recording.sealed',
    outcome: 'done',
    object: { kind: 'recording', id: recordingId, recordingId, lessonId },
    details: { ...binding, container: probe.container, warnings: probe.warnings.map((warning) => warning.code) },
  });
}

/** @throws Refusal `SIZE_MISMATCH`. */
export function assertDigest(file: DeclaredFile, sealed: { readonly mediaSha256: string }): void {
  if (file.declaredSha256 === undefined || file.declaredSha256 === sealed.mediaSha256) return;
  throw new Refusal('SIZE_MISMATCH', {
    reasons: [{ code: 'DIGEST_DIFFERS' }],
  });
}

/** @throws Refusal `NOT_MEDIA`, `MEDIA_NOT_ALLOWED`. */
export async function probeFile(
  { media }: Pick<Outside, 'media'>,
  source: MediaSource,
  file: DeclaredFile,
  signal: AbortSignal,
): Promise<MediaProbe> {
  return media.probe(source, {
    signal,
    ...(file.declaredType === undefined ? {} : { declaredType: file.declaredType }),
    ...(file.name === null ? {} : { fileName: file.name }),
  });
}
