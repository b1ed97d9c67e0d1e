import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { ReasonCode } from '../../domain/reason.ts';
import { exportedBytes, exportMessage, rewrapEnvelope } from '../../vault/envelope.ts';
import { KeyRefused } from '../../vault/errors.ts';
import { assertEncrypts, parsePublicKey, parseVerifyingKey } from '../../vault/keyring.ts';
import { encryptForGnupg } from '../../vault/seipd1.ts';
import { openLock } from '../core/envelope-lock.ts';
import { openSealed } from '../core/sealed-object.ts';
import { whyNotActing } from '../core/still-acting.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { staffMayPlay } from './staff-may-play.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock'>;

export const exportFormats = ['openpgp', 'gnupg', 'media'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface Export {
  readonly mediaType: string;
  readonly fileName: string;
  /** Null where it is not known before the end. */
  readonly bytes: number | null;
  /** The file. Stops when the recording may no longer be seen; on the log before the first byte and after the last. */
  read(signal: AbortSignal): AsyncGenerator<Uint8Array>;
}

/**
 * One recording to take away: the sealed file as it is (`openpgp`), wrapped for `recipient` when one is given; encrypted again
 * for GnuPG (`gnupg`), always for a recipient; or in the clear (`media`). Policy P1, P4.
 * @throws Refusal `NOT_FOUND`, `WRONG_STATE` in quarantine, `INVALID_REQUEST` for a recipient that is missing or no good.
 */
export async function exportRecording(
  outside: Needs,
  caller: Caller,
  recordingId: Id,
  { format, recipient }: { format: ExportFormat; recipient?: string | undefined },
): Promise<Export> {
  const refused = await staffMayPlay(outside, recordingId);
  if (refused) throw refused;
  const row = await outside.database.read.recording.findUnique({
    where: { id: recordingId },
    include: { sealed: true },
  });
  if (!row?.sealed) throw new Refusal('NOT_FOUND');
  const { sealed } = row;
  const bodyBytes = Number(sealed.bodyBytes);
  const media = async function* (signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const source = await openSealed(outside, sealed, signal);
    try {
      yield* source.read(0, source.bytes, signal);
    } finally {
      source.close();
    }
  };
  const guarded =
    (read: Export['read']): Export['read'] =>
    (signal) =>
      watchOver(outside, caller, { recordingId, lessonId: row.lessonId, format, recipient: fingerprint }, read(signal));
  let fingerprint: string | null = null;

  if (format === 'media') {
    const mediaType = row.mediaType ?? 'application/octet-stream';
    return { mediaType, fileName: `${recordingId}.media`, bytes: Number(sealed.mediaBytes), read: guarded(media) };
  }
  if (format === 'gnupg') {
    if (recipient === undefined) throw badRecipient('RECIPIENT_MISSING');
    const key = await orRefuse(() => parseVerifyingKey(recipient));
    await orRefuse(() => assertEncrypts(key));
    fingerprint = key.fingerprint;
    return {
      mediaType: 'application/pgp-encrypted',
      fileName: `${recordingId}.gpg`,
      bytes: null,
      read: guarded((signal) => encryptForGnupg(media(signal), Number(sealed.mediaBytes), key)),
    };
  }
  let envelope = await openLock(outside.keyring, sealed);
  if (recipient !== undefined) {
    const key = await orRefuse(() => parsePublicKey(recipient));
    fingerprint = key.fingerprint;
    envelope = await rewrapEnvelope(envelope, outside.keyring.openingKeys, [key]);
  }
  return {
    mediaType: 'application/pgp-encrypted',
    fileName: `${recordingId}.pgp`,
    bytes: exportedBytes(envelope, bodyBytes),
    read: guarded(async function* (signal) {
      yield* exportMessage(envelope, await outside.objects.get(sealed.bodyKey, undefined, { signal }), bodyBytes);
    }),
  };
}

/** A withdrawal stops what is already running, within a second, and so does the end of the right to export. */
async function* watchOver(
  outside: Needs,
  caller: Caller,
  what: { recordingId: Id; lessonId: Id; format: ExportFormat; recipient: string | null },
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const { database } = outside;
  const { recordingId, lessonId, format, recipient } = what;
  let bytes = 0;
  const log = (stage: 'begun' | 'ended' | 'broken_off') =>
    database.transact(caller, (tx) =>
      tx.log({
        action: 'recording.exported',
        outcome: stage === 'broken_off' ? 'failed' : 'done',
        object: { kind: 'recording', id: recordingId, recordingId, lessonId },
        details: {
          stage,
          format,
          ...(recipient === null ? {} : { recipient }),
          ...(stage === 'begun' ? {} : { bytes }),
        },
      }),
    );
  await log('begun');
  let isWhole = false;
  let asked = performance.now();
  try {
    for await (const piece of pieces) {
      if (performance.now() - asked > 1_000) {
        const refused = (await whyNotActing(outside, caller)) ?? (await staffMayPlay(outside, recordingId));
        if (refused) throw refused;
        asked = performance.now();
      }
      bytes += piece.length;
      yield piece;
    }
    isWhole = true;
  } finally {
    await log(isWhole ? 'ended' : 'broken_off');
  }
}

async function orRefuse<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof KeyRefused) throw badRecipient(error.code, error);
    throw error;
  }
}

function badRecipient(code: ReasonCode, cause?: unknown): Refusal {
  const reasons = [{ code }];
  return new Refusal('INVALID_REQUEST', { reasons, ...(cause === undefined ? {} : { cause }) });
}
