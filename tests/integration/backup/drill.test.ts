import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTargetState } from '../../../src/adapters/postgres-copy/load.ts';
import { openPlace } from '../../../src/assembly/open-place.ts';
import { readCheckpoint } from '../../../src/audit/checkpoint.ts';
import { createChores, createTasks } from '../../../src/jobs/tasks.ts';
import { getText } from '../../../src/pipeline/core/signed-text.ts';
import { findSigner } from '../../../src/vault/sign.ts';
import { openBeside } from '../../support/another-school.ts';
import { BackupPlace, emanet, envOf } from '../../support/backup.ts';
import { createReleased } from '../../support/released.ts';
import { createSchool, eraseBy, ok, type School } from '../../support/school.ts';
import { arrivals, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let school: School;
let backups: BackupPlace;
let scratch: string;

beforeAll(async () => {
  backups = await BackupPlace.make();
  server = await startTestServer({ WORKER: 'false', BACKUP_TO: backups.place, DRILL_EVERY_DAYS: '30' });
  school = await createSchool(server);
  scratch = join(backups.folder, 'scratch');
  await mkdir(scratch);
  await createReleased(server, school);
  await emanet(envOf(server), 'backup', 'key');
});
afterAll(async () => {
  await server?.stop();
  await backups?.remove();
});

const drill = (...more: string[]) =>
  emanet(envOf(server), 'drill', '--from', backups.place, '--scratch', scratch, ...more);

test('without a backup there is nothing to try, and that is on the log', async () => {
  await mkdir(backups.place);
  expect(await drill()).toMatchObject({ status: 1, code: 'NO_BACKUP' });
  expect(await arrivals(server, 'drill.failed')).toMatchObject([{ details: { code: 'NO_BACKUP' } }]);
});

test('a drill opens a recording, reads every digest, follows the log to its newest head, and certifies it', async () => {
  const { outside } = server.context;
  const made = await emanet(envOf(server), 'backup', '--to', backups.place);
  // The log goes on, and a recording of the backup is erased: none of that may stop a drill.
  const late = await createReleased(server, school);
  const again = await emanet(envOf(server), 'backup', '--to', backups.place);
  ok(await eraseBy(school, late.recordingId));
  const output = join(backups.folder, 'drill.json');
  const passed = await drill('--output', output);
  expect(passed.err).toBe('');
  expect(passed.said).toMatchObject({ backup: again.said.id, objects: again.said.objects });
  expect(made.said.id).not.toBe(again.said.id);
  const certificate = await readFile(output, 'utf8');
  const signature = await readFile(`${output}.asc`, 'utf8');
  expect(await findSigner(certificate, signature, outside.keyring.verifyingKeys)).not.toBeNull();
  expect(await findSigner(`${certificate} `, signature, outside.keyring.verifyingKeys)).toBeNull();
  const head = readCheckpoint((await getText(outside, 'log/checkpoint')) ?? '');
  const said = JSON.parse(certificate);
  expect(said).toMatchObject({ kind: 'emanet.drill-certificate', backup: again.said.id });
  expect(said.log.checked).toBe(head.size);
  expect(said.log.checked).toBeGreaterThan(said.log.inBackup);
  expect(said.recording.bytes).toBe(3 * 2 ** 20 + 17);
  // In the store and beside the backups, and on the log; the scratch place is gone.
  expect(await getText(outside, `certificates/drills/${again.said.id}.json`)).toBe(certificate);
  expect(await arrivals(server, 'drill.passed')).toMatchObject([{ details: { certificate: passed.said.sha256 } }]);
  expect(await readdir(scratch)).toEqual([]);
});

test('a backup that was changed fails the drill', async () => {
  const place = await openPlace(server.context.config, backups.place, { mayMake: false });
  const keys: string[] = [];
  for await (const { key, bytes } of place.list('objects/')) if (bytes > 2 ** 20) keys.push(key);
  const held = await Promise.all(keys.map((key) => readFile(join(backups.place, `${key}~`))));
  for (const [at, key] of keys.entries()) {
    const changed = Buffer.from(held[at] ?? []);
    changed[100_000] = (changed[100_000] ?? 0) ^ 1;
    await writeFile(join(backups.place, `${key}~`), changed);
  }
  expect(await drill()).toMatchObject({ status: 1, code: 'DIGEST_DIFFERS' });
  for (const [at, key] of keys.entries()) await writeFile(join(backups.place, `${key}~`), held[at] ?? '');
  expect((await drill()).status).toBe(0);
  expect(await readdir(scratch)).toEqual([]);
});

test('in a database that was given, which is empty again afterwards, and never in one with tables', async () => {
  const { database } = await backups.emptyMachine();
  const env = { ...envOf(server), DRILL_DATABASE_URL: database.ownerUrl };
  const passed = await emanet(env, 'drill', '--from', backups.place, '--scratch', scratch);
  expect(passed.err).toBe('');
  expect(await readTargetState(database.ownerUrl)).toBe('empty');
  const live = { ...env, DRILL_DATABASE_URL: server.database.ownerUrl };
  const before = await server.context.outside.database.read.recording.count();
  expect((await emanet(live, 'drill', '--from', backups.place)).code).toBe('DATABASE_IN_USE');
  expect(await server.context.outside.database.read.recording.count()).toBe(before);
});

test('by the clock: not before thirty days, then as a job', async () => {
  const { outside, mailer } = server.context;
  const chores = createChores(outside, { addressDays: 180, bounces: null, noteFlaw: () => {} });
  const queued = async () => {
    await chores['begin-drill']?.run();
    const rows = await outside.database.read.$queryRaw<unknown[]>`
      SELECT 1 FROM graphile_worker.jobs WHERE task_identifier = 'run-drill'`;
    return rows.length;
  };
  // Entries count once they have their places.
  ok(await school.auditor.get('/api/audit'));
  expect(await queued()).toBe(0);
  // Another school has no backups that could be tried.
  const beside = await openBeside(server, 'Another School');
  server.forward(31 * 24 * 60 * 60_000);
  expect(await queued()).toBe(1);
  const theirs = createChores(beside.context.outside, { addressDays: 180, bounces: null, noteFlaw: () => {} });
  expect(await theirs['begin-drill']?.run()).toBe(false);
  const before = (await arrivals(server, 'drill.passed')).length;
  await createTasks(outside, mailer)['run-drill'](
    {},
    { signal: AbortSignal.timeout(60_000), isLast: true, job: '1.0' },
  );
  expect(await arrivals(server, 'drill.passed')).toHaveLength(before + 1);
});
