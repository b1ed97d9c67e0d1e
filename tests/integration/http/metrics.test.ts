import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StoreUnavailable } from '../../../src/pipeline/ports/object-store.ts';
import { metricOf } from '../../support/metrics.ts';
import { createSchool, type School } from '../../support/school.ts';
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
    for (const metric of asked) expect(given, metric).toContain(`# TYPE ${metric.replace(/_(bucket|sum|count)$/, '')} `);
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

test('an entry without a place ages, and a key does', async () => {
  server.forward(600_000);
  const text = await read();
  expect(metricOf(text, 'emanet_log_unplaced_seconds')).toBeGreaterThan(500);
  expect(metricOf(text, 'emanet_key_age_seconds{role="vault"}')).toBeGreaterThan(500);
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
