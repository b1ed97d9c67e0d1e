import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { S3Store } from '../../../src/adapters/s3/s3-store.ts';
import { prepare } from '../../../src/assembly/first-start.ts';
import { setUp } from '../../../src/assembly/set-up.ts';
import { loadConfig } from '../../../src/config/env.ts';
import { openBeside } from '../../support/another-school.ts';
import { BackupPlace, emanet, envOf, serving } from '../../support/backup.ts';
import { createReleased } from '../../support/released.ts';
import { testS3Servers, whyNoS3Server } from '../../support/s3-servers.ts';
import { createSchool } from '../../support/school.ts';
import { readRecording } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

const servers = testS3Servers();
describe.skipIf(servers.length > 0)(`no S3 server: ${whyNoS3Server()}`, () => {
  test.skip('backups in buckets', () => {});
});

describe.each(servers)('$name', ({ endpoint, key, secret, region }) => {
  let server: TestServer;
  let backups: BackupPlace;
  const name = (what: string) => `emanet-${what}-${process.pid}`;
  const store = (bucket: string) => ({
    STORE: 's3',
    S3_ENDPOINT: endpoint,
    S3_REGION: region,
    S3_BUCKET: bucket,
    S3_ACCESS_KEY_ID: key,
    S3_SECRET_ACCESS_KEY: secret,
  });

  beforeAll(async () => {
    server = await startTestServer({ WORKER: 'false', ...store(name('live')) });
    backups = await BackupPlace.make();
    await mkdir(join(backups.folder, 'safe'));
  });
  afterAll(async () => {
    for (const bucket of ['live', 'backup', 'new', 'move', 'there']) await empty(name(bucket));
    await server?.stop();
    await backups?.remove();
  });

  async function empty(bucket: string): Promise<void> {
    const objects = new S3Store({ endpoint, region, bucket, accessKeyId: key, secretAccessKey: secret });
    await objects.ensureBucket();
    for await (const one of objects.list('')) await objects.purge(one.key);
    objects.close();
  }

  test('from a bucket to another one, and back into a new one on another machine', async () => {
    const school = await createSchool(server);
    const { recordingId } = await createReleased(server, school);
    const media = await readRecording(server.context.outside, recordingId);
    const env = { ...envOf(server), ...store(name('live')) };
    expect((await emanet(env, 'backup', 'key')).status).toBe(0);
    const place = `s3://${name('backup')}/schools/one`;
    const first = await emanet(env, 'backup', '--to', place, '--keys-to', backups.keys);
    expect(first.err).toBe('');
    const second = await emanet(env, 'backup', '--to', place, '--keep', '1');
    expect(second.said.copiedBytes).toBeLessThan(2 ** 20);

    const machine = await backups.emptyMachine();
    const elsewhere = { ...machine.env, ...store(name('new')) };
    const from = ['restore', '--from', place, '--keys', backups.keys];
    const opener = ['--key', join(server.home, 'keys/backup.private.asc')];
    const sheet = ['--passphrase-file', join(server.home, 'keys/backup.passphrase.txt')];
    const restored = await emanet(elsewhere, ...from, ...opener, ...sheet);
    expect(restored.err).toBe('');
    expect(restored.said).toMatchObject({ backup: second.said.id, lost: [] });
    await serving({ ...machine, env: elsewhere }, async ({ context: { outside } }) => {
      expect((await readRecording(outside, recordingId)).equals(media)).toBe(true);
    });
  });

  test('a school into the bucket of another installation', async () => {
    const beside = await openBeside(server, 'Gezgin Okulu');
    const { recordingId } = await createReleased(beside, await createSchool(beside, ' Traveller'));
    const media = await readRecording(beside.context.outside, recordingId);
    const machine = await backups.emptyMachine();
    const there = { ...machine.env, ...store(name('there')) };
    const { config, stop } = await prepare(loadConfig({ LOG_LEVEL: 'silent', ...there }));
    await setUp(config, { school: 'Ev Okulu', 'dry-run': false }, () => {});
    await stop();
    expect((await emanet(there, 'backup', 'key')).status).toBe(0);
    const keys = (file: string) => join(machine.home, 'keys', file);
    const [place, archive] = [`s3://${name('move')}`, join(backups.folder, 'safe/move.pgp')];
    const one = ['--school', beside.schoolId];
    const taking = ['backup', ...one, '--to', place, '--keys-to', archive, '--take-out', 'there'];
    const env = { ...envOf(server), ...store(name('live')) };
    expect((await emanet(env, ...taking, '--for', keys('backup.public.asc'))).err).toBe('');
    const restored = await emanet(
      there,
      ...['restore', ...one, '--from', place, '--keys', archive],
      ...['--key', keys('backup.private.asc'), '--passphrase-file', keys('backup.passphrase.txt')],
    );
    expect(restored.err).toBe('');
    await serving({ ...machine, env: there }, async ({ context: { outside } }) => {
      const moved = await outside.schools.of(beside.schoolId);
      expect((await readRecording(moved, recordingId)).equals(media)).toBe(true);
    });
  });

  test('a bucket that refuses, and one that does not answer', async () => {
    const env = { ...envOf(server), ...store(name('live')) };
    const wrong = { ...env, BACKUP_S3_SECRET_ACCESS_KEY: 'wrong' };
    expect(await emanet(wrong, 'restore', '--from', `s3://${name('backup')}`)).toMatchObject({ status: 2 });
    const away = { ...env, BACKUP_S3_ENDPOINT: 'http://127.0.0.1:9' };
    expect(await emanet(away, 'drill', '--from', `s3://${name('backup')}`)).toMatchObject({ status: 3 });
  });
});
