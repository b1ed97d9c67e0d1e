import type { Id } from '../../domain/ids.ts';
import { unwrapSessionKey } from '../../vault/envelope.ts';
import { VaultCorrupt } from '../../vault/errors.ts';
import { freeMemory } from '../../vault/memory.ts';
import { openPart } from '../../vault/stage.ts';
import { stageFolder } from '../core/sealed-object.ts';
import type { OpenSource } from '../ports/media.ts';
import type { Outside } from '../ports/outside.ts';

/** Decrypted parts that are kept at hand: a probe reads here and there, the sealing reads on and on. */
const partsAtHand = 3;

/**
 * The bytes of an upload that has arrived whole, read through its staged parts. Each part is fetched whole and verified
 * before a byte of it is released. The caller closes it.
 * @throws VaultCorrupt `LENGTH` when the parts do not cover the upload without a gap.
 */
export async function openStaged(
  { database, objects, keyring }: Pick<Outside, 'database' | 'objects' | 'keyring'>,
  uploadId: Id,
): Promise<OpenSource> {
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
  if (covered !== bytes || !upload.wrappedKey)
    throw new VaultCorrupt('LENGTH', `staged parts end at ${covered} of ${bytes}`);
  const uploadKey = await unwrapSessionKey(upload.wrappedKey, keyring.openingKeys);
  const atHand = new Map<Id, Buffer>();
  let isClosed = false;

  async function load(part: (typeof parts)[number], signal?: AbortSignal): Promise<Buffer> {
    const found = atHand.get(part.id);
    if (found) return found;
    const pieces: Uint8Array[] = [];
    for await (const piece of await objects.get(
      `${stageFolder(uploadId)}${part.id}`,
      undefined,
      signal ? { signal } : {},
    ))
      pieces.push(piece as Uint8Array);
    const ciphertext = Buffer.concat(pieces);
    if (ciphertext.length !== part.bytes)
      throw new VaultCorrupt('TRUNCATED', `a staged part holds ${ciphertext.length} of ${part.bytes} bytes`);
    if (isClosed) throw new Error('the staged media is closed');
    const plaintext = openPart(uploadKey, { uploadId, start: part.start }, { ...part, ciphertext });
    freeMemory(ciphertext);
    atHand.set(part.id, plaintext);
    // What is evicted may still be on its way to a reader, so it is left to the collector; close wipes the rest.
    const [oldest] = atHand.keys();
    if (oldest !== undefined && atHand.size > partsAtHand) atHand.delete(oldest);
    return plaintext;
  }

  return {
    bytes,
    async *read(start, end, signal) {
      if (!(0 <= start && start <= end && end <= bytes))
        throw new RangeError(`[${start}, ${end}) is outside ${bytes} bytes`);
      const wanted = parts.filter((part) => part.end > start && part.start < end);
      let ahead: Promise<Buffer> | null = null;
      for (const [index, part] of wanted.entries()) {
        const plaintext = await (ahead ?? load(part, signal));
        const following = wanted[index + 1];
        ahead = following ? load(following, signal) : null;
        ahead?.catch(() => {}); // met when its turn comes
        yield plaintext.subarray(Math.max(0, start - part.start), Math.min(part.bytes, end - part.start));
      }
    },
    close() {
      isClosed = true;
      uploadKey.fill(0);
      for (const plaintext of atHand.values()) plaintext.fill(0);
      atHand.clear();
    },
  };
}
