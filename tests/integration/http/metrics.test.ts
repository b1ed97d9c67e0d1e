import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KeyDates } from '../../../src/keys/key-dates.ts';
import { integrateLog } from '../../../src/pipeline/oversight/integrate-log.ts';
import { StoreUnavailable } from '../../../src/pipeline/ports/object-store.ts';
import { openBeside } from '../../support/another-school.ts';
import { eventually } from '../../support/eventually.ts';
import { shortLesson } from '../../support/media.ts';
import { metricOf } from '../../support/metrics.ts';
import { createPermittedLesson, createSchool, ok, type School } from '../../support/school.ts';
import { createSealedRecording } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

const folder = join(import.meta.dirname, '../../../deploy/monitoring');
let server: TestServer;
let school: School;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false', METRICS_TOKEN: 'test only, long enough' });
  school = await createSchool(server);
});
afterAll(() => server?.stop());

const read = async (): Promise<string> =>
  (await school.nobody.get('/metrics', { authorization: 'Bearer test only, long enough' })).body;
describe.each(['alerts.yml', 'dashboard.json'])('%s', (name) => {
  test('asks for metrics that a running server has', async () => {
    const text = await readFile(join(folder, name), 'utf8');
    const asked = new Set(text.match(/\b(?:emanet|process|nodejs)_\w+/g));
    expect(asked.size).toBeGreaterThan(7);
    const given = await read();
    for (const metric of asked)
      expect(given, metric).toContain(`# TYPE ${metric.replace(/_(bucket|sum|count)$/, '')} `);
  });
});

test('the dashboard is what Grafana takes: panels with queries, each at a place of its own', async () => {
  const { panels } = JSON.parse(await readFile(join(folder, 'dashboard.json'), 'utf8'));
  const places = panels.map(({ gridPos: { x, y } }: { gridPos: { x: number; y: number } }) => `${x},${y}`);
  expect(new Set(places).size).toBe(panels.length);
  for (const { targets } of panels) expect(targets[0].expr).toBeTruthy();
});

test('jobs are counted by kind and state, and by how long they have been due', async () => {
  const { database } = server.context.outside;
  await database.transact({ actor: { kind: 'system', id: 'test' } }, (tx) => tx.enqueue('reconcile-objects', {}));
  await database.read.$executeRaw`
    UPDATE graphile_worker._private_jobs SET run_at = now() - interval '2 hours'
     WHERE task_id = (SELECT id FROM graphile_worker._private_tasks WHERE identifier = 'reconcile-objects')`;
  const text = await read();
  expect(metricOf(text, 'emanet_jobs{kind="reconcile-objects",state="waiting"}')).toBe(1);
  expect(metricOf(text, 'emanet_jobs_oldest_seconds{kind="reconcile-objects"}')).toBeGreaterThan(7_000);
});

test('an entry without a signed head ages, and a key does', async () => {
  server.forward(600_000);
  const text = await read();
  const { outside } = server.context;
  const [first] = await outside.schools.list();
  const unsigned = `emanet_log_unplaced_seconds{school="${first}"}`;
  expect(metricOf(text, unsigned)).toBeGreaterThan(500);
  expect(metricOf(text, `emanet_key_age_seconds{school="${first}",role="vault"}`)).toBeGreaterThan(500);

  // With a place and without a head it still waits.
  await outside.database.read.$queryRaw`SELECT audit_integrate(10000)`;
  expect(metricOf(await read(), unsigned)).toBeGreaterThan(500);
  await integrateLog(outside);
  // A look that took long is shown again for a while.
  await eventually(async () => metricOf(await read(), unsigned) === 0, 'no entry without a head', { withinMs: 20_000 });
});

test('each school has figures of its own, under its id and never its name', async () => {
  const { outside } = server.context;
  const [first] = await outside.schools.list();
  const lesson = await createPermittedLesson(school);
  const beside = await openBeside(server, 'Çınar Koleji');
  await createSealedRecording(outside, lesson.id, school.teacher.id, { mediaBytes: 2_000 });
  const text = await read();
  expect(metricOf(text, `emanet_recordings{school="${first}",state="in_review"}`)).toBe(1);
  expect(metricOf(text, `emanet_stored_bytes{school="${first}"}`)).toBeGreaterThan(3_000);
  for (const name of ['emanet_stored_bytes', 'emanet_scrub_failures', 'emanet_backup_made_timestamp_seconds'])
    expect(metricOf(text, `${name}{school="${beside.schoolId}"}`)).toBe(0);
  for (const role of ['vault', 'recovery'])
    expect(metricOf(text, `emanet_key_age_seconds{school="${beside.schoolId}",role="${role}"}`)).toBeGreaterThan(0);
  expect(text).not.toContain(`emanet_recordings{school="${beside.schoolId}"`);
  expect(text).not.toMatch(/Çınar|Koleji/);
});

