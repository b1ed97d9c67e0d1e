import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { abortOption, asUnavailable, isNotFound, translated } from './s3-errors.ts';

const partBytes = 16 * 2 ** 20;

/**
 * One object on its way: fills a part, sends it when another byte follows, and waits while the maximum number of parts
 * is on the way.
 */
export class MultipartUpload {
  readonly #client: S3Client;
  readonly #target: { readonly Bucket: string; readonly Key: string };
  readonly #inFlight: () => number;
  readonly #signal: AbortSignal | undefined;
  readonly #spare: Buffer[] = [];
  readonly #sending = new Map<number, Promise<void>>();
  readonly #parts: { PartNumber: number; ETag: string }[] = [];
  #uploadId: string | null = null;
  #failure: { readonly error: unknown } | null = null;
  #part: Buffer;
  #filled = 0;
  #bytes = 0;
  #partsBegun = 0;

  constructor(
    client: S3Client,
    target: { readonly Bucket: string; readonly Key: string },
    inFlight: () => number,
    signal: AbortSignal | undefined,
  ) {
    this.#client = client;
    this.#target = target;
    this.#inFlight = inFlight;
    this.#signal = signal;
    this.#part = this.#takeBuffer();
  }

  async add(piece: Uint8Array): Promise<void> {
    for (let rest = piece; rest.length > 0; ) {
      if (this.#filled === partBytes) await this.#sendPart();
      const run = rest.subarray(0, partBytes - this.#filled);
      this.#part.set(run, this.#filled);
      this.#filled += run.length;
      this.#bytes += run.length;
      rest = rest.subarray(run.length);
    }
  }

  /** `checksum`: an object of one part is sent with Content-MD5, the only digest that every such server checks. */
  async complete(checksum = false): Promise<number> {
    if (this.#partsBegun === 0) {
      const Body = this.#part.subarray(0, this.#filled);
      const digest = checksum ? { ContentMD5: createHash('md5').update(Body).digest('base64') } : {};
      await translated(() =>
        this.#client.send(
          new PutObjectCommand({ ...this.#target, Body, ContentLength: Body.length, ...digest }),
          abortOption(this.#signal),
        ),
      );
      return this.#bytes;
    }
    const UploadId = await this.#sendPart();
    while (this.#sending.size > 0) await this.#oneSent();
    const Parts = this.#parts.toSorted((a, b) => a.PartNumber - b.PartNumber);
    await translated(() =>
      this.#client.send(
        new CompleteMultipartUploadCommand({
          ...this.#target,
          UploadId,
          MultipartUpload: { Parts },
        }),
        abortOption(this.#signal),
      ),
    );
    return this.#bytes;
  }

  /** Waits for the parts on the way, since a part that arrives after the abort would stay. */
  async abort(): Promise<void> {
    await Promise.all(this.#sending.values());
    if (this.#uploadId !== null) await abortMultipart(this.#client, { ...this.#target, UploadId: this.#uploadId });
  }

  /** Returns the id of the upload. */
  async #sendPart(): Promise<string> {
    this.#uploadId ??= await this.#begin();
    const UploadId = this.#uploadId;
    while (this.#sending.size >= this.#inFlight()) await this.#oneSent();
    this.#throwFailure();
    const PartNumber = ++this.#partsBegun;
    const buffer = this.#part;
    this.#sending.set(PartNumber, this.#upload(UploadId, PartNumber, buffer, buffer.subarray(0, this.#filled)));
    this.#part = this.#takeBuffer();
    this.#filled = 0;
    return UploadId;
  }

  async #begin(): Promise<string> {
    const { UploadId } = await translated(() =>
      this.#client.send(new CreateMultipartUploadCommand(this.#target), abortOption(this.#signal)),
    );
    if (!UploadId) throw new TypeError('the server began a multipart upload without an id');
    return UploadId;
  }

  /** Never rejects: a failure is kept until the upload next checks, so that none goes unhandled. */
  async #upload(UploadId: string, PartNumber: number, buffer: Buffer, Body: Buffer): Promise<void> {
    try {
      const { ETag } = await this.#client.send(
        new UploadPartCommand({
          ...this.#target,
          UploadId,
          PartNumber,
          Body,
          ContentLength: Body.length,
        }),
        abortOption(this.#signal),
      );
      if (!ETag) throw new TypeError(`the server gave part ${PartNumber} no ETag`);
      this.#parts.push({ PartNumber, ETag });
    } catch (error) {
      this.#failure ??= { error: asUnavailable(error) };
    } finally {
      this.#sending.delete(PartNumber);
      this.#spare.push(buffer);
    }
  }

  async #oneSent(): Promise<void> {
    await Promise.race(this.#sending.values());
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure.error;
  }

  #takeBuffer(): Buffer {
    // Neither from the pool nor zeroed: pages that a small object does not touch cost nothing.
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(partBytes);
  }
}

export async function abortMultipart(
  client: S3Client,
  upload: { Bucket: string; Key: string; UploadId: string },
): Promise<void> {
  try {
    await client.send(new AbortMultipartUploadCommand(upload));
  } catch (error) {
    if (!isNotFound(error)) throw asUnavailable(error);
  }
}
