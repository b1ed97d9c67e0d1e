import {
  DeleteObjectCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectRetentionCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { Purged } from '../../pipeline/ports/object-store.ts';

/** The server does not know versions: its list holds every object there is. */
export class KeepsNoVersions extends Error {
  override readonly name = 'KeepsNoVersions';
}

export interface Version {
  readonly key: string;
  /** Undefined where the server names none. */
  readonly versionId: string | undefined;
  readonly isMarker: boolean;
  readonly bytes: number;
  readonly modifiedAt: Date;
}

/** Every version and delete marker under `prefix`. @throws KeepsNoVersions. */
export async function* listVersions(client: S3Client, Bucket: string, prefix: string): AsyncGenerator<Version> {
  let markers: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
  while (markers !== undefined) {
    const from: { KeyMarker?: string; VersionIdMarker?: string } = markers;
    const page = await answeredOrUnknown(() =>
      client.send(new ListObjectVersionsCommand({ Bucket, Prefix: prefix, ...from })),
    );
    for (const { Key, VersionId, Size, LastModified } of page.Versions ?? [])
      yield {
        key: named(Key),
        versionId: VersionId,
        isMarker: false,
        bytes: Size ?? 0,
        modifiedAt: LastModified ?? new Date(0),
      };
    for (const { Key, VersionId, LastModified } of page.DeleteMarkers ?? [])
      yield {
        key: named(Key),
        versionId: VersionId,
        isMarker: true,
        bytes: 0,
        modifiedAt: LastModified ?? new Date(0),
      };
    markers = page.IsTruncated
      ? {
          ...(page.NextKeyMarker ? { KeyMarker: page.NextKeyMarker } : {}),
          ...(page.NextVersionIdMarker ? { VersionIdMarker: page.NextVersionIdMarker } : {}),
        }
      : undefined;
  }
}

/**
 * Removes every version and marker of one key. A version that is locked stays; then a delete marker hides it, as a
 * plain deletion would.
 */
export async function purgeVersions(client: S3Client, Bucket: string, Key: string): Promise<Purged> {
  const versions: Version[] = [];
  try {
    for await (const version of listVersions(client, Bucket, Key)) if (version.key === Key) versions.push(version);
  } catch (error) {
    if (!(error instanceof KeepsNoVersions)) throw error;
    return removePlain(client, Bucket, Key);
  }
  const locked: (Date | null)[] = [];
  let removed = 0;
  // Markers last: until the versions are gone they hide them.
  for (const { versionId, isMarker } of versions.toSorted((a, b) => Number(a.isMarker) - Number(b.isMarker))) {
    if (isMarker && locked.length > 0) continue;
    const held = await removeVersion(client, { Bucket, Key, ...(versionId ? { VersionId: versionId } : {}) });
    if (held === null) removed++;
    else locked.push(held.until);
  }
  const isHidden = versions.some((version) => version.isMarker);
  if (locked.length > 0 && !isHidden) await client.send(new DeleteObjectCommand({ Bucket, Key }));
  const ends = locked.filter((until) => until !== null).map((until) => until.getTime());
  return {
    removed,
    held: locked.length,
    heldUntil: ends.length === locked.length && ends.length > 0 ? new Date(Math.max(...ends)) : null,
  };
}

async function removePlain(client: S3Client, Bucket: string, Key: string): Promise<Purged> {
  try {
    await client.send(new HeadObjectCommand({ Bucket, Key }));
    await client.send(new DeleteObjectCommand({ Bucket, Key }));
    return { removed: 1, held: 0, heldUntil: null };
  } catch (error) {
    if (statusOf(error) === 404) return { removed: 0, held: 0, heldUntil: null };
    throw error;
  }
}

/**
 * Object lock in compliance mode, in a bucket that has it: it cannot be shortened. Returns whether the server says that
 * it holds; seconds count.
 */
export async function lockVersion(client: S3Client, Bucket: string, Key: string, until: Date): Promise<boolean> {
  const seconds = Math.ceil(until.getTime() / 1000);
  try {
    await client.send(
      new PutObjectRetentionCommand({
        Bucket,
        Key,
        Retention: { Mode: 'COMPLIANCE', RetainUntilDate: new Date(seconds * 1000) },
      }),
    );
    const { Retention } = await client.send(new GetObjectRetentionCommand({ Bucket, Key }));
    return Retention?.Mode === 'COMPLIANCE' && (Retention.RetainUntilDate?.getTime() ?? 0) >= seconds * 1000;
  } catch (error) {
    // The bucket has no lock (400, 409), this object none (404), the credentials may not (403), the server does not
    // know of it (405, 501).
    if ([400, 403, 404, 405, 409, 501].includes(statusOf(error) ?? 0)) return false;
    throw error;
  }
}

type Target = { Bucket: string; Key: string; VersionId?: string };

/**
 * Null if the version is gone; else the time until which the server holds it (null: until a hold in the store is
 * lifted).
 */
async function removeVersion(client: S3Client, target: Target): Promise<{ until: Date | null } | null> {
  try {
    await client.send(new DeleteObjectCommand(target));
    return null;
  } catch (error) {
    if (statusOf(error) === 404) return null;
    if (statusOf(error) !== 403 || target.VersionId === undefined) throw error;
    // A 403 means a lock only if the version says that it is locked: credentials that may not delete are a fault.
    const found = await client.send(new HeadObjectCommand(target));
    if (found.ObjectLockLegalHoldStatus === 'ON') return { until: null };
    const until = found.ObjectLockRetainUntilDate;
    if (until === undefined) throw error;
    if (until > new Date()) return { until };
    // The lock ended between the two requests.
    await client.send(new DeleteObjectCommand(target));
    return null;
  }
}

async function answeredOrUnknown<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    const status = statusOf(error);
    if (status === 501 || status === 405 || status === 400)
      throw new KeepsNoVersions('the server does not list versions', { cause: error });
    throw error;
  }
}

function named(key: string | undefined): string {
  if (key === undefined) throw new TypeError('a listed version without a key');
  return key;
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}
