import { createHash, randomUUID } from 'node:crypto';
import { mayBeCommitted, Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { RecordingState } from '../../domain/lifecycle.ts';
import type { Reason } from '../../domain/reason.ts';
import { LengthMismatch } from '../../vault/errors.ts';
import { dropArriving } from '../captions/drop-captions.ts';
import { holdGate, lockLesson } from '../core/gate-record.ts';
import { retryWhileAway } from '../core/retry-while-away.ts';
import {
  assertNotTooLarge,
  emptyFolder,
  folderOf,
  limitBytes,
  openSealed,
  type StoredSealed,
  sealIntoStore,
} from '../core/sealed-object.ts';
import type { Caller } from '../ports/caller.ts';
import { besideTheRequest } from '../ports/commit-watch.ts';
import type { Transaction } from '../ports/database.ts';
import type { MediaProbe } from '../ports/media.ts';
import { StoreUnavailable } from '../ports/object-store.ts';
import type { Outside } from '../ports/outside.ts';
import { assertDigest, type DeclaredFile, type Place, probeFile, publishRecording } from './publish-recording.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'media' | 'keyring' | 'clock' | 'settings'>;

/** The sender's own name for an upload: a request that is repeated with it is about the same recording. */
export interface UploadName {
  readonly uploaderId: Id;
  readonly lessonId: Id;
  readonly key: string;
}

/** The id of the recording that an upload with this name becomes. RFC 9562, 5.8. */
export function recordingIdOf({ uploaderId, lessonId, key }: UploadName): Id {
  const hex = createHash('sha256')
    .update(JSON.stringify([uploaderId, lessonId, key]))
    .digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ].join('-');
}

/** One upload on its way: `store`, then `seal`; or `abandon` at any point. */
export interface Receiving {
  readonly recordingId: Id;
  /** An earlier request with the same key has stored it: there is nothing to do, and no byte to read. */
  readonly isStored: boolean;
  /**
   * Encrypts the file into the store while it arrives, and probes what was stored.
   * @throws Refusal `SIZE_MISMATCH`, `TOO_LARGE`, `NOT_MEDIA`, `MEDIA_NOT_ALLOWED`, `PROCESSOR_UNAVAILABLE`; StoreUnavailable.
   */
  store(file: ArrivingFile): Promise<void>;
  /**
   * Makes the recording exist, once the whole request has arrived. The gate is asked again: permissions may have changed.
   * @throws Refusal `NO_FILE`, `PERMISSION_MISSING`, `UPLOAD_INCOMPLETE`; `OUTCOME_UNKNOWN` when the database went away and
   * the recording may be stored all the same.
   */
  seal(): Promise<void>;
  /** Removes what has arrived, writes the reason onto the log, and returns the refusal for the caller. */
  abandon(error: unknown): Promise<unknown>;
}

export interface ArrivingFile extends DeclaredFile {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
}

/**
 * Asks the gate, before a byte of the file is read, and opens a place for the recording that nobody sees yet.
 * Policy P1, P2, P3, P6, P7, P8.
 * With a `key`, an upload that this person has sent to this lesson with it is found again.
 * @throws Refusal `PERMISSION_MISSING` with everything that is missing, `NOT_FOUND`, `TOO_LARGE`; `WRONG_STATE`:
 * `UPLOAD_ARRIVING` while one with the same key has not ended.
 */
export async function beginReceiving(
  outside: Needs,
  caller: Caller,
  input: { lessonId: Id; requestBytes: number | undefined; key?: string | undefined },
): Promise<Receiving> {
  const { database, clock, settings } = outside;
  assertNotTooLarge(settings.maxRecordingBytes, input.requestBytes);
  const uploaderId = 'id' in caller.actor ? caller.actor.id : 'system';
  const { lessonId, key } = input;
  const recordingId = key === undefined ? randomUUID() : recordingIdOf({ uploaderId, lessonId, key });
  // A place that nobody sees is not the recording: a request that fails after it has stored nothing.
  const isStored = await besideTheRequest(() =>
    database.transact(caller, async (tx) => {
      // Of two requests at once with one key, the second finds what the first has begun.
      if (key !== undefined) await lockLesson(tx.db, lessonId);
      const state = key === undefined ? null : await findState(tx.db, recordingId);
      if (state === 'receiving')
        throw new Refusal('WRONG_STATE', { reasons: [{ code: 'UPLOAD_ARRIVING' }], retryAfterSeconds: 5 });
      if (state !== null) return true;
      await holdGate(tx.db, input.lessonId, clock(), 'upload');
      await tx.db.recording.create({
        data: {
          id: recordingId,
          lessonId: input.lessonId,
          uploaderId,
          state: 'receiving',
          leaseUntil: leaseEnd(outside),
        },
      });
      const object = { kind: 'recording', id: recordingId, recordingId, lessonId: input.lessonId };
      await tx.log({ action: 'gate.held', outcome: 'done', object });
      await tx.log({
        action: 'recording.receiving',
        outcome: 'done',
        object,
        details: { resumable: false, bytes: null },
      });
      return false;
    }),
  );
  const place = { recordingId, lessonId: input.lessonId };
  const stopRenewing = isStored ? () => {} : renewLease(outside, recordingId);
  let stored: Stored | null = null;
  return {
    recordingId,
    isStored,
    async store(file) {
      assertNotTooLarge(settings.maxRecordingBytes, file.declaredBytes);
      const sealed = await sealFile(outside, recordingId, file);
      assertDigest(file, sealed);
      // All of it is there: a machine that is too busy for a moment must not cost the sender another upload.
      const probe = await retryWhileAway(settings.outageMs, () => probeSealed(outside, sealed, file));
      stored = { file, sealed, probe };
    },
    async seal() {
      if (stored === null)
        throw new Refusal('NO_FILE', {
          reasons: [{ code: 'NO_FILE' }],
        });
      const whole = stored;
      await retryWhileAway(settings.outageMs, () =>
        database.transact(caller, (tx) => publishRecording(tx, outside, place, whole)),
      ).catch((error) => {
        throw mayBeCommitted(error) ? inDoubt(recordingId, error) : error;
      });
      stopRenewing();
    },
    async abandon(error) {
      stopRenewing();
      const why = toRefusal(error);
      // With the database away nobody knows whether the seal was committed: the sweep finds out when the lease has ended.
      if (mayBeCommitted(why)) return why;
      const clearUp = () => discard(outside, caller, place, why?.code ?? 'FAULT', why?.reasons ?? []);
      await besideTheRequest(clearUp).catch((discardError) => {
        // The sweep takes over here too: the caller needs to know why the upload failed.
        if (!isAway(discardError)) throw discardError;
      });
      return why ?? error;
    },
  };
}

