import { type ChunkCipher, isTagError, sliceBytes, tagBytes } from './chunk-cipher.ts';
import { VaultCorrupt } from './errors.ts';
import type { LiteralLayout } from './packet.ts';

/** The media of one chunk whose tag was verified: pieces in order, each with its place in the media. */
export interface OpenedChunk {
  readonly index: number;
  readonly media: readonly { readonly start: number; readonly bytes: Uint8Array }[];
}

/** Decrypts one chunk as its octets arrive. Gives its media out only after the tag was verified. */
export class ChunkOpener {
  readonly #decipher: ReturnType<ChunkCipher['opener']>;
  readonly #layout: LiteralLayout;
  readonly #index: number;
  readonly #plainStart: number;
  readonly #tag = Buffer.alloc(tagBytes);
  readonly #plaintext: Buffer[] = [];
  #wanted: number;
  #tagFilled = 0;

  constructor(cipher: ChunkCipher, layout: LiteralLayout, index: number) {
    this.#decipher = cipher.opener(index);
    this.#layout = layout;
    this.#index = index;
    this.#plainStart = index * cipher.chunkBytes;
    this.#wanted = Math.min(cipher.chunkBytes, layout.plaintextBytes - this.#plainStart);
  }

  get isComplete(): boolean {
    return this.#tagFilled === tagBytes;
  }

  /** Takes the octets of this chunk and returns the rest. */
  take(stored: Uint8Array): Uint8Array {
    const sealed = stored.subarray(0, this.#wanted);
    for (let at = 0; at < sealed.length; at += sliceBytes) {
      this.#plaintext.push(this.#decipher.update(sealed.subarray(at, at + sliceBytes)));
    }
    this.#wanted -= sealed.length;
    const tagPart = stored.subarray(sealed.length, sealed.length + tagBytes - this.#tagFilled);
    this.#tag.set(tagPart, this.#tagFilled);
    this.#tagFilled += tagPart.length;
    return stored.subarray(sealed.length + tagPart.length);
  }

  /** @throws VaultCorrupt `CHUNK_TAG`, `FRAMING`; the decrypted octets are then overwritten. */
  release(): OpenedChunk {
    try {
      this.#decipher.setAuthTag(this.#tag);
      this.#plaintext.push(this.#decipher.final());
      return { index: this.#index, media: takeMedia(this.#layout, this.#plainStart, this.#plaintext) };
    } catch (cause) {
      this.wipe();
      if (isTagError(cause)) throw new VaultCorrupt('CHUNK_TAG', `chunk ${this.#index} is not authentic`, cause);
      throw cause;
    }
  }

  /** For a chunk that will not be released. */
  wipe(): void {
    for (const piece of this.#plaintext) piece.fill(0);
  }
}

/**
 * Takes the media out of plaintext and compares the packet's own octets with those of the layout.
 * @throws VaultCorrupt `FRAMING`.
 */
export function takeMedia(
  layout: LiteralLayout,
  plainStart: number,
  plaintext: readonly Buffer[],
): OpenedChunk['media'] {
  const media: { start: number; bytes: Uint8Array }[] = [];
  const plainEnd = plainStart + plaintext.reduce((sum, piece) => sum + piece.length, 0);
  const runs = layout.runs(plainStart, plainEnd);
  let run = runs.next().value;
  let at = plainStart;
  for (const piece of plaintext) {
    for (let rest: Uint8Array = piece; rest.length > 0; ) {
      if (!run) throw new VaultCorrupt('FRAMING', 'plaintext goes on after the literal packet');
      const into = at - run.plainStart;
      const length = run.kind === 'media' ? run.length : run.octets.length;
      if (into >= length) {
        run = runs.next().value;
        continue;
      }
      const part = rest.subarray(0, length - into);
      if (run.kind === 'media') media.push({ start: run.mediaStart + into, bytes: part });
      else if (Buffer.compare(part, run.octets.subarray(into, into + part.length)) !== 0) {
        throw new VaultCorrupt('FRAMING', 'the literal packet is not framed as the stored fields say');
      }
      at += part.length;
      rest = rest.subarray(part.length);
    }
  }
  return media;
}
