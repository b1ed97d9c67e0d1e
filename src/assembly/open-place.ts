import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { DiskStore } from '../adapters/disk/disk-store.ts';
import { S3Store } from '../adapters/s3/s3-store.ts';
import type { Config } from '../config/env.ts';
import type { ObjectStore } from '../pipeline/ports/object-store.ts';

/** There is no such place, or no key to it. */
export class NoSuchPlace extends Error {
  override readonly name = 'NoSuchPlace';
  readonly why: 'NO_FOLDER' | 'NO_CREDENTIALS';

  constructor(place: string, why: NoSuchPlace['why']) {
    super(place);
    this.why = why;
  }
}

/**
 * Where backups lie: a folder, or `s3://bucket[/prefix]` with the settings BACKUP_S3_…, or S3_… where they are not set.
 * `mayMake`: a folder or bucket that is not there is made. @throws NoSuchPlace
 */
export async function openPlace(
  config: Config,
  place: string,
  { mayMake }: { mayMake: boolean },
): Promise<ObjectStore> {
  const [, bucket, folder] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(place) ?? [];
  if (bucket === undefined) {
    if (!mayMake && !existsSync(place)) throw new NoSuchPlace(place, 'NO_FOLDER');
    return new DiskStore({ folder: resolve(place) });
  }
  const accessKeyId = config.BACKUP_S3_ACCESS_KEY_ID ?? config.S3_ACCESS_KEY_ID;
  const secretAccessKey = config.BACKUP_S3_SECRET_ACCESS_KEY ?? config.S3_SECRET_ACCESS_KEY;
  if (!accessKeyId || !secretAccessKey) throw new NoSuchPlace(place, 'NO_CREDENTIALS');
  const region = config.BACKUP_S3_REGION ?? config.S3_REGION;
  const store = new S3Store({
    endpoint: config.BACKUP_S3_ENDPOINT ?? config.S3_ENDPOINT ?? `https://s3.${region}.amazonaws.com`,
    region,
    bucket,
    accessKeyId,
    secretAccessKey,
    maxAttempts: 10,
    onWarning: () => {},
  });
  if (mayMake) await store.ensureBucket();
  return folder ? below(store, `${folder.replace(/\/+$/, '')}/`) : store;
}

/** The part of a store whose keys begin with `prefix`, as a store of its own. */
function below(store: ObjectStore, prefix: string): ObjectStore {
  const list = async function* (found: ReturnType<ObjectStore['list']>) {
    for await (const object of found) yield { ...object, key: object.key.slice(prefix.length) };
  };
  return {
    describe: () => store.describe(),
    put: (key, body, options) => store.put(prefix + key, body, options),
    compose: (key, from, options) =>
      store.compose(
        prefix + key,
        from.map((one) => prefix + one),
        options,
      ),
    get: (key, range, options) => store.get(prefix + key, range, options),
    head: (key) => store.head(prefix + key),
    delete: (key) => store.delete(prefix + key),
    purge: (key) => store.purge(prefix + key),
    lock: (key, until) => store.lock(prefix + key, until),
    listVersions: (under) => list(store.listVersions(prefix + under)),
    list: (under) => list(store.list(prefix + under)),
    abortUnfinished: (under, before) => store.abortUnfinished(prefix + under, before),
  };
}
