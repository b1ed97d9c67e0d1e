import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const hasClamd = spawnSync('clamd', ['--version']).status === 0;

/**
 * The test file that every scanner knows. In pieces, so that no scanner takes this file for it. https://www.eicar.org
 */
export const eicar = ['X5O!P%@AP[4', '\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-', 'ANTIVIRUS-TEST-FILE!', '$H+H*'].join('');

export interface TestClamd {
  readonly socket: string;
  stop(): Promise<void>;
}

/** Debian's ClamAV with a database of one signature: no other is needed, and none can be fetched. */
export async function startClamd(): Promise<TestClamd> {
  const folder = await mkdtemp(join(tmpdir(), 'emanet-clamd-'));
  const socket = join(folder, 'clamd.ctl');
  const database = join(folder, 'database');
  await mkdir(database);
  await writeFile(join(database, 'test.ndb'), `Test.Eicar:0:*:${Buffer.from(eicar).toString('hex')}\n`);
  const config = [`LocalSocket ${socket}`, `DatabaseDirectory ${database}`, 'Foreground yes', 'StreamMaxLength 30M'];
  await writeFile(join(folder, 'clamd.conf'), `${config.join('\n')}\n`);
  const clamd: ChildProcess = spawn('clamd', ['--config-file', join(folder, 'clamd.conf')], { stdio: 'ignore' });
  for (let tries = 0; !existsSync(socket); tries++) {
    if (tries > 600 || clamd.exitCode !== null) throw new Error(`clamd did not start: ${clamd.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    socket,
    async stop() {
      if (clamd.exitCode === null && clamd.signalCode === null) {
        clamd.kill();
        await once(clamd, 'exit');
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}
