import type { Id } from '../../domain/ids.ts';
import { freeMemory } from '../../domain/memory.ts';
import { VaultCorrupt } from '../../vault/errors.ts';
import { openPart } from '../../vault/stage.ts';
import { mostStoredBytes, openBodyPart } from '../../vault/stage-body.ts';
import { type composeIntoStore, stageFolder } from '../core/sealed-object.ts';
import type { OpenSource } from '../ports/media.ts';
import type { Outside } from '../ports/outside.ts';
import { openUploadKey } from './upload-key.ts';

/** Decrypted parts that are kept at hand: a probe reads here and there, the sealing reads on and on. */
const partsAtHand = 3;

/** The bytes of an upload that has arrived whole. */
interface StagedSource extends OpenSource {
  /** What makes a sealed body of the parts, when all of them came in one run. */
  readonly body: Parameters<typeof composeIntoStore>[2] | null;
  /** All of it in order. The pieces belong to whoever reads them, and can be lent on (`domain/memory.ts`). */
  readOnce(signal: AbortSignal): AsyncGenerator<Uint8Array>;
}

/**
 * The bytes of an upload that has arrived whole, read through its staged parts. Each part is fetched whole and verified
 * before a byte of it is released. The caller closes it.
 * @throws VaultCorrupt `LENGTH` when the parts do not cover the upload without a gap.
 */
export async function openStaged(
  { database, objects, keyring }: Pick<Outside, 'database' | 'objects' | 'keyring'>,
  uploadId: Id,
): Promise<StagedSource> {
  const upload = await database.read.upload.findUniqueOrThrow({
    where: { id: uploadId },
    include: { parts: { orderBy: { start: 'asc' } } },
  });
  const bytes = Number(upload.bytes);
  const parts = upload.parts.map((part) => ({
    ...part,
    start: Number(part.start),
    end: Number(part.start) + part.bytes,
  }));
  let covered = 0;
  for (const { start, end } of parts) {
    if (start !== covered) throw new VaultCorrupt('LENGTH', `staged parts leave a gap at ${covered}`);
    covered = end;
  }
  if (covered !== bytes) throw new VaultCorrupt('LENGTH', `staged parts end at ${covered} of ${bytes}`);
  const uploadKey = await openUploadKey(keyring, upload);
  const atHand = new Map<Id, Uint8Array[]>();
  let isClosed = false;

  /** A part's plaintext, in slices. */
  async function open(part: (typeof parts)[number], signal?: AbortSignal): Promise<Uint8Array[]> {
    const { chunk, chunkOctet } = part;
    const isBody = chunk !== null && chunkOctet !== null;
    const mostBytes = isBody ? mostStoredBytes(part.bytes, chunkOctet) : part.bytes;
    const ciphertext = Buffer.allocUnsafeSlow(mostBytes);
    let filled = 0;
    for await (const piece of await objects.get(
      `${stageFolder(uploadId)}${part.id}`,
      undefined,
      signal ? { signal } : {},
    )) {
      const octets = piece as Uint8Array;
      // What is too long is only counted.
      if (filled + octets.length <= mostBytes) ciphertext.set(octets, filled);
      filled += octets.length;
      freeMemory(octets);
    }
    // How long the part of a body is, its last tag tells.
    if (isBody ? filled > mostBytes : filled !== mostBytes)
      throw new VaultCorrupt('TRUNCATED', `a staged part holds ${filled} of ${mostBytes} bytes`);
    if (isClosed) throw new Error('the staged media is closed');
    const slices = isBody
      ? openBodyPart(uploadKey, bytes, { ...part, chunk, chunkOctet }, ciphertext.subarray(0, filled))
      : openPart(uploadKey, { uploadId, start: part.start }, { ...part, ciphertext });
    freeMemory(ciphertext);
    return slices;
  }

  async function keepAtHand(part: (typeof parts)[number], signal?: AbortSignal): Promise<Uint8Array[]> {
    const found = atHand.get(part.id);
    if (found) return found;
    const slices = await open(part, signal);
    atHand.set(part.id, slices);
    // What is evicted may still be on its way to a reader, so it is left to the collector; close wipes the rest.
    const [oldest] = atHand.keys();
    if (oldest !== undefined && atHand.size > partsAtHand) atHand.delete(oldest);
    return slices;
  }

  /** Parts in order, one ahead of the reader. */
  async function* inOrder(
    wanted: typeof parts,
    load: (part: (typeof parts)[number]) => Promise<Uint8Array[]>,
  ): AsyncGenerator<{ part: (typeof parts)[number]; slices: Uint8Array[] }> {
    let ahead: Promise<Uint8Array[]> | null = null;
    for (const [index, part] of wanted.entries()) {
      const slices: Uint8Array[] = await (ahead ?? load(part));
      const following = wanted[index + 1];
      ahead = following ? load(following) : null;
      ahead?.catch(() => {}); // met when its turn comes
      yield { part, slices };
    }
  }

  const { bodySha256, mediaSha256 } = upload;
  const run = runOf(upload.parts);
  const body =
    run !== null && bodySha256 !== null && mediaSha256 !== null
      ? {
          ...run,
          uploadKey,
          mediaBytes: bytes,
          bodySha256,
          mediaSha256,
          parts: upload.parts.map(({ id }) => `${stageFolder(uploadId)}${id}`),
        }
      : null;

  return {
    bytes,
    body,
    async *read(start, end, signal) {
      if (!(0 <= start && start <= end && end <= bytes))
        throw new RangeError(`[${start}, ${end}) is outside ${bytes} bytes`);
      const wanted = parts.filter((part) => part.end > start && part.start < end);
      for await (const { part, slices } of inOrder(wanted, (each) => keepAtHand(each, signal))) {
        let at = part.start;
        for (const slice of slices) {
          const [from, until] = [Math.max(start, at), Math.min(end, at + slice.length)];
          // Not the slice itself: it stays at hand, and a reader may free what it was given.
          if (from < until) yield Buffer.from(slice.subarray(from - at, until - at));
          at += slice.length;
        }
      }
    },
    async *readOnce(signal) {
      for await (const { slices } of inOrder(parts, (part) => open(part, signal))) yield* slices;
    },
    close() {
      isClosed = true;
      uploadKey.fill(0);
      for (const slices of atHand.values()) for (const slice of slices) slice.fill(0);
      atHand.clear();
    },
  };
}

/** Salt and size of chunks, when the parts in a row are chunks of one body. */
function runOf(
  parts: readonly { chunk: number | null; chunkOctet: number | null; salt: Uint8Array }[],
): { salt: Uint8Array; chunkOctet: number } | null {
  const [first] = parts;
  if (first?.chunk !== 0 || first.chunkOctet === null) return null;
  const { salt, chunkOctet } = first;
  const isRun = parts.every((part) => part.chunk !== null && Buffer.compare(part.salt, salt) === 0);
  return isRun ? { salt, chunkOctet } : null;
}
