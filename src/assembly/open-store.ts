import { join } from 'node:path';
import { DiskStore } from '../adapters/disk/disk-store.ts';
import { S3Store } from '../adapters/s3/s3-store.ts';
import type { Config } from '../config/env.ts';
import type { ObjectStore } from '../pipeline/ports/object-store.ts';

/** The store of these settings; a bucket that is not there is made. @throws Error that names a missing setting; StoreUnavailable. */
export async function openOwnStore(
  config: Config,
  onWarning: (message: string, cause: unknown) => void,
): Promise<ObjectStore> {
  if (config.STORE === 'disk')
    return new DiskStore({ folder: config.STORE_FOLDER ?? join(config.EMANET_HOME, 'objects') });
  if (!config.S3_ACCESS_KEY_ID || !config.S3_SECRET_ACCESS_KEY)
    throw new Error('STORE=s3 needs S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY (or their *_FILE).');
  const store = new S3Store({
    endpoint: config.S3_ENDPOINT ?? `https://s3.${config.S3_REGION}.amazonaws.com`,
    region: config.S3_REGION,
    bucket: config.S3_BUCKET,
    accessKeyId: config.S3_ACCESS_KEY_ID,
    secretAccessKey: config.S3_SECRET_ACCESS_KEY,
    maxAttempts: config.OUTAGE_SECONDS >= 20 ? 10 : 3,
    onWarning,
  });
  await store.ensureBucket();
  return store;
}