test('an entry waits for its head also where another school has one of that number, as one that was put in may', async () => {
  const beside = await openBeside(server, 'Number Twin');
  const owner = new pg.Client({ connectionString: server.database.ownerUrl });
  await owner.connect();
  const own = `emanet_log_unplaced_seconds{school="${beside.schoolId}"}`;
  try {
    await integrateLog(server.context.outside);
    await integrateLog(beside.context.outside);
    expect(metricOf(await read(), own)).toBe(0);
    const { rowCount } = await owner.query(
      `INSERT INTO audit_arrival ("schoolId", arrival, canonical)
       SELECT $1, a.arrival, regexp_replace(a.canonical, '"at":"[^"]+"', '"at":"2020-01-01T00:00:00.000Z"')
         FROM audit_arrival a JOIN audit_entry e USING ("schoolId", arrival)
        WHERE a."schoolId" <> $1
          AND NOT EXISTS (SELECT FROM audit_arrival b WHERE b."schoolId" = $1 AND b.arrival = a.arrival) LIMIT 1`,
      [beside.schoolId],
    );
    expect(rowCount).toBe(1);
    expect(metricOf(await read(), own)).toBeGreaterThan(100_000_000);
  } finally {
    await owner.end();
  }
});

test('the date of a key is read again when its file changes, and a broken one hides nothing else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'emanet-dates-'));
  const dates = new KeyDates();
  try {
    expect(await dates.read(folder)).toEqual([]);
    await cp(join(server.home, 'keys'), join(folder, 'keys'), { recursive: true });
    const [vault, recovery] = await dates.read(folder);
    expect([vault?.role, recovery?.role]).toEqual(['vault', 'recovery']);
    expect(vault?.createdAt).toEqual(
      server.context.outside.keyring.known.find(({ role, state }) => role === 'vault' && state === 'current')
        ?.createdAt,
    );
    await writeFile(join(folder, 'keys/vault.private.asc'), 'no key');
    expect((await dates.read(folder)).map(({ role }) => role)).toEqual(['recovery']);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('backups and drills have a date, from the log of their school', async () => {
  const { outside } = server.context;
  const [first] = await outside.schools.list();
  const at = outside.clock().getTime() / 1000;
  await outside.database.transact({ actor: { kind: 'system', id: 'test' } }, async (tx) => {
    const details = { objects: 1, bytes: 1, copied: 1, manifest: 'x' };
    await tx.log({ action: 'backup.made', outcome: 'done', details });
    await tx.log({ action: 'drill.passed', outcome: 'done', details: { objects: 1, entries: 1, certificate: 'x' } });
  });
  await integrateLog(outside);
  const text = await read();
  for (const name of ['emanet_backup_made_timestamp_seconds', 'emanet_drill_passed_timestamp_seconds'])
    expect(Math.abs(metricOf(text, `${name}{school="${first}"}`) - at)).toBeLessThan(60);
});

test('what the gate refused is counted by reason, without whom it is about', async () => {
  const lesson = await createPermittedLesson(school);
  const missing = 'emanet_gate_refusals_total{reason="PERMISSION_WITHDRAWN"}';
  expect(metricOf(await read(), missing)).toBeNaN();
  ok(await school.teacher.post(`/api/permissions/${lesson.permissions.minor}/withdraw`, { note: 'asked' }));
  expect((await school.teacher.upload(lesson.id, shortLesson())).body.code).toBe('PERMISSION_MISSING');
  const text = await read();
  expect(metricOf(text, missing)).toBe(1);
  expect(text).not.toMatch(/Ada|Gül|Example/);
});

test('a store that is away is -1, and the rest is told all the same', async () => {
  const { outside } = server.context;
  expect(metricOf(await read(), 'emanet_store_seconds')).toBeGreaterThanOrEqual(0);
  const { objects } = outside;
  const away = async () => {
    throw new StoreUnavailable('away');
  };
  Object.assign(objects, { head: away });
  try {
    const text = await read();
    expect(metricOf(text, 'emanet_store_seconds')).toBe(-1);
    expect(text).toContain('emanet_http_requests_total');
  } finally {
    Reflect.deleteProperty(objects, 'head');
  }
});

test('nobody reads them without the token', async () => {
  for (const headers of [{}, { authorization: 'Bearer another, long enough' }])
    expect((await school.nobody.get('/metrics', headers)).status).toBe(404);
});
