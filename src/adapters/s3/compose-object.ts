import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type S3Client,
  S3ServiceException,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { ObjectMissing } from '../../pipeline/ports/object-store.ts';
import { abortMultipart } from './multipart-upload.ts';
import { abortOption, asUnavailable, statusOf, translated } from './s3-errors.ts';

const copiesAtOnce = 4;

/** The server does not copy parts: whoever wants the object has to carry its bytes. */
export class CannotCopyParts extends Error {
  override readonly name = 'CannotCopyParts';
}

/**
 * One object from others in a row, put together by the server (UploadPartCopy). Nothing is left when it fails.
 * @throws ObjectMissing, StoreUnavailable, CannotCopyParts.
 */
export async function composeObject(
  client: S3Client,
  target: { readonly Bucket: string; readonly Key: string },
  from: readonly string[],
  { signal, onWarning }: { signal: AbortSignal | undefined; onWarning: (message: string, cause: unknown) => void },
): Promise<void> {
  const { UploadId } = await translated(() =>
    client.send(new CreateMultipartUploadCommand(target), abortOption(signal)),
  );
  if (!UploadId) throw new TypeError('the server began a multipart upload without an id');
  const upload = { ...target, UploadId };
  try {
    const etags: string[] = [];
    const left = from.entries();
    const copy = async () => {
      for (const [at, key] of left) etags[at] = await copyPart(client, { ...upload, PartNumber: at + 1 }, key, signal);
    };
    const copies = await Promise.allSettled(Array.from({ length: copiesAtOnce }, copy));
    // A part that arrives after the abort would stay.
    for (const one of copies) if (one.status === 'rejected') throw one.reason;
    const Parts = etags.map((ETag, at) => ({ PartNumber: at + 1, ETag }));
    await translated(() =>
      client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }), abortOption(signal)),
    );
  } catch (error) {
    await abortMultipart(client, upload).catch((abortError) =>
      onWarning(`the unfinished composition of ${target.Key} stays until it is swept`, abortError),
    );
    signal?.throwIfAborted();
    throw error;
  }
}

async function copyPart(
  client: S3Client,
  part: { Bucket: string; Key: string; UploadId: string; PartNumber: number },
  key: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const CopySource = `${part.Bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
  try {
    const { CopyPartResult } = await client.send(
      new UploadPartCopyCommand({ ...part, CopySource }),
      abortOption(signal),
    );
    if (!CopyPartResult?.ETag) throw new CannotCopyParts(`the server gave the copy of ${key} no ETag`);
    return CopyPartResult.ETag;
  } catch (error) {
    if (error instanceof S3ServiceException) {
      if (statusOf(error) === 404) throw new ObjectMissing(`no object ${key}`, { cause: error });
      if ([400, 405, 501].includes(statusOf(error) ?? 0))
        throw new CannotCopyParts(`the server does not copy ${key}`, { cause: error });
    }
    throw asUnavailable(error);
  }
}
