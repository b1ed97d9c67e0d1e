import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { type ServerProcess, spawnServer } from '../support/process.ts';
import { madeKeys } from '../support/server.ts';

let home: string;
let server: ServerProcess;
let database: Awaited<ReturnType<typeof createTestDatabase>>;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'emanet-worker-'));
  await cp(madeKeys(), home, { recursive: true });
  database = await createTestDatabase();
  server = await spawnServer({
    EMANET_HOME: home,
    DATABASE_URL: database.webUrl,
    DATABASE_WORKER_URL: database.workerUrl,
  });
});
afterAll(async () => {
  await server?.kill9();
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

const startsOfWorker = () => server.log.filter((line) => line.includes('worker started')).length;

async function workerPid(): Promise<number> {
  const pid = server.child.pid!;
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ');
  expect(children).toHaveLength(1);
  return Number(children[0]);
}

test.runIf(existsSync('/proc/self/task'))(
  'jobs have a process of their own, of lower priority, that comes back when it dies and ends with the server',
  async () => {
    await eventually(() => startsOfWorker() === 1, 'the worker starts');
    const first = await workerPid();
    const stat = await readFile(`/proc/${first}/stat`, 'utf8');
    expect(Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])).toBe(5);
    const environment = await readFile(`/proc/${first}/environ`, 'utf8');
    expect(environment).not.toMatch(/AUTH_SECRET|DATABASE_OWNER_URL/);

    process.kill(first, 'SIGKILL');
    await eventually(() => startsOfWorker() === 2, 'the worker starts');
    expect(server.log.some((line) => line.includes('the worker ended') && line.includes('SIGKILL'))).toBe(true);

    const second = await workerPid();
    await server.kill9();
    await eventually(() => !existsSync(`/proc/${second}`), 'the worker ends');

    server = await spawnServer({
      EMANET_HOME: home,
      DATABASE_URL: database.webUrl,
      DATABASE_WORKER_URL: database.workerUrl,
    });
    await eventually(() => startsOfWorker() === 1, 'the worker starts');
    const third = await workerPid();
    expect(await server.stop()).toBe(0);
    expect(existsSync(`/proc/${third}`)).toBe(false);
  },
);
