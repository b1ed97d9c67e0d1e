import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { createDatabase } from '../../../src/assembly/first-start.ts';
import { rolePasswords } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { ownEnvironment } from '../../support/process.ts';
import { Network, type Node } from './network.ts';

const root = join(import.meta.dirname, '../../..');
const deploy = join(root, 'deploy/high-availability');
const binaries = '/usr/lib/postgresql/15/bin';
/** Another one than that of the system, for its version. */
export const patroniProgram = process.env.PATRONI ?? 'patroni';
/** TEST ONLY. */
const superuserPassword = 'test-only-superuser';

/**
 * Emanet on ten machines, by the files of `deploy/high-availability`: three members of etcd, two nodes of PostgreSQL
 * under Patroni, HAProxy, two web processes, three workers, Ceph's RADOS gateway.
 */
export interface Cluster {
  readonly url: string;
  readonly settings: Record<string, string>;
  readonly webs: readonly Node[];
  readonly workers: readonly Node[];
  readonly databases: readonly Node[];
  readonly store: Node;
  startWeb(node: Node): void;
  startWorker(node: Node): void;
  startDatabase(node: Node): void;
  /** The node that is the primary now. */
  primary(): Promise<Node>;
  /** Waits until both nodes have everything: one is the primary, the other its synchronous standby. */
  untilBothDatabases(): Promise<void>;
  stopStore(): Promise<void>;
  startStore(): Promise<void>;
  stop(): Promise<void>;
}

