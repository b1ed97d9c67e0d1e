import { addAbortSignal, Readable } from 'node:stream';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import {
  ObjectMissing,
  type ObjectStore,
  type Purged,
  type StoreDescription,
  type StoredObject,
} from '../../pipeline/ports/object-store.ts';
import { assertKey, untilAborted } from '../../pipeline/ports/object-store-rules.ts';
import { CannotCopyParts, composeObject } from './compose-object.ts';
import { abortMultipart, MultipartUpload } from './multipart-upload.ts';
import { holdsLocked, probeCapabilities } from './probe-capabilities.ts';
import { retryEachRequest } from './retry-strategy.ts';
import { abortOption, asUnavailable, isNotFound, statusOf, translated, translatedStream } from './s3-errors.ts';
import { KeepsNoVersions, listVersions, lockVersion, purgeVersions } from './versions.ts';

export interface S3StoreConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Bucket in the path instead of the host name, as servers other than Amazon's want it. Default: true. */
  readonly forcePathStyle?: boolean;
  /** Time until the server begins its answer to one request. Default: two minutes. */
  readonly requestTimeoutMs?: number;
  /**
   * How often one request is tried while the server is away, with growing pauses of 0.25 to 4 s; 10 ride out twenty
   * seconds. Default: 3.
   */
  readonly maxAttempts?: number;
  /** Called for clean-up that failed behind an error that the caller already gets. Default: a process warning. */
  readonly onWarning?: (message: string, cause: unknown) => void;
}
/** Two on the way while one is filled keep a line busy. If so many uploads share it that memory counts more: one. */
const partsInFlight = (uploads: number) => (uploads > 8 ? 1 : 2);

/**
 * Objects in one bucket of an S3-compatible server. Copes with what such servers lack: no checksum trailers, no batched
 * deletes, no reliance on the ETag of a completed upload.
 */
export class S3Store implements ObjectStore {
  readonly #client: S3Client;
  readonly #config: S3StoreConfig;
  readonly #warn: (message: string, cause: unknown) => void;
  #uploads = 0;
  /** Whether the bucket has object lock; null until it was tried. */
  #locks: boolean | null = null;

