import { Readable } from 'node:stream';
import { RandomAccessReader } from 'yauzl';
import type { MediaSource } from '../../pipeline/ports/media.ts';

/** The directory is read in pieces of some dozen bytes, each of which would open a chunk of the vault. */
const windowBytes = 256 * 1024;

/** Gives yauzl the bytes of a sealed source. */
export class SourceReader extends RandomAccessReader {
  /** Why the source itself failed: not a fault of the archive. */
  fault: unknown;
  readonly #source: MediaSource;
  readonly #signal: AbortSignal | undefined;
  #window: { start: number; bytes: Buffer } = { start: 0, bytes: Buffer.alloc(0) };

  constructor(source: MediaSource, signal: AbortSignal | undefined) {
    super();
    this.#source = source;
    this.#signal = signal;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#read(start, Math.min(end, this.#source.bytes)), { objectMode: false });
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    this.#fill(buffer.subarray(offset, offset + length), position).then(
      () => callback(null),
      (error: Error) => callback(error),
    );
  }

  async #fill(into: Buffer, position: number): Promise<void> {
    const end = position + into.length;
    const { start, bytes } = this.#window;
    if (position < start || end > start + bytes.length) {
      const until = Math.min(this.#source.bytes, Math.max(end, position + windowBytes));
      const pieces: Uint8Array[] = [];
      if (position < until) for await (const piece of this.#read(position, until)) pieces.push(Uint8Array.from(piece));
      this.#window = { start: position, bytes: Buffer.concat(pieces) };
    }
    const at = position - this.#window.start;
    const piece = this.#window.bytes.subarray(at, at + into.length);
    if (piece.length < into.length) throw new Error('the archive ends before that');
    piece.copy(into);
  }

  async *#read(start: number, end: number): AsyncGenerator<Uint8Array> {
    try {
      yield* this.#source.read(start, end, this.#signal);
    } catch (error) {
      this.fault ??= error;
      throw error;
    }
  }
}
