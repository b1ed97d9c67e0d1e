import { randomUUID } from 'node:crypto';
import {
  DeleteObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';

/**
 * The capabilities of the bucket, found out by trying them: some servers accept headers that they ignore. Writes a few
 * tiny objects under `probe-…` and removes them.
 */
export async function probeCapabilities(client: S3Client, bucket: string): Promise<Record<string, boolean>> {
  return {
    versioning: await keepsVersions(client, bucket),
    conditionalPut: await refusesSecondPut(client, bucket),
    objectLock: await holdsLocked(client, bucket),
  };
}

async function keepsVersions(client: S3Client, Bucket: string): Promise<boolean> {
  const target = { Bucket, Key: `probe-${randomUUID()}` };
  const first = await client.send(new PutObjectCommand({ ...target, Body: '1' }));
  const second = await client.send(new PutObjectCommand({ ...target, Body: '22' }));
  try {
    const { VersionId } = first;
    if (!VersionId || !second.VersionId || VersionId === second.VersionId) return false;
    const old = await answeredOrRefused(() => client.send(new HeadObjectCommand({ ...target, VersionId })));
    return old?.ContentLength === 1;
  } finally {
    await removeAll(client, target, [first.VersionId, second.VersionId]);
  }
}

async function refusesSecondPut(client: S3Client, Bucket: string): Promise<boolean> {
  const target = { Bucket, Key: `probe-${randomUUID()}` };
  const first = await client.send(new PutObjectCommand({ ...target, Body: '1' }));
  const put = () => client.send(new PutObjectCommand({ ...target, Body: '1', IfNoneMatch: '*' }));
  let second: Awaited<ReturnType<typeof put>> | undefined;
  try {
    second = await put();
    return false;
  } catch (error) {
    if (error instanceof S3ServiceException) return error.$metadata.httpStatusCode === 412;
    throw error;
  } finally {
    await removeAll(client, target, [first.VersionId, second?.VersionId]);
  }
}

/** Whether the bucket has object lock; a held object that cannot be deleted shows it. */
export async function holdsLocked(client: S3Client, Bucket: string): Promise<boolean> {
  const target = { Bucket, Key: `probe-${randomUUID()}` };
  const held = await answeredOrRefused(() =>
    client.send(new PutObjectCommand({ ...target, Body: '1', ObjectLockLegalHoldStatus: 'ON' })),
  );
  if (held === null) return false;
  if (!held.VersionId) {
    await removeAll(client, target, []);
    return false;
  }
  const version = { ...target, VersionId: held.VersionId };
  const deleted = await answeredOrRefused(() => client.send(new DeleteObjectCommand(version)));
  if (deleted !== null) return false;
  await client.send(new PutObjectLegalHoldCommand({ ...version, LegalHold: { Status: 'OFF' } }));
  await removeAll(client, target, [held.VersionId]);
  return true;
}

/** The answer, or null if the server refused. Silence and faults of the server propagate. */
async function answeredOrRefused<T>(request: () => Promise<T>): Promise<T | null> {
  try {
    return await request();
  } catch (error) {
    const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
    // With 501 a server says that it does not know a header.
    if (status !== undefined && (status < 500 || status === 501)) return null;
    throw error;
  }
}

async function removeAll(
  client: S3Client,
  target: { Bucket: string; Key: string },
  versions: readonly (string | undefined)[],
): Promise<void> {
  const known = versions.filter((version) => version !== undefined);
  for (const VersionId of known) await client.send(new DeleteObjectCommand({ ...target, VersionId }));
  if (known.length === 0) await client.send(new DeleteObjectCommand(target));
}
