import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/persistent-client.ts';
import { spawnWorker, type WorkerProcess } from '../support/process.ts';
import { createSchool } from '../support/school.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const monitoring = join(import.meta.dirname, '../../deploy/monitoring');
const token = 'test only, long enough';
const hasPrometheus = spawnSync('prometheus', ['--version']).error === undefined;

describe.skipIf(!hasPrometheus)(`Prometheus${hasPrometheus ? '' : ' (apt-get install prometheus)'}`, () => {
  let folder: string;
  let server: TestServer;
  let worker: WorkerProcess;
  let prometheus: ChildProcess;
  let address: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emanet-prometheus-'));
    // Nobody answers at the address of the provider.
    const provider = { OIDC_ISSUER: 'https://127.0.0.1:1', OIDC_CLIENT_ID: 'x', OIDC_ROLES: 'staff=teacher' };
    server = await startTestServer({ WORKER: 'false', METRICS_TOKEN: token, ...provider });
    await createSchool(server);
    worker = await spawnWorker({
      EMANET_HOME: server.home,
      DATABASE_URL: server.database.workerUrl,
      METRICS_PORT: '0',
      METRICS_TOKEN: token,
    });
    const port = await freePort();
    address = `http://127.0.0.1:${port}`;
    const config = {
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [join(monitoring, 'alerts.yml')],
      scrape_configs: [
        {
          ...{ job_name: 'emanet', metrics_path: '/metrics', authorization: { credentials: token } },
          static_configs: [{ targets: [new URL(server.url).host] }],
        },
        {
          ...{ job_name: 'emanet-worker', metrics_path: '/metrics', authorization: { credentials: token } },
          static_configs: [{ targets: [new URL(worker.metricsUrl).host] }],
        },
      ],
    };
    await writeFile(join(folder, 'prometheus.yml'), stringify(config));
    prometheus = spawn(
      'prometheus',
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: 'ignore' },
    );
    await eventually(
      () =>
        fetch(`${address}/-/ready`).then(
          ({ ok }) => ok,
          () => false,
        ),
      'Prometheus to be ready',
    );
  });
  afterAll(async () => {
    prometheus?.kill();
    worker?.child.kill('SIGKILL');
    await server?.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  const ask = async (path: string) => {
    const answer = (await (await fetch(`${address}/api/v1/${path}`)).json()) as { status: string; data: unknown };
    expect(answer.status).toBe('success');
    return answer.data;
  };
  const valuesOf = async (query: string) =>
    ((await ask(`query?query=${encodeURIComponent(query)}`)) as { result: { value: [number, string] }[] }).result;

  test('reads the server, and evaluates every rule', async () => {
    for (const job of ['emanet', 'emanet-worker'])
      await eventually(async () => (await valuesOf(`up{job="${job}"} == 1`)).length === 1, `${job} to be read`);
    interface Rule {
      readonly name: string;
      readonly health: string;
      readonly lastError?: string;
    }
    const rules = async () =>
      ((await ask('rules')) as { groups: { rules: Rule[] }[] }).groups.flatMap((one) => one.rules);
    await eventually(async () => (await rules()).every(({ health }) => health !== 'unknown'), 'rules to be evaluated');
    expect((await rules()).filter(({ health }) => health !== 'ok')).toEqual([]);
    expect((await rules()).length).toBeGreaterThan(7);
  });

  test('answers what the panels of the dashboard ask', async () => {
    const { panels } = JSON.parse(await readFile(join(monitoring, 'dashboard.json'), 'utf8')) as {
      panels: { title: string; targets: { expr: string }[] }[];
    };
    for (const { targets } of panels) for (const { expr } of targets) await valuesOf(expr);
    for (const metric of ['emanet_key_age_seconds', 'emanet_stored_bytes', 'emanet_job_seconds_count'])
      await eventually(async () => (await valuesOf(metric)).length > 0, metric);
  });

  const alert = (name: string) => async () =>
    ((await ask('alerts')) as { alerts: { labels: Record<string, string> }[] }).alerts.find(
      ({ labels }) => labels.alertname === name,
    )?.labels;

  test('a job that has waited for two hours is an alert', async () => {
    const { database } = server.context.outside;
    await database.read.$executeRaw`
      INSERT INTO paused_job (kind, "pausedAt", "pausedById") VALUES ('reconcile-objects', now(), 'test')`;
    await database.transact({ actor: { kind: 'system', id: 'test' } }, (tx) => tx.enqueue('reconcile-objects', {}));
    await database.read.$executeRaw`
      UPDATE graphile_worker._private_jobs SET run_at = now() - interval '2 hours'
       WHERE task_id = (SELECT id FROM graphile_worker._private_tasks WHERE identifier = 'reconcile-objects')`;
    const labels = await eventually(alert('EmanetJobsWait'), 'the alert');
    expect(labels).toMatchObject({ kind: 'reconcile-objects', severity: 'ticket' });
  });

  test('a school that never had a backup is an alert, and so is a certificate that nobody would take', async () => {
    const [school] = await server.context.outside.schools.list();
    expect(await eventually(alert('EmanetBackupOld'), 'the alert')).toMatchObject({ school });
    expect(await eventually(alert('EmanetCertificateEnds'), 'the alert')).toMatchObject({ of: 'provider' });
    expect(await alert('EmanetDrillOld')()).toBeUndefined();
  });

  test('a worker that is gone is an alert', async () => {
    worker.child.kill('SIGKILL');
    expect(await eventually(alert('EmanetWorkerDown'), 'the alert')).toMatchObject({ severity: 'page' });
  });
});
