import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { listenForRuns, runApart } from '../../../src/adapters/process/run-apart.ts';
import { mustHave } from '../../../src/domain/must-have.ts';

const limits = { wallMs: 1_000, cpuSeconds: 1, memoryBytes: 2 ** 20, outputBytes: 2 ** 10 };
const nowhere = { means: [], wrap: () => ({ command: 'true', args: [] }) };
const done = { exitCode: 0, killedBy: null, hitLimit: null, stderrTail: [] };
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emanet-apart-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.runIf(existsSync('/proc/self/ns/net'))(
  'who asks from another network is told to come back, and the process that runs children learns of it',
  async () => {
    const socket = join(folder, 'other.sock');
    const onOtherNetwork = vi.fn();
    const run = vi.fn(async () => done);
    const server = await listenForRuns(socket, nowhere, run, onOtherNetwork);
    try {
      expect(await runApart(socket, { command: 'true', args: [], limits })).toMatchObject({ exitCode: 0 });
      expect(onOtherNetwork).not.toHaveBeenCalled();

      const asking = connect({ path: socket, allowHalfOpen: true });
      await once(asking, 'connect');
      asking.write(
        `${JSON.stringify({ run: 'a', network: 'net:[1]', command: 'true', args: [], limits, pipes: 0 })}\n`,
      );
      expect(JSON.parse(await text(asking))).toMatchObject({ isBusy: true });
      asking.destroy();
      expect(onOtherNetwork).toHaveBeenCalledOnce();
      expect(run).toHaveBeenCalledOnce();
    } finally {
      server.close();
    }
  },
);

test('a process that is not there is worth another try', async () => {
  await expect(runApart(join(folder, 'none.sock'), { command: 'true', args: [], limits })).rejects.toMatchObject({
    code: 'PROCESSOR_UNAVAILABLE',
  });
});

test.each([false, true])(
  'one that goes away while somebody has more to write is not waited for (after it said that it started: %s)',
  async (hasStarted) => {
    const socket = join(folder, `away-${hasStarted}.sock`);
    const connections: Socket[] = [];
    const server = createServer((connection) => {
      connection.on('error', () => {}).resume();
      connections.push(connection);
      if (connections.length < 3) return;
      if (hasStarted) connections[0]!.write(`${JSON.stringify({ started: true })}\n`);
      else for (const each of connections) each.destroy();
    });
    await once(server.listen(socket), 'listening');
    try {
      const asking = runApart(socket, {
        ...{
          command: 'true',
          args: [],
          limits,
          input: new PassThrough(),
          pipes: [async (pipe: Readable) => void (await text(pipe))],
        },
        onStart: () => {
          for (const each of connections) each.destroy();
        },
      });
      await expect(asking).rejects.toMatchObject({ code: 'PROCESSOR_UNAVAILABLE' });
    } finally {
      server.close();
    }
  },
);

test('a child that ends by itself is not waited for, although it was to get more', async () => {
  const socket = join(folder, 'ends.sock');
  const server = await listenForRuns(socket, nowhere, async () => ({ ...done, exitCode: 3 }));
  try {
    const input = new PassThrough();
    expect(await runApart(socket, { command: 'true', args: [], limits, input })).toMatchObject({ exitCode: 3 });
  } finally {
    server.close();
  }
});

test('what a reader refuses is the error, and ends the child', async () => {
  const socket = join(folder, 'refused.sock');
  const ended = Promise.withResolvers<unknown>();
  const server = await listenForRuns(socket, nowhere, async (_, { pipes = [], signal }) => {
    const child = new PassThrough();
    void pipes[0]?.(child).catch(() => {});
    child.write('what nobody asked for');
    await once(mustHave(signal, 'signal of a run'), 'abort');
    ended.resolve(null);
    return done;
  });
  try {
    const refuse = async (pipe: Readable) => {
      await once(pipe, 'readable');
      throw new Error('said too much');
    };
    const asking = runApart(socket, { command: 'true', args: [], limits, input: new PassThrough(), pipes: [refuse] });
    await expect(asking).rejects.toThrow('said too much');
    await ended.promise;
  } finally {
    server.close();
  }
});
