import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { S3Store } from '../../src/adapters/s3/s3-store.ts';
import { StoreUnavailable } from '../../src/pipeline/ports/object-store.ts';
import { eventually } from '../support/eventually.ts';
import { type TestS3Server, testS3Servers, whyNoS3Server } from '../support/s3-servers.ts';
import { objectStoreContract } from './object-store.ts';

const servers = testS3Servers();

/**
 * Of the servers that `scripts/s3-server` starts. Swift accepts the headers and ignores them; Ceph 16 ignores
 * `If-None-Match` in a bucket that keeps versions, and honours it in others.
 */
const lockedBucketCapabilities: Record<string, Record<string, boolean>> = {
  swift: { versioning: false, conditionalPut: false, objectLock: false },
  rgw: { versioning: true, conditionalPut: false, objectLock: true },
};

const plainBucketCapabilities: Record<string, Record<string, boolean>> = {
  swift: { versioning: false, conditionalPut: false, objectLock: false },
  rgw: { versioning: false, conditionalPut: true, objectLock: false },
};

const storeAt = (server: TestS3Server, bucket = `contract-${randomUUID()}`) =>
  new S3Store({
    endpoint: server.endpoint,
    region: server.region,
    bucket,
    accessKeyId: server.key,
    secretAccessKey: server.secret,
  });

describe.each(servers)('the S3 store on $name', { timeout: 60_000 }, (server) => {
  objectStoreContract(async () => {
    const store = storeAt(server);
    await store.ensureBucket();
    await store.ensureBucket();
    return { store, close: async () => store.close() };
  });

  it.runIf(lockedBucketCapabilities[server.name]?.objectLock)(
    'keeps what is locked in a bucket with object lock',
    async () => {
      const bucket = `locked-${randomUUID()}`;
      const credentials = { accessKeyId: server.key, secretAccessKey: server.secret };
      const client = new S3Client({
        endpoint: server.endpoint,
        region: server.region,
        forcePathStyle: true,
        credentials,
      });
      await client.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: true }));
      const store = storeAt(server, bucket);
      await store.put('log/key', one('kept'));
      const until = new Date(Date.now() + 6_000);
      expect(await store.lock('log/key', until)).toBe(true);
      expect(await store.purge('log/key')).toMatchObject({ removed: 0, held: 1, heldUntil: expect.any(Date) });
      await eventually(async () => (await store.purge('log/key')).held === 0, 'the lock to end');
      store.close();
      client.destroy();
    },
  );

  it('lists more objects than one page holds', async () => {
    const store = storeAt(server);
    await store.ensureBucket();
    const keys = Array.from({ length: 1003 }, (_, index) => `page/${index}`);
    for (let at = 0; at < keys.length; at += 20) {
      await Promise.all(keys.slice(at, at + 20).map((key) => store.put(key, (async function* () {})())));
    }
    const found: string[] = [];
    for await (const { key } of store.list('page/')) found.push(key);
    expect(found.toSorted()).toEqual(keys.toSorted());
    store.close();
  });

  it.runIf(server.name in lockedBucketCapabilities)(
    'finds by their effect what a plain and a locked bucket can do',
    async () => {
      const plain = storeAt(server);
      await plain.ensureBucket();
      expect((await plain.describe()).capabilities).toEqual(plainBucketCapabilities[server.name]);
      plain.close();
      const bucket = `locked-${randomUUID()}`;
      const client = new S3Client({
        endpoint: server.endpoint,
        region: server.region,
        forcePathStyle: true,
        credentials: { accessKeyId: server.key, secretAccessKey: server.secret },
      });
      await client.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: true }));
      client.destroy();
      const store = storeAt(server, bucket);
      expect((await store.describe()).capabilities).toEqual(lockedBucketCapabilities[server.name]);
      for await (const { key } of store.list('')) expect.fail(`the probe left ${key}`);
      store.close();
    },
  );

  it.runIf(lockedBucketCapabilities[server.name]?.objectLock)(
    'purges what is not locked, hides what is, says until when, and ends it when the time is over',
    async () => {
      const bucket = `retained-${randomUUID()}`;
      const client = new S3Client({
        endpoint: server.endpoint,
        region: server.region,
        forcePathStyle: true,
        credentials: { accessKeyId: server.key, secretAccessKey: server.secret },
      });
      await client.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: true }));
      const store = storeAt(server, bucket);
      const target = { Bucket: bucket, Key: 'a/body' };
      const until = new Date(Math.ceil(Date.now() / 1000) * 1000 + 8_000);
      await client.send(new PutObjectCommand({ ...target, Body: 'old' }));
      await client.send(
        new PutObjectCommand({
          ...target,
          Body: 'locked',
          ContentMD5: createHash('md5').update('locked').digest('base64'),
          ObjectLockMode: 'COMPLIANCE',
          ObjectLockRetainUntilDate: until,
        }),
      );
      expect(await store.purge('a/body')).toEqual({ removed: 1, held: 1, heldUntil: until });
      expect(await store.head('a/body')).toBeNull();
      const versions = async () => {
        const found: string[] = [];
        for await (const { key, bytes } of store.listVersions('a/')) found.push(`${key} ${bytes}`);
        return found;
      };
      expect(await versions()).toEqual(['a/body 6']);
      await expect(store.purge('a/body')).resolves.toMatchObject({ held: 1, heldUntil: until });
      const purged = await eventually(async () => {
        const result = await store.purge('a/body');
        return result.held === 0 && result;
      }, 'the lock to end');
      expect(purged).toEqual({ removed: 2, held: 0, heldUntil: null });
      expect(await versions()).toEqual([]);

      const held = { Bucket: bucket, Key: 'held' };
      await client.send(new PutObjectCommand({ ...held, Body: 'x', ObjectLockLegalHoldStatus: 'ON' }));
      expect(await store.purge('held')).toEqual({ removed: 0, held: 1, heldUntil: null });
      client.destroy();
      store.close();
    },
  );

  it('does not take a wrong key for a store that is down', async () => {
    const store = storeAt({ ...server, secret: 'wrong' });
    await expect(store.list('').next()).rejects.not.toBeInstanceOf(StoreUnavailable);
    store.close();
  });
});

