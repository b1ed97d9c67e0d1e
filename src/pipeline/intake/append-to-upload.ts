import { createHash, randomUUID } from 'node:crypto';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { unwrapSessionKey } from '../../vault/envelope.ts';
import { lend } from '../../vault/memory.ts';
import { PartSealer, stagedPartBytes } from '../../vault/stage.ts';
import { retryWhileAway } from '../core/retry-while-away.ts';
import { stageFolder } from '../core/sealed-object.ts';
import type { Outside } from '../ports/outside.ts';
import { uploadExpiry } from './begin-upload.ts';
import type { UploadHold } from './take-upload.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock' | 'settings'>;

/** What the whole of the bytes has to be. tus 1.0.0, checksum. */
export interface Checksum {
  readonly algorithm: 'sha1' | 'sha256';
  readonly digest: Uint8Array;
}

/**
 * Stages bytes from `offset` on as immutable encrypted objects and commits each with the new offset in one statement;
 * while one is written the next one fills. When the bytes break off, what has arrived is committed before the error
 * propagates. With a checksum, nothing is committed before all of it was verified. Returns the offset up to which every
 * byte is safe.
 * @throws Refusal `STATE_CHANGED` when somebody else took the upload over; `CHECKSUM_MISMATCH`; StoreUnavailable.
 */
export async function appendToUpload(
  outside: Needs,
  hold: UploadHold,
  offset: number,
  bytes: AsyncIterable<Uint8Array>,
  options: { checksum?: Checksum | undefined; partBytes?: number } = {},
): Promise<number> {
  const { database, keyring } = outside;
  const { checksum, partBytes = stagedPartBytes } = options;
  // Read now, not when the upload began: rotation may have wrapped it again.
  const row = await database.read.upload.findUnique({ where: { id: hold.uploadId } });
  if (!row?.wrappedKey || row.state !== 'receiving') throw new Refusal('STATE_CHANGED');
  const uploadKey = await unwrapSessionKey(row.wrappedKey, keyring.openingKeys);
  const hash = checksum ? createHash(checksum.algorithm) : null;
  const staged: StagedPart[] = [];
  let safe = offset;
  let at = offset;
  let writing: Promise<void> = Promise.resolve();
  let part: PartSealer | null = null;

  const write = async (full: PartSealer, start: number) => {
    const stored = await storePart(outside, hold.uploadId, full, start);
    if (checksum) {
      staged.push(stored);
      return;
    }
    await commitParts(outside, hold, [stored]);
    safe = start + stored.bytes;
  };
  const flush = async () => {
    await writing;
    if (part === null) return;
    const [full, start] = [part, at - part.bytes];
    part = null;
    writing = write(full, start);
    writing.catch(() => {}); // met at the next flush
  };
  try {
    try {
      for await (const piece of bytes) {
        hash?.update(piece);
        for (let rest = piece; rest.length > 0; ) {
          part ??= new PartSealer(uploadKey, { uploadId: hold.uploadId, start: at });
          const run = rest.subarray(0, partBytes - part.bytes);
          part.add(run);
          at += run.length;
          rest = rest.subarray(run.length);
          if (part.bytes === partBytes) await flush();
        }
      }
    } catch (error) {
      // A broken connection: what has arrived need not be sent again.
      if (!checksum) {
        await flush();
        await writing;
      }
      throw error;
    }
    await flush();
    await writing;
    if (checksum && hash) {
      if (!hash.digest().equals(checksum.digest)) throw new Refusal('CHECKSUM_MISMATCH');
      // From here on they may be committed, also when no answer comes: they are not ours to remove any more.
      await commitParts(outside, hold, staged.splice(0));
      safe = at;
    }
    return safe;
  } catch (error) {
    await writing.catch(() => {});
    // Objects that no row names belong to no upload; the sweep removes what cannot be removed now.
    for (const { id } of staged) await outside.objects.delete(`${stageFolder(hold.uploadId)}${id}`).catch(() => {});
    throw error;
  } finally {
    uploadKey.fill(0);
  }
}

interface StagedPart {
  readonly id: Id;
  readonly start: number;
  readonly bytes: number;
  readonly salt: Uint8Array;
  readonly tag: Uint8Array;
}

async function storePart({ objects }: Needs, uploadId: Id, part: PartSealer, start: number): Promise<StagedPart> {
  const id = randomUUID();
  const { pieces, tag } = part.end();
  await objects.put(`${stageFolder(uploadId)}${id}`, lend(pieces), { checksum: true });
  return { id, start, bytes: part.bytes, salt: part.salt, tag };
}

/**
 * Parts and offset in one statement, only for the holder of the newest fence and only where the upload stands. An answer
 * that was lost is found out by the part's id.
 */
async function commitParts(outside: Needs, hold: UploadHold, parts: readonly StagedPart[]): Promise<void> {
  const { database, settings } = outside;
  const [first, last] = [parts[0], parts.at(-1)];
  if (!first || !last) return;
  const { start } = first;
  const end = last.start + last.bytes;
  const rows = JSON.stringify(
    parts.map(({ id, start, bytes, salt, tag }) => ({ id, start, bytes, salt: hex(salt), tag: hex(tag) })),
  );
  await retryWhileAway(settings.outageMs, async () => {
    const expiresAt = uploadExpiry(outside);
    const moved = await database.read.$executeRaw`
      WITH moved AS (
        UPDATE upload SET "offset" = ${end}, "expiresAt" = ${expiresAt}
        WHERE id = ${hold.uploadId}::uuid AND fence = ${hold.fence} AND "offset" = ${start} AND state = 'receiving'
        RETURNING id
      ), kept AS (
        UPDATE recording SET "leaseUntil" = ${expiresAt} FROM moved
        WHERE recording.id = moved.id AND recording.state = 'receiving' AND "leaseUntil" IS NOT NULL
        RETURNING recording.id
      )
      INSERT INTO upload_part (id, "uploadId", start, bytes, salt, tag)
      SELECT part.id, kept.id, part.start, part.bytes, decode(part.salt, 'hex'), decode(part.tag, 'hex')
      FROM kept, jsonb_to_recordset(${rows}::jsonb) AS part(id uuid, start bigint, bytes int, salt text, tag text)`;
    if (moved > 0) return;
    if (await database.read.uploadPart.findUnique({ where: { id: first.id } })) return;
    throw new Refusal('STATE_CHANGED');
  });
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
