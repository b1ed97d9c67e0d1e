import { type PartPlace, PartSealer } from '../../vault/stage.ts';
import { type BodyDigests, type BodyRun, BodyStager } from '../../vault/stage-body.ts';

/** A part that is full: what its row says, and its ciphertext. */
export interface FilledPart {
  readonly start: number;
  readonly bytes: number;
  readonly salt: Uint8Array;
  readonly tag: Uint8Array;
  /** Index of its first chunk, and their size; null: a part with a key of its own. */
  readonly chunk: number | null;
  readonly chunkOctet: number | null;
  readonly pieces: Promise<readonly Uint8Array[]>;
}

/** Encrypts bytes that arrive into parts. Used once. */
export interface Stager {
  /** Takes bytes and yields the parts that became full. */
  add(piece: Uint8Array): AsyncIterable<FilledPart>;
  /** What is left, and the digests of the whole body when this was one. */
  end(): Promise<{ parts: readonly FilledPart[]; digests: Promise<BodyDigests> | null }>;
  /** Overwrites what it holds. */
  drop(): void;
}

/** Parts with keys of their own, from anywhere in the file. */
export function partStager(input: PartPlace & { uploadKey: Uint8Array; partBytes: number }): Stager {
  const { uploadKey, uploadId, partBytes } = input;
  let at = input.start;
  let part: PartSealer | null = null;
  const take = (sealer: PartSealer): FilledPart => {
    part = null;
    const { pieces, tag } = sealer.end();
    const { salt, bytes } = sealer;
    return { start: at - bytes, bytes, salt, tag, chunk: null, chunkOctet: null, pieces: Promise.resolve(pieces) };
  };
  return {
    async *add(piece) {
      for (let rest = piece; rest.length > 0; ) {
        part ??= new PartSealer(uploadKey, { uploadId, start: at });
        const run = rest.subarray(0, partBytes - part.bytes);
        part.add(run);
        at += run.length;
        rest = rest.subarray(run.length);
        if (part.bytes === partBytes) yield take(part);
      }
    },
    end: async () => ({ parts: part === null ? [] : [take(part)], digests: null }),
    drop() {},
  };
}

/** Chunks of a body, from the first byte on. */
export function bodyStager(run: BodyRun): Stager {
  const stager = new BodyStager(run);
  const { salt } = stager;
  const { chunkOctet } = run;
  return {
    async *add(piece) {
      for await (const part of stager.add(piece)) yield { ...part, salt, chunkOctet };
    },
    async end() {
      const { parts, digests } = await stager.end();
      return { parts: parts.map((part) => ({ ...part, salt, chunkOctet })), digests };
    },
    drop: () => stager.drop(),
  };
}
