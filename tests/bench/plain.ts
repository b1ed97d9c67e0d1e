import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { asTheServer } from './in-memory.ts';

/** The peer of an upload (`plain-server.ts`), in a process of its own. */
export async function startPlainServer(
  store: Record<string, string>,
): Promise<{ url: string; pid: number; stop: () => Promise<void> }> {
  const child = spawn(process.execPath, [...asTheServer, join(import.meta.dirname, 'plain-server.ts')], {
    env: { PATH: process.env.PATH, PLAIN_STORE: JSON.stringify(store) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [port] = await once(createInterface({ input: child.stdout }), 'line');
  return {
    url: `http://127.0.0.1:${port}/`,
    pid: child.pid!,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