/** What is told of a recording that may be stored: where to look. */
export const inDoubt = (recordingId: Id, cause: unknown): Refusal =>
  new Refusal('OUTCOME_UNKNOWN', {
    cause,
    reasons: [{ code: 'UPLOAD_IN_DOUBT', params: { address: `/api/uploads/${recordingId}` } }],
  });

async function findState(db: Pick<Transaction['db'], 'recording'>, id: Id): Promise<RecordingState | null> {
  return (await db.recording.findUnique({ where: { id }, select: { state: true } }))?.state ?? null;
}

interface Stored {
  readonly file: ArrivingFile;
  readonly sealed: StoredSealed;
  readonly probe: MediaProbe;
}

async function sealFile(outside: Needs, recordingId: Id, file: ArrivingFile): Promise<StoredSealed> {
  const bytes = limitBytes(file.bytes, outside.settings.maxRecordingBytes);
  return sealIntoStore(outside, folderOf('recordings', recordingId), bytes, {
    mediaLength: file.declaredBytes,
    signal: file.signal,
  });
}

async function probeSealed(outside: Needs, sealed: StoredSealed, file: ArrivingFile): Promise<MediaProbe> {
  const source = await openSealed(outside, sealed, file.signal);
  try {
    return await probeFile(outside, source, file, file.signal);
  } finally {
    source.close();
  }
}

/** Removes what an upload left, row last: until then the sweep would find it. Repeatable. */
async function discard(
  outside: Needs,
  caller: Caller,
  { recordingId, lessonId }: Place,
  code: string,
  reasons: readonly Reason[],
): Promise<void> {
  await emptyFolder(outside, folderOf('recordings', recordingId), new Date(outside.clock().getTime() + 1_000));
  await outside.database.transact(caller, async (tx) => {
    if (!(await dropArriving(tx, recordingId))) return;
    await tx.log({
      action: 'recording.upload_failed',
      outcome: 'failed',
      object: { kind: 'recording', id: recordingId, recordingId, lessonId },
      details: { code, reasons: reasons.map((reason) => reason.code) },
    });
  });
}

function renewLease(outside: Needs, recordingId: Id): () => void {
  const timer = setInterval(() => {
    // A renewal that fails while the database is away is no loss: the next one comes well before the lease ends.
    outside.database.read.recording
      .updateMany({
        where: { id: recordingId, state: 'receiving', leaseUntil: { not: null } },
        data: { leaseUntil: leaseEnd(outside) },
      })
      .catch(() => {});
  }, outside.settings.receivingLeaseMs / 5);
  timer.unref();
  return () => clearInterval(timer);
}

function leaseEnd({ clock, settings }: Needs): Date {
  return new Date(clock().getTime() + settings.receivingLeaseMs);
}

function isAway(error: unknown): boolean {
  return error instanceof StoreUnavailable || mayBeCommitted(error);
}

/** The refusal for the caller if the failure is a known one; otherwise null: a fault. */
function toRefusal(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error;
  if (error instanceof StoreUnavailable) return new Refusal('STORE_UNAVAILABLE', { cause: error });
  if (error instanceof LengthMismatch)
    return new Refusal('SIZE_MISMATCH', {
      cause: error,
      reasons: [
        { code: 'SIZE_DIFFERS', params: { declaredBytes: error.declaredBytes, receivedBytes: error.receivedBytes } },
      ],
    });
  return null;
}
