import { execFile, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DiskStore } from '../../src/adapters/disk/disk-store.ts';
import { prepare } from '../../src/assembly/first-start.ts';
import { loadConfig } from '../../src/config/env.ts';
import { makeBackupKey } from '../../src/keys/backup-keys.ts';
import { atMost, type Bench, mib, type Row, throughput } from './measure.ts';

const run = promisify(execFile);
const program = join(import.meta.dirname, '../../src/processes/cli.ts');

/** (b) The whole command, as an operator runs it, beside `cp` of the same objects. */
export const backingUpObjects: Bench = {
  about: '2 GiB of recordings and 10,000 small objects: the first backup beside cp, the next one, and memory',
  async measure({ isQuick, folder, say }) {
    const home = join(folder, 'home');
    const prepared = await prepare(loadConfig({ EMANET_HOME: home }));
    try {
      await makeBackupKey(home, 4);
      const [large, each, small] = isQuick ? [4, mib, 50] : [64, 32 * mib, 10_000];
      await fill(new DiskStore({ folder: join(home, 'objects') }), { large, each, small });
      const bytes = large * each;
      const place = join(folder, 'place');
      const seconds = async (work: () => Promise<unknown>) => {
        const began = performance.now();
        await work();
        return (performance.now() - began) / 1000;
      };
      let peak = 0;
      const backup = async () => {
        peak = Math.max(peak, await runEmanet(home, ['backup', '--to', place]));
      };
      const first = await seconds(backup);
      const next = await seconds(backup);
      const copied = await seconds(async () => {
        await run('cp', ['-r', join(home, 'objects'), join(folder, 'copied')]);
        await run('sync', ['-f', folder]);
      });
      say(`  first ${first.toFixed(1)} s, next ${next.toFixed(1)} s, cp and sync ${copied.toFixed(1)} s`);
      await rm(join(folder, 'copied'), { recursive: true });
      const rows: Row[] = [
        ...throughput('(b) the first backup', bytes / mib / first, 'cp and sync', bytes / mib / copied),
        atMost('(b) the next one, with nothing new', next, 's', undefined),
        atMost(`(b) peak memory, ${large + small} objects`, peak, 'MiB', undefined),
      ];
      return rows;
    } finally {
      await prepared.stop();
    }
  },
};

async function fill(
  objects: DiskStore,
  { large, each, small }: { readonly large: number; readonly each: number; readonly small: number },
): Promise<void> {
  const body = randomBytes(mib);
  for (let made = 0; made < large; made++)
    await objects.put(
      `recordings/${randomUUID()}/${randomUUID()}/body`,
      (async function* () {
        for (let sent = 0; sent < each; sent += mib) yield body;
      })(),
    );
  for (let made = 0; made < small; made++)
    await objects.put(
      `documents/${randomUUID()}/${randomUUID()}/envelope`,
      (async function* () {
        yield randomBytes(141);
      })(),
    );
}

/** Returns the most memory that the process had, in MiB. */
async function runEmanet(home: string, args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [program, '--json', ...args], {
    env: { PATH: process.env.PATH, EMANET_HOME: home, LANG: 'en' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let peak = 0;
  const timer = setInterval(async () => {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    peak = Math.max(peak, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024);
  }, 50);
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`emanet ${args.join(' ')} ended with ${code}`);
  return peak;
}