export async function startCluster(folder: string, home: string): Promise<Cluster> {
  await chmod(folder, 0o755); // PostgreSQL runs as a user of its own
  const network = await Network.make(folder);
  const at = (name: string, host: number) => network.addNode(name, host);
  const databases = [await at('database1', 11), await at('database2', 12)];
  const witness = await at('witness', 13);
  const balancer = await at('balancer', 20);
  const webs = [await at('web1', 31), await at('web2', 32)];
  const workers = [await at('worker1', 41), await at('worker2', 42), await at('worker3', 43)];
  const store = await at('store', 50);

  const members = [...databases, witness];
  const startMember = async (node: Node) => {
    const data = join(folder, `etcd-${node.name}`);
    await mkdir(data, { recursive: true, mode: 0o700 });
    const peer = `http://${node.address}:2380`;
    const client = `http://${node.address}:2379`;
    node.start([
      ...['etcd', '--name', node.name, '--data-dir', data, '--initial-cluster-state', 'new'],
      ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
      ...['--listen-client-urls', `${client},http://127.0.0.1:2379`, '--advertise-client-urls', client],
      ...['--initial-cluster', members.map(({ name, address }) => `${name}=http://${address}:2380`).join(',')],
      ...['--heartbeat-interval', '300', '--election-timeout', '3000', '--logger', 'zap', '--log-level', 'warn'],
    ]);
  };
  const startPatroni = (node: Node) =>
    node.start([patroniProgram, join(deploy, 'patroni.yml')], {
      user: 'postgres',
      cwd: '/',
      env: {
        PATRONI_NAME: node.name,
        PATRONI_ETCD3_HOSTS: members.map(({ address }) => `${address}:2379`).join(','),
        PATRONI_RESTAPI_LISTEN: `${node.address}:8008`,
        PATRONI_RESTAPI_CONNECT_ADDRESS: `${node.address}:8008`,
        PATRONI_POSTGRESQL_LISTEN: `${node.address},127.0.0.1:5432`,
        PATRONI_POSTGRESQL_CONNECT_ADDRESS: `${node.address}:5432`,
        PATRONI_POSTGRESQL_DATA_DIR: join(folder, `data-${node.name}/pg`),
        PATRONI_POSTGRESQL_BIN_DIR: binaries,
        PATRONI_POSTGRESQL_PGPASS: join(folder, `data-${node.name}/pgpass`),
        ...user('SUPERUSER', 'postgres'),
        ...user('REPLICATION', 'replicator'),
        ...user('REWIND', 'rewinder'),
      },
    });
  const startDatabase = (node: Node) => {
    void startMember(node);
    startPatroni(node);
  };
  const startStore = async () => {
    const said = await store.run([join(root, 'scripts/s3-server'), 'start', 'rgw', '--dir', join(folder, 'store')], {
      S3_SERVER_ADDRESS: store.address,
    });
    return Object.fromEntries(
      said
        .trim()
        .split('\n')
        .map((line) => line.split(/=(.*)/s).slice(0, 2)),
    ) as Record<string, string>;
  };

  const [s3] = await Promise.all([startStore(), ...members.map(startMember)]);
  for (const { name } of databases) {
    await mkdir(join(folder, `data-${name}`), { recursive: true });
    await store.run(['chown', 'postgres', join(folder, `data-${name}`)]);
  }
  for (const node of databases) startPatroni(node);
  balancer.start(['haproxy', '-db', '-f', join(deploy, 'haproxy.cfg')], {
    env: {
      FOLDER: deploy,
      WEB_LISTEN: `${balancer.address}:8300`,
      DATABASE_LISTEN: `${balancer.address}:5432`,
      WEB_1: `${webs[0]!.address}:8300`,
      WEB_2: `${webs[1]!.address}:8300`,
      DATABASE_1: `${databases[0]!.address}:5432`,
      DATABASE_2: `${databases[1]!.address}:5432`,
    },
  });

  const databaseUrl = (name: string, password: string, database: string) =>
    `postgresql://${name}:${password}@${balancer.address}:5432/${database}`;
  const asSuperuser = databaseUrl('postgres', superuserPassword, 'postgres');
  const isSynchronous = async () => {
    const client = new pg.Client({ connectionString: asSuperuser, connectionTimeoutMillis: 2_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      const { rowCount } = await client.query(`SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'`);
      return rowCount === 1;
    } catch {
      return false; // not yet, or no longer
    } finally {
      await client.end().catch(() => {});
    }
  };
  const untilBothDatabases = async () => {
    await eventually(isSynchronous, 'the standby to have everything', { withinMs: 180_000 });
  };
  await untilBothDatabases();
  await createDatabase(
    { url: (name) => databaseUrl('postgres', superuserPassword, name), port: 5432 },
    rolePasswords,
    'emanet',
  );

  const settings: Record<string, string> = {
    EMANET_HOME: home,
    BASE_URL: `http://${balancer.address}:8300`,
    DATABASE_URL: databaseUrl('emanet_server', rolePasswords.server, 'emanet'),
    ALLOW_PLAINTEXT_TO: `${balancer.address},${store.address}`,
    STORE: 's3',
    S3_ENDPOINT: s3.S3_TEST_ENDPOINT!,
    S3_ACCESS_KEY_ID: s3.S3_TEST_KEY!,
    S3_SECRET_ACCESS_KEY: s3.S3_TEST_SECRET!,
    S3_REGION: s3.S3_TEST_REGION!,
    DATABASE_OWNER_URL: databaseUrl('emanet_owner', rolePasswords.owner, 'emanet'),
  };
  const { DATABASE_OWNER_URL: _, ...running } = settings;
  const own = (node: Node, program: string, env: Record<string, string>) =>
    node.start([process.execPath, join(root, 'src/processes', program)], {
      cwd: root,
      env: { ...ownEnvironment, ...running, ...env },
    });
  return {
    url: settings.BASE_URL!,
    settings,
    webs,
    workers,
    databases,
    store,
    startWeb: (node) =>
      void own(node, 'main.ts', {
        HOST: node.address,
        PORT: '8300',
        WORKER: 'false',
        TRUST_PROXY: '1',
        DATABASE_URL: databaseUrl('emanet_web', rolePasswords.web, 'emanet'),
      }),
    startWorker: (node) =>
      void own(node, 'worker.ts', { DATABASE_URL: databaseUrl('emanet_worker', rolePasswords.worker, 'emanet') }),
    startDatabase,
    async primary() {
      for (const node of databases) {
        const answer = await fetch(`http://${node.address}:8008/primary`, { signal: AbortSignal.timeout(2_000) }).catch(
          () => null,
        );
        if (answer?.ok) return node;
      }
      throw new Error('no node is the primary');
    },
    untilBothDatabases,
    stopStore: () => store.kill('radosgw'),
    startStore: async () => {
      await startStore();
    },
    async stop() {
      await store.run([join(root, 'scripts/s3-server'), 'stop', 'rgw', '--dir', join(folder, 'store')]);
      await network.remove();
    },
  };
}

const user = (kind: string, name: string) => ({
  [`PATRONI_${kind}_USERNAME`]: name,
  [`PATRONI_${kind}_PASSWORD`]: superuserPassword,
});
