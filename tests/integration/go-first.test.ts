import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ownEnvironment } from '../support/process.ts';

const module = join(import.meta.dirname, '../../src/adapters/process/go-first.ts');

/** A program of its own, so that the tests keep their priority. */
async function askOf(user: number | undefined) {
  const program = `
    import { execFileSync } from 'node:child_process';
    import { readdirSync } from 'node:fs';
    import { getPriority } from 'node:os';
    import { goFirst, startBehind } from ${JSON.stringify(module)};
    ${user === undefined ? '' : `process.setgid(${user}); process.setuid(${user});`}
    const nice = () => Number(execFileSync('nice', { encoding: 'utf8' }));
    const allowed = goFirst();
    const threads = readdirSync('/proc/self/task').map((thread) => getPriority(Number(thread)));
    console.log(JSON.stringify({ allowed, threads, child: nice(), behind: startBehind(nice), own: getPriority() }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
    env: ownEnvironment,
  });
  return JSON.parse(stdout) as { allowed: boolean; threads: number[]; child: number; behind: number; own: number };
}

const isLinuxRoot = process.platform === 'linux' && process.getuid?.() === 0;

test.runIf(isLinuxRoot)('root lets every thread go first, and what is started behind does not', async () => {
  const { allowed, threads, child, behind, own } = await askOf(undefined);
  expect({ allowed, child, behind, own }).toEqual({ allowed: true, child: -10, behind: 0, own: -10 });
  expect(new Set(threads)).toEqual(new Set([-10]));
});

test.runIf(isLinuxRoot)('without the right to it, everything stays as it is', async () => {
  expect(await askOf(65_534)).toMatchObject({ allowed: false, child: 0, behind: 0, own: 0 });
});
