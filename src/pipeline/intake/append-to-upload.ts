import { createHash, randomUUID } from 'node:crypto';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { lend } from '../../domain/memory.ts';
import { defaultChunkOctet } from '../../vault/chunk-cipher.ts';
import { stagedPartBytes } from '../../vault/stage.ts';
import { type BodyDigests, bodyPartChunks } from '../../vault/stage-body.ts';
import { retryWhileAway } from '../core/retry-while-away.ts';
import { stageFolder } from '../core/sealed-object.ts';
import type { Outside } from '../ports/outside.ts';
import { uploadExpiry } from './begin-upload.ts';
import { bodyStager, type FilledPart, partStager, type Stager } from './stagers.ts';
import type { UploadHold } from './take-upload.ts';
import { openUploadKey } from './upload-key.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock' | 'settings'>;

/** What the whole of the bytes has to be. tus 1.0.0, checksum. */
export interface Checksum {
  readonly algorithm: 'sha1' | 'sha256';
  readonly digest: Uint8Array;
}

/** For tests with small files. */
interface PartSizes {
  readonly partBytes: number;
  readonly chunkOctet: number;
  readonly partChunks: number;
}

const usualSizes: PartSizes = {
  partBytes: stagedPartBytes,
  chunkOctet: defaultChunkOctet,
  partChunks: bodyPartChunks,
};

/**
 * Stages bytes from `offset` on as immutable encrypted objects and commits each with the new offset in one statement;
 * while one is written the next one fills. What begins with the first byte is staged as chunks of a body, so that an
 * upload in one run needs no second pass; everything else as parts with keys of their own. When the bytes break off,
 * what has arrived is committed before the error propagates. With a checksum, nothing is committed before all of it was
 * verified. Returns the offset up to which every byte is safe.
 * @throws Refusal `STATE_CHANGED` when somebody else took the upload over; `CHECKSUM_MISMATCH`; StoreUnavailable.
 */
export async function appendToUpload(
  outside: Needs,
  hold: UploadHold,
  offset: number,
  bytes: AsyncIterable<Uint8Array>,
  options: { checksum?: Checksum | undefined; sizes?: PartSizes } = {},
): Promise<number> {
  const { checksum, sizes = usualSizes } = options;
  // Read now, not when the upload began: rotation may have wrapped it again.
  const row = await outside.database.read.upload.findUnique({ where: { id: hold.uploadId } });
  if (!row?.wrappedKey || row.state !== 'receiving') throw new Refusal('STATE_CHANGED');
  const uploadKey = await openUploadKey(outside.keyring, row);
  const hash = checksum ? createHash(checksum.algorithm) : null;
  const stager: Stager =
    offset === 0 && !checksum
      ? bodyStager({ uploadKey, mediaBytes: Number(row.bytes), ...sizes })
      : partStager({ uploadKey, uploadId: hold.uploadId, start: offset, ...sizes });
  const staged: StagedPart[] = [];
  let safe = offset;
  let writing: Promise<void> = Promise.resolve();

  const write = async (full: FilledPart, digests: Promise<BodyDigests> | null) => {
    const stored = await storePart(outside, hold.uploadId, full);
    if (checksum) {
      staged.push(stored);
      return;
    }
    await commitParts(outside, hold, [stored], digests ? await digests : null);
    safe = stored.start + stored.bytes;
  };
  const flush = async (full: FilledPart, digests: Promise<BodyDigests> | null = null) => {
    await writing;
    writing = write(full, digests);
    writing.catch(() => {}); // met at the next flush
  };
  const flushRest = async () => {
    const { parts, digests } = await stager.end();
    for (const [at, part] of parts.entries()) await flush(part, at === parts.length - 1 ? digests : null);
    await writing;
  };
  try {
    try {
      for await (const piece of bytes) {
        hash?.update(piece);
        for await (const part of stager.add(piece)) await flush(part);
      }
    } catch (error) {
      // A broken connection: what has arrived need not be sent again.
      if (!checksum) await flushRest();
      throw error;
    }
    await flushRest();
    if (checksum && hash) {
      if (!hash.digest().equals(checksum.digest)) throw new Refusal('CHECKSUM_MISMATCH');
      const end = staged.reduce((sum, part) => sum + part.bytes, offset);
      // From here on they may be committed, also when no answer comes: they are not ours to remove any more.
      await commitParts(outside, hold, staged.splice(0), null);
      safe = end;
    }
    return safe;
  } catch (error) {
    await writing.catch(() => {});
    // Objects that no row names belong to no upload; the sweep removes what cannot be removed now.
    for (const { id } of staged) await outside.objects.delete(`${stageFolder(hold.uploadId)}${id}`).catch(() => {});
    throw error;
  } finally {
    stager.drop();
    uploadKey.fill(0);
  }
}

type StagedPart = Omit<FilledPart, 'pieces'> & { readonly id: Id };

async function storePart({ objects }: Needs, uploadId: Id, { pieces, ...part }: FilledPart): Promise<StagedPart> {
  const id = randomUUID();
  await objects.put(`${stageFolder(uploadId)}${id}`, lend(await pieces), { checksum: true });
  return { id, ...part };
}

/**
 * Parts and offset in one statement, only for the holder of the newest fence and only where the upload stands. An answer
 * that was lost is found out by the part's id.
 */
async function commitParts(
  outside: Needs,
  hold: UploadHold,
  parts: readonly StagedPart[],
  digests: BodyDigests | null,
): Promise<void> {
  const { database, settings } = outside;
  const [first, last] = [parts[0], parts.at(-1)];
  if (!first || !last) return;
  const { start } = first;
  const end = last.start + last.bytes;
  const rows = JSON.stringify(parts.map(({ salt, tag, ...part }) => ({ ...part, salt: hex(salt), tag: hex(tag) })));
  await retryWhileAway(settings.outageMs, async () => {
    const expiresAt = uploadExpiry(outside);
    const moved = await database.read.$executeRaw`
      WITH moved AS (
        UPDATE upload SET "offset" = ${end}, "expiresAt" = ${expiresAt},
          "bodySha256" = ${digests?.bodySha256 ?? null}, "mediaSha256" = ${digests?.mediaSha256 ?? null}
        WHERE id = ${hold.uploadId}::uuid AND fence = ${hold.fence} AND "offset" = ${start} AND state = 'receiving'
        RETURNING id
      ), kept AS (
        UPDATE recording SET "leaseUntil" = ${expiresAt} FROM moved
        WHERE recording.id = moved.id AND recording.state = 'receiving' AND "leaseUntil" IS NOT NULL
        RETURNING recording.id
      )
      INSERT INTO upload_part (id, "uploadId", start, bytes, salt, tag, chunk, "chunkOctet")
      SELECT part.id, kept.id, part.start, part.bytes, decode(part.salt, 'hex'), decode(part.tag, 'hex'),
        part.chunk, part."chunkOctet"
      FROM kept, jsonb_to_recordset(${rows}::jsonb)
        AS part(id uuid, start bigint, bytes int, salt text, tag text, chunk int, "chunkOctet" int)`;
    if (moved > 0) return;
    if (await database.read.uploadPart.findUnique({ where: { id: first.id } })) return;
    throw new Refusal('STATE_CHANGED');
  });
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