describe('the S3 store without a server', () => {
  it('says that the store is unavailable', async () => {
    const store = storeAt({ name: '', endpoint: 'http://127.0.0.1:9', key: 'k', secret: 's', region: 'us-east-1' });
    const body = (async function* () {
      yield Buffer.from('x');
    })();
    await expect(store.put('a', body)).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(store.get('a')).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(store.head('a')).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(store.describe()).rejects.toBeInstanceOf(StoreUnavailable);
    store.close();
  });
});

it('gives up on an S3 server that accepts and never answers', async () => {
  const mute = createServer().listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const { port } = mute.address() as AddressInfo;
  const store = new S3Store({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    bucket: 'mute',
    accessKeyId: 'k',
    secretAccessKey: 's',
    requestTimeoutMs: 100,
  });
  await expect(store.head('a')).rejects.toBeInstanceOf(StoreUnavailable);
  store.close();
  mute.close();
});

it('rides out an outage with every request, however many there are at once', async () => {
  // Breaks every connection until each request was tried three times: more retries than the budget that the SDK has for one
  // client. Then it knows every object.
  let tries = 0;
  const server = createHttpServer((request, res) => {
    tries++;
    if (tries <= 180) request.socket.destroy();
    else res.writeHead(200, { 'content-length': '7' }).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const store = new S3Store({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    bucket: 'away',
    accessKeyId: 'k',
    secretAccessKey: 's',
    maxAttempts: 10,
  });
  const asked = Array.from({ length: 60 }, (_, n) => store.head(`a${n}`));
  expect(await Promise.all(asked)).toEqual(asked.map(() => ({ bytes: 7 })));
  expect(tries).toBeGreaterThan(180);
  store.close();
  server.closeAllConnections();
  server.close();
});

if (servers.length === 0) {
  describe('the S3 store', () => {
    it.skip(`is not tested against a server: ${whyNoS3Server()}`);
  });
}

async function* one(text: string) {
  yield Buffer.from(text);
}