  constructor(config: S3StoreConfig) {
    this.#config = config;
    this.#warn =
      config.onWarning ?? ((message, cause) => process.emitWarning(`${message}: ${String(cause)}`, 'S3StoreWarning'));
    this.#client = new S3Client({
      endpoint: config.endpoint,
      region: config.region,
      forcePathStyle: config.forcePathStyle ?? true,
      retryStrategy: retryEachRequest(config.maxAttempts ?? 3),
      credentials: { accessKeyId: config.accessKeyId, secretAccessKey: config.secretAccessKey },
      requestHandler: {
        connectionTimeout: 10_000,
        requestTimeout: config.requestTimeoutMs ?? 120_000,
        throwOnRequestTimeout: true,
      },
      // The default adds trailers that Swift (501) and older RADOS gateways (411) refuse.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  /** Closes idle connections. */
  close(): void {
    this.#client.destroy();
  }

  /** Makes the bucket when there is none. */
  async ensureBucket(): Promise<void> {
    const Bucket = this.#config.bucket;
    try {
      await this.#client.send(new HeadBucketCommand({ Bucket }));
      return;
    } catch (error) {
      if (!isNotFound(error)) throw asUnavailable(error);
    }
    try {
      await this.#client.send(new CreateBucketCommand({ Bucket }));
    } catch (error) {
      if (!(error instanceof S3ServiceException && error.name === 'BucketAlreadyOwnedByYou')) {
        throw asUnavailable(error);
      }
    }
  }

  async describe(): Promise<StoreDescription> {
    return {
      kind: 's3',
      where: `${this.#config.endpoint}/${this.#config.bucket}`,
      capabilities: await translated(() => probeCapabilities(this.#client, this.#config.bucket)),
    };
  }

  /**
   * Objects of at most one part (16 MiB) go in one request, larger ones as a multipart upload with two parts on the
   * way. Holds at most three parts in memory, two when many puts run at once. If the answer to the last request is
   * lost, the object may exist although this fails; putting it again is safe.
   */
  async put(
    key: string,
    body: AsyncIterable<Uint8Array>,
    options: { signal?: AbortSignal; checksum?: boolean } = {},
  ): Promise<{ bytes: number }> {
    assertKey(key);
    options.signal?.throwIfAborted();
    const inFlight = () => partsInFlight(this.#uploads);
    const upload = new MultipartUpload(
      this.#client,
      { Bucket: this.#config.bucket, Key: key },
      inFlight,
      options.signal,
    );
    this.#uploads += 1;
    try {
      for await (const piece of untilAborted(body, options.signal)) await upload.add(piece);
      return { bytes: await upload.complete(options.checksum) };
    } catch (error) {
      try {
        await upload.abort();
      } catch (abortError) {
        this.#warn(`the unfinished upload of ${key} stays until it is swept`, abortError);
      }
      options.signal?.throwIfAborted();
      throw error;
    } finally {
      this.#uploads -= 1;
    }
  }

  async compose(key: string, from: readonly string[], options: { signal?: AbortSignal } = {}): Promise<void> {
    assertKey(key);
    for (const part of from) assertKey(part);
    options.signal?.throwIfAborted();
    try {
      await composeObject(this.#client, { Bucket: this.#config.bucket, Key: key }, from, {
        signal: options.signal,
        onWarning: this.#warn,
      });
    } catch (error) {
      if (!(error instanceof CannotCopyParts)) throw error;
      const carried = async function* (store: S3Store) {
        for (const part of from) yield* await store.get(part, undefined, options);
      };
      await this.put(key, carried(this), options);
    }
  }

  async get(
    key: string,
    range?: { start: number; end: number },
    options: { signal?: AbortSignal } = {},
  ): Promise<Readable> {
    assertKey(key);
    if (range && !(range.start >= 0 && range.end >= range.start)) throw new RangeError('range ends before it starts');
    options.signal?.throwIfAborted();
    if (range !== undefined && range.start === range.end) {
      if ((await this.head(key)) === null) throw new ObjectMissing(`no object ${key}`);
      return Readable.from([], { objectMode: false });
    }
    const command = new GetObjectCommand({
      Bucket: this.#config.bucket,
      Key: key,
      ...(range ? { Range: `bytes=${range.start}-${range.end - 1}` } : {}),
    });
    try {
      const { Body } = await this.#client.send(command, abortOption(options.signal));
      if (!(Body instanceof Readable)) throw new TypeError('the SDK returned no Node stream');
      const stream = Readable.from(translatedStream(Body), { objectMode: false });
      return options.signal ? addAbortSignal(options.signal, stream) : stream;
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof S3ServiceException && error.name === 'NoSuchKey') {
        throw new ObjectMissing(`no object ${key}`, { cause: error });
      }
      // A range that begins at or after the end of the object is empty, as on disk.
      if (statusOf(error) === 416) return Readable.from([], { objectMode: false });
      throw asUnavailable(error);
    }
  }

  async head(key: string): Promise<{ bytes: number } | null> {
    assertKey(key);
    try {
      const found = await this.#client.send(new HeadObjectCommand({ Bucket: this.#config.bucket, Key: key }));
      return { bytes: found.ContentLength ?? 0 };
    } catch (error) {
      if (isNotFound(error)) return null;
      throw asUnavailable(error);
    }
  }

  async delete(key: string): Promise<void> {
    assertKey(key);
    try {
      await this.#client.send(new DeleteObjectCommand({ Bucket: this.#config.bucket, Key: key }));
    } catch (error) {
      // Amazon's answer for a missing object is a success, Swift's is 404.
      if (!isNotFound(error)) throw asUnavailable(error);
    }
  }

  async purge(key: string): Promise<Purged> {
    assertKey(key);
    return translated(() => purgeVersions(this.#client, this.#config.bucket, key));
  }

  async lock(key: string, until: Date): Promise<boolean> {
    assertKey(key);
    // Swift takes the request for a plain one and writes its body over the object: so the bucket is tried first, once.
    this.#locks ??= await translated(() => holdsLocked(this.#client, this.#config.bucket));
    return this.#locks && translated(() => lockVersion(this.#client, this.#config.bucket, key, until));
  }

  async *listVersions(prefix: string): AsyncGenerator<StoredObject> {
    try {
      for await (const version of listVersions(this.#client, this.#config.bucket, prefix))
        if (!version.isMarker) yield { key: version.key, bytes: version.bytes, modifiedAt: version.modifiedAt };
    } catch (error) {
      if (!(error instanceof KeepsNoVersions)) throw asUnavailable(error);
      yield* this.list(prefix);
    }
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    let ContinuationToken: string | undefined;
    do {
      const page = await translated(() =>
        this.#client.send(
          new ListObjectsV2Command({
            Bucket: this.#config.bucket,
            Prefix: prefix,
            ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
          }),
        ),
      );
      for (const { Key, Size, LastModified } of page.Contents ?? []) {
        if (Key === undefined || LastModified === undefined) throw new TypeError('a listed object without key or date');
        yield { key: Key, bytes: Size ?? 0, modifiedAt: LastModified };
      }
      ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (ContinuationToken !== undefined);
  }

  async abortUnfinished(prefix: string, before: Date): Promise<number> {
    const Bucket = this.#config.bucket;
    let aborted = 0;
    let next: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
    while (next !== undefined) {
      const markers: { KeyMarker?: string; UploadIdMarker?: string } = next;
      const page = await translated(() =>
        this.#client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: prefix, ...markers })),
      );
      for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
        if (Key === undefined || UploadId === undefined || Initiated === undefined || Initiated >= before) continue;
        await abortMultipart(this.#client, { Bucket, Key, UploadId });
        aborted += 1;
      }
      next = page.IsTruncated
        ? {
            ...(page.NextKeyMarker ? { KeyMarker: page.NextKeyMarker } : {}),
            ...(page.NextUploadIdMarker ? { UploadIdMarker: page.NextUploadIdMarker } : {}),
          }
        : undefined;
    }
    return aborted;
  }
}
