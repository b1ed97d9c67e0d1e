import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ScaledObject, TriggerAuthentication } from '@kubernetes-models/keda/keda.sh/v1alpha1';
import { Deployment } from 'kubernetes-models/apps/v1';
import { Job } from 'kubernetes-models/batch/v1';
import { Ingress, NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { PersistentVolumeClaim, Service } from 'kubernetes-models/v1';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { z } from 'zod';
import { settings } from '../../src/config/env.ts';
import { createTestDatabase } from '../support/database.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const chart = join(root, 'deploy/kubernetes');
const sprig = '/usr/share/gocode/src/github.com/Masterminds/sprig';
const has = (program: string) => {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
const renderer = has('helm') ? 'helm' : has('go') && existsSync(sprig) ? 'go' : null;
const why = 'neither helm nor Debian’s golang-go and golang-github-masterminds-sprig-dev are installed';

/** What an operator must say, and everything else that can be switched on. */
const least = {
  baseUrl: 'https://emanet.school.example',
  existingSecret: 'emanet',
  store: { endpoint: 'https://s3.school.example' },
};
const most = {
  ...least,
  image: { tag: '1.0', pullSecrets: ['registry'] },
  settings: { SCHOOL_TIME_ZONE: 'Europe/London' },
  setup: { arguments: ['--school', 'Deneme: Okulu'] },
  state: { storageClass: 'shared' },
  ingress: { enabled: true, host: 'emanet.school.example', className: 'nginx', tlsSecret: 'emanet-tls' },
  worker: { keda: { enabled: true } },
  media: { seccompProfile: 'profiles/emanet.json', unmaskedProc: true },
  networkPolicy: {
    database: { cidrs: ['10.0.0.0/24'] },
    store: { cidrs: ['10.0.1.0/24'], port: 8333 },
    mail: { cidrs: ['10.0.2.1/32'] },
    traces: { cidrs: ['10.0.3.1/32'] },
  },
};

// biome-ignore lint/suspicious/noExplicitAny: manifests of every kind
type Manifest = any;
const models: Record<string, new (data: never) => { validate(): void }> = {
  Deployment,
  Ingress,
  Job,
  NetworkPolicy,
  PersistentVolumeClaim,
  PodDisruptionBudget,
  ScaledObject,
  Service,
  TriggerAuthentication,
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emanet-chart-'));
  if (renderer === 'go')
    await run('go', ['build', '-o', join(folder, 'render'), join(root, 'tests/support/render-chart/main.go')], {
      env: { PATH: process.env.PATH, GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOCACHE: join(folder, 'cache') },
    });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function render(values: object): Promise<Manifest[]> {
  const file = join(folder, 'values.yaml');
  await writeFile(file, stringify(values));
  const { stdout } =
    renderer === 'helm'
      ? await run('helm', ['template', 'emanet', chart, '--values', file])
      : await run(join(folder, 'render'), [chart, file]);
  return parseAllDocuments(stdout, { uniqueKeys: true }).flatMap((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() ?? [];
  });
}

/** Its validators read every field that they know. What nobody read is a field that does not exist. */
function unknownFields(manifest: Manifest): string[] {
  const read = new Set<string>();
  const watched = (value: unknown, path: string): unknown =>
    typeof value !== 'object' || value === null
      ? value
      : new Proxy(value, {
          get(target, key) {
            if (typeof key === 'symbol') return Reflect.get(target, key);
            read.add(`${path}/${key}`);
            return watched(Reflect.get(target, key), `${path}/${key}`);
          },
        });
  const Model = models[manifest.kind];
  if (!Model) throw new Error(`unknown kind ${manifest.kind}`);
  Model.prototype.validate.call(Object.assign(Object.create(Model.prototype), watchedCopy(manifest, watched)));
  const unread: string[] = [];
  const walk = (value: unknown, path: string) => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      const there = `${path}/${key}`;
      if (!read.has(there) && !Array.isArray(value)) unread.push(there);
      else walk(inner, there);
    }
  };
  for (const [key, inner] of Object.entries(manifest)) walk(inner, `/${key}`);
  return unread;
}

const watchedCopy = (manifest: Manifest, watched: (value: unknown, path: string) => unknown) =>
  Object.fromEntries(Object.entries(manifest).map(([key, value]) => [key, watched(value, `/${key}`)]));

describe.skipIf(renderer === null)(`the chart for Kubernetes${renderer ? '' : ` (${why})`}`, () => {
  test.each([
    ['with the least that must be said', least],
    ['with everything switched on', most],
  ])('%s: each manifest is one of Kubernetes, without a field that it does not know', async (_, values) => {
    const manifests = await render(values);
    expect(manifests.length).toBeGreaterThan(8);
    for (const manifest of manifests)
      expect([manifest.kind, manifest.metadata.name, unknownFields(manifest)]).toEqual([
        manifest.kind,
        manifest.metadata.name,
        [],
      ]);
  });

  test('a field with a typing mistake is found', () => {
    const wrong = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }, spec: { selector: {}, portz: [] } };
    expect(unknownFields(wrong)).toEqual(['/spec/portz']);
  });

  test('every container is without rights, and has its own secrets and no others', async () => {
    const secretsOf = new Map<string, string[]>();
    for (const { kind, metadata, spec } of await render(most)) {
      const pod = spec.template?.spec;
      if (!pod) continue;
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      });
      for (const container of pod.containers) {
        expect([kind, container.name, container.securityContext]).toMatchObject([
          kind,
          container.name,
          { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        ]);
        if (container.name === 'media') expect(JSON.stringify(container)).not.toMatch(/secret|state/i);
        for (const { name } of container.env) {
          const isKnown = [name, name.replace(/_FILE$/, '')].some((setting) => Object.hasOwn(settings, setting));
          expect([name, isKnown]).toEqual([name, true]);
        }
      }
      const { secret } = pod.volumes.find(({ name }: Manifest) => name === 'secrets');
      secretsOf.set(
        metadata.name,
        secret.items.map(({ key }: Manifest) => key),
      );
    }
    expect(secretsOf.get('emanet-setup')).toContain('database-owner-url');
    expect(secretsOf.get('emanet-web')).not.toContain('database-owner-url');
    expect(secretsOf.get('emanet-worker')).toEqual([
      'database-worker-url',
      'metrics-token',
      'vault-passphrase',
      's3-access-key-id',
      's3-secret-access-key',
    ]);
  });

  test('a worker is reached at its metrics alone, and a set-up not at all', async () => {
    const manifests = await render(most);
    const policies = new Map<string, Manifest>(
      manifests.filter(({ kind }) => kind === 'NetworkPolicy').map(({ metadata, spec }) => [metadata.name, spec]),
    );
    const portsOf = (name: string) => policies.get(name)?.ingress?.map(({ ports }: Manifest) => ports);
    expect(portsOf('emanet-web')).toEqual([[{ port: 'http', protocol: 'TCP' }]]);
    expect(portsOf('emanet-worker')).toEqual([[{ port: 'metrics', protocol: 'TCP' }]]);
    expect(portsOf('emanet-setup')).toBeUndefined();
    const worker = manifests.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'emanet-worker');
    const { ports, env } = worker.spec.template.spec.containers.find(({ name }: Manifest) => name === 'worker');
    expect(ports).toEqual([{ name: 'metrics', containerPort: 8301 }]);
    expect(env).toContainEqual({ name: 'METRICS_PORT', value: '8301' });
    for (const name of ['emanet-web', 'emanet-worker'])
      expect(JSON.stringify(policies.get(name))).toContain('10.0.3.1/32');
  });

  test('KEDA counts the jobs that wait or run, as the role of the worker', async () => {
    const scaled = (await render(most)).find(({ kind }) => kind === 'ScaledObject');
    const { query } = scaled.spec.triggers[0].metadata;
    const database = await createTestDatabase();
    const [client, owner] = [database.workerUrl, database.ownerUrl].map(
      (url) => new pg.Client({ connectionString: url }),
    );
    await Promise.all([client!.connect(), owner!.connect()]);
    try {
      const count = async () => Number((await client!.query(query)).rows[0].count);
      expect(await count()).toBe(0);
      await owner!.query(`SELECT graphile_worker.add_job('check-recording', '{}')`);
      await owner!.query(`SELECT graphile_worker.add_job('check-recording', '{}', run_at => now() + interval '1 day')`);
      expect(await count()).toBe(1);
    } finally {
      await Promise.all([client!.end(), owner!.end()]);
      await database.drop();
    }
  });

  test('an ingress without a host is refused', async () => {
    await expect(render({ ...least, ingress: { enabled: true } })).rejects.toThrow('ingress.host');
  });

  test.skipIf(renderer !== 'helm')('helm lint finds nothing', async () => {
    await run('helm', ['lint', '--strict', chart, '--values', join(folder, 'values.yaml')]);
  });
});

test('the schema of the values takes what the chart comes with, and names what is wrong', async () => {
  const schema = z.fromJSONSchema(JSON.parse(await readFile(join(chart, 'values.schema.json'), 'utf8')));
  const defaults = parse(await readFile(join(chart, 'values.yaml'), 'utf8'));
  const laid = { ...defaults, ...least, store: { ...defaults.store, ...least.store } };
  expect(schema.safeParse(laid).error).toBeUndefined();
  for (const wrong of [
    { baseUrl: 'emanet.school.example' },
    { existingSecret: '' },
    { web: { replicas: 0 } },
    { webb: {} },
    { settings: { 'not a setting': 'x' } },
    { networkPolicy: { database: { cidrs: ['everywhere'] } } },
  ])
    expect([wrong, schema.safeParse({ ...laid, ...wrong }).success]).toEqual([wrong, false]);
});

test('the chart is of the version of the project', async () => {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  expect(parse(await readFile(join(chart, 'Chart.yaml'), 'utf8'))).toMatchObject({ version, appVersion: version });
});
