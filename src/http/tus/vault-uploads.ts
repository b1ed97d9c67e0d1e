import { DataStore, ERRORS, type Lock, type Locker, Upload } from '@tus/server';
import { Refusal } from '../../domain/errors.ts';
import { mustHave } from '../../domain/must-have.ts';
import { readMetadata } from '../../pipeline/core/stored-json.ts';
import { appendToUpload, type Checksum } from '../../pipeline/intake/append-to-upload.ts';
import { beginUpload } from '../../pipeline/intake/begin-upload.ts';
import { cancelUpload } from '../../pipeline/intake/cancel-upload.ts';
import { closeUpload } from '../../pipeline/intake/close-upload.ts';
import { findUpload } from '../../pipeline/intake/find-upload.ts';
import { assertUploader, takeUpload, type UploadHold } from '../../pipeline/intake/take-upload.ts';
import type { Caller } from '../../pipeline/ports/caller.ts';
import type { Outside } from '../../pipeline/ports/outside.ts';
import { cleanName } from '../clean-name.ts';
import { inTurns } from '../in-turns.ts';
import type { UploadBody } from './upload-body.ts';

/**
 * One request's view of one upload in the vault, in the words of @tus/server: it translates and decides nothing. It
 * knows the upload that the request was authorised for, or the one that it creates, and answers for no other.
 */
export class VaultUploads extends DataStore implements Locker {
  readonly #outside: Outside;
  readonly #caller: Caller;
  readonly #lessonId: string | undefined;
  #uploadId: string | undefined;
  readonly #isRemoval: boolean;
  readonly #checksum: Checksum | undefined;
  readonly #key: string | undefined;
  readonly #body: UploadBody;
  /** Bytes that are missing in the upload, which are the most that a request may bring. */
  #missingBytes = 0;
  #hold: UploadHold | null = null;

  constructor(
    outside: Outside,
    caller: Caller,
    request: {
      lessonId?: string | undefined;
      uploadId?: string | undefined;
      /** The teacher who keeps the lesson may give an upload up; every other operation is for its uploader alone. */
      isRemoval?: boolean | undefined;
      checksum?: Checksum | undefined;
      /** The client's own name for a creation that it may have to repeat. */
      key?: string | undefined;
      body: UploadBody;
    },
  ) {
    super();
    this.extensions = ['creation', 'creation-with-upload', 'expiration', 'termination', 'checksum'];
    this.#outside = outside;
    this.#caller = caller;
    this.#lessonId = request.lessonId;
    this.#uploadId = request.uploadId;
    this.#isRemoval = request.isRemoval ?? false;
    this.#checksum = request.checksum;
    this.#key = request.key;
    this.#body = request.body;
  }

  override async create(upload: Upload): Promise<Upload> {
    assertMetadata(upload.metadata ?? {});
    const { filename, filetype, sha256 } = upload.metadata ?? {};
    upload.id = await beginUpload(this.#outside, this.#caller, {
      lessonId: mustHave(this.#lessonId, 'lesson for a new upload'),
      bytes: mustHave(upload.size, 'size of a new upload'),
      fileName: cleanName(filename ?? undefined),
      declaredType: filetype ?? undefined,
      declaredSha256: sha256 && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : undefined,
      metadata: upload.metadata ?? {},
      key: this.#key,
    });
    this.#uploadId = upload.id;
    this.#missingBytes = upload.size ?? 0;
    this.#hold = await takeUpload(this.#outside, upload.id);
    return upload;
  }

  /** Also closes an upload that arrived whole but was not closed, because a process was killed in between. */
  override async getUpload(id: string): Promise<Upload> {
    this.#assertAuthorised(id);
    await assertUploader(this.#outside, this.#caller, id);
    const row = await findUpload(this.#outside, id);
    if (row.state === 'receiving' && row.offset === row.bytes && row.bytes > 0n)
      await closeUpload(this.#outside, this.#caller, id);
    this.#missingBytes = Number(row.bytes - row.offset);
    return new Upload({
      id,
      size: Number(row.bytes),
      offset: Number(row.offset),
      metadata: readMetadata(row.metadata),
      // The library counts from the creation; here the time starts again with every byte that arrives.
      creation_date: new Date(row.expiresAt.getTime() - this.getExpiration()).toISOString(),
    });
  }

  /** The first argument is the body that the library was not given. */
  override async write(_: unknown, id: string, offset: number): Promise<number> {
    this.#assertAuthorised(id);
    if (!this.#hold) throw new Refusal('UPLOAD_OVER');
    return appendToUpload(this.#outside, this.#hold, offset, this.#bytes(), { checksum: this.#checksum });
  }

  /** A body without a declared length may be too long. */
  async *#bytes(): AsyncGenerator<Uint8Array> {
    let left = this.#missingBytes;
    for await (const piece of inTurns(this.#body)) {
      left -= piece.length;
      if (left < 0) throw ERRORS.ERR_SIZE_EXCEEDED;
      yield piece;
    }
  }

  override async remove(id: string): Promise<void> {
    this.#assertAuthorised(id);
    await cancelUpload(this.#outside, this.#caller, id);
  }

  override getExpiration(): number {
    return this.#outside.settings.uploadKeepMs;
  }

  /** All bytes are there: asks the gate again and queues the sealing. */
  async close(id: string): Promise<void> {
    this.#assertAuthorised(id);
    await closeUpload(this.#outside, this.#caller, id);
  }

  /**
   * A lock that never waits in vain: the fence in the database shuts out the previous holder, in this process or
   * another. A holder in this process is first asked to write down its bytes.
   */
  newLock(id: string): Lock {
    return {
      lock: async (_signal, askToRelease) => {
        if (!this.#isRemoval) await assertUploader(this.#outside, this.#caller, id);
        const before = holders.get(id);
        if (before) {
          await before.askToRelease();
          await Promise.race([before.released, new Promise((resolve) => setTimeout(resolve, releaseMs))]);
        }
        let release = () => {};
        const released = new Promise<void>((resolve) => {
          release = resolve;
        });
        const holder = {
          askToRelease: () => {
            this.#body.stop();
            return askToRelease();
          },
          ...{ released, release },
        };
        holders.set(id, holder);
        this.#release = () => {
          release();
          if (holders.get(id) === holder) holders.delete(id);
        };
        // Before a creation the library locks a name of its own, which belongs to no upload.
        if (id === this.#uploadId) this.#hold = await takeUpload(this.#outside, id);
      },
      unlock: async () => this.#release(),
    };
  }
  #release = () => {};

  #assertAuthorised(id: string): void {
    if (id !== this.#uploadId) throw ERRORS.FILE_NOT_FOUND;
  }
}

/**
 * Metadata that a client may give for its file: some short texts that a database can hold.
 * @throws Refusal `INVALID_REQUEST`.
 */
function assertMetadata(metadata: Readonly<Record<string, string | null>>): void {
  const entries = Object.entries(metadata);
  const isPlain = (text: string, most: number) => text.length <= most && text.isWellFormed() && !text.includes('\0');
  if (entries.length <= 20 && entries.every(([name, value]) => isPlain(name, 100) && isPlain(value ?? '', 2_000)))
    return;
  throw new Refusal('INVALID_REQUEST', {
    reasons: [{ code: 'METADATA_NOT_TEXT', subject: { kind: 'field', id: 'Upload-Metadata' } }],
  });
}

/** Timeout for a request that is asked to give way, to write down its bytes. */
const releaseMs = 2_000;

interface Holder {
  askToRelease(): Promise<void> | void;
  readonly released: Promise<void>;
}
const holders = new Map<string, Holder>();
