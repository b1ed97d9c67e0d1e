import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { listenForRuns, runApart } from '../../../src/adapters/process/run-apart.ts';

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
