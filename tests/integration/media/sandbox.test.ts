import { access, stat } from 'node:fs/promises';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { slateFont } from '../../../src/adapters/ffmpeg/slate.ts';
import { asOneParty, type Urgency } from '../../../src/adapters/process/party.ts';
import { collectInto, run } from '../../../src/adapters/process/run.ts';
import {
  findProgram,
  findSandbox,
  type ProcessLimits,
  type ProcessNeeds,
  type Sandbox,
} from '../../../src/adapters/process/sandbox.ts';

const limits: ProcessLimits = { wallMs: 5_000, cpuSeconds: 5, memoryBytes: 1024 ** 3, outputBytes: 10_000 };
const walled = await findSandbox();
const limitedOnly = await findSandbox({ withWalls: false });
const hasWalls = walled.means.includes('bwrap');
if (!hasWalls) console.warn(`tests of the walls are skipped: ${walled.means.join(', ')} (apt-get install bubblewrap)`);
const hasPrlimit = (await findProgram('prlimit')) !== null;

async function shellIn(sandbox: Sandbox, script: string, changes: Partial<ProcessLimits> = {}, needs?: ProcessNeeds) {
  const chunks: Buffer[] = [];
  const result = await run(sandbox, {
    command: '/bin/sh',
    args: ['-c', script],
    limits: { ...limits, ...changes },
    secret: 'the-token',
    pipes: [collectInto(chunks)],
    ...(needs ? { needs } : {}),
  });
  return { ...result, output: Buffer.concat(chunks).toString() };
}

const kinds = [['limits alone', limitedOnly] as const, ...(hasWalls ? [['walls', walled] as const] : [])];

describe.each(kinds)('a child confined by %s', (kind, sandbox) => {
  const shell = (script: string, changes: Partial<ProcessLimits> = {}) => shellIn(sandbox, script, changes);

  it('comes behind pages and playback, behind a person when it is of a job, and a little before its like when it is the last', async () => {
    const priority = async (urgency: Urgency, needs?: ProcessNeeds) =>
      Number((await asOneParty(urgency, () => shellIn(sandbox, 'nice', {}, needs))).output);
    // This process may have stepped back itself; a child is never before it.
    const from = (niceness: number) => Math.max(niceness, getPriority());
    expect(await priority('person')).toBe(from(5));
    expect(await priority('job')).toBe(from(10));
    expect(await priority('job', { isLast: true })).toBe(from(8));
    expect(await priority('person', { isLast: true })).toBe(from(3));
  });

  it('stands in an empty folder that is gone afterwards, with no environment but PATH', async () => {
    const { output } = await shell('pwd; ls -A | wc -l; env | cut -d= -f1 | sort | tr "\\n" " "');
    const [folder = '', files, names = ''] = output.trim().split('\n');
    expect(folder.startsWith(kind === 'walls' ? '/empty' : join(tmpdir(), 'emanet-media-'))).toBe(true);
    expect(files?.trim()).toBe('0');
    expect(names.split(' ').filter((name) => !['PATH', 'PWD', 'OLDPWD', 'SHLVL', '_', ''].includes(name))).toEqual([]);
    await expect(access(folder)).rejects.toThrow();
  });

  it.skipIf(!hasPrlimit)('cannot write a byte into a file', async () => {
    const { output } = await shell('echo secret > leak; wc -c < leak');
    expect(output.trim() === '' || output.trim() === '0').toBe(true);
  });

  it.skipIf(!hasPrlimit)('cannot take more memory or CPU time than it is given', async () => {
    expect((await shell('ulimit -v; ulimit -t; ulimit -c')).output.trim().split('\n')).toEqual([
      String(1024 ** 2),
      '5',
      '0',
    ]);
    const { killedBy, exitCode, hitLimit } = await shell('while :; do :; done', { cpuSeconds: 1 });
    expect(killedBy !== null || exitCode !== 0).toBe(true);
    expect(hitLimit).toBe('processor');
  });

  it('is killed with its children when its time is up', async () => {
    const started = performance.now();
    const { hitLimit, killedBy } = await shell('sleep 60 & sleep 60', { wallMs: 200 });
    expect({ hitLimit, killedBy }).toEqual({ hitLimit: 'wall', killedBy: 'SIGKILL' });
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  it.each([
    ['on the processor', 'end=$(($(date +%s%N)+1500000000)); while [ $(date +%s%N) -lt $end ]; do :; done'],
    ['in what it writes', 'for i in 1 2 3 4 5; do echo $i; sleep 0.3; done'],
  ])('goes on when its time is up as long as it makes headway %s', async (_, script) => {
    expect(await shell(script, { wallMs: 500 })).toMatchObject({ exitCode: 0, hitLimit: null });
  });

  it('does not go on for more than twelve times its time', async () => {
    const { hitLimit } = await shell('while :; do echo x; sleep 0.02; done', { wallMs: 150 });
    expect(hitLimit).toBe('wall');
  });

  it('is killed when it writes too much', async () => {
    expect((await shell('yes')).hitLimit).toBe('output');
  });

  it('is killed when the caller aborts, and its folder goes with it', async () => {
    const chunks: Buffer[] = [];
    const running = run(sandbox, {
      command: '/bin/sh',
      args: ['-c', 'pwd; sleep 60'],
      limits,
      signal: AbortSignal.timeout(300),
      pipes: [collectInto(chunks)],
    });
    await expect(running).rejects.toMatchObject({ name: 'TimeoutError' });
    const folder = Buffer.concat(chunks).toString().trim();
    expect(folder).toContain(kind === 'walls' ? '/empty' : 'emanet-media-');
    await expect(access(folder)).rejects.toThrow();
  });

  it('leaves the end of its complaints, without the secret', async () => {
    const { stderrTail, exitCode } = await shell('for i in $(seq 100); do echo "line $i the-token" >&2; done; exit 3');
    expect(exitCode).toBe(3);
    expect(stderrTail.at(-1)).toBe('line 100 <input>');
    expect(stderrTail.length).toBeLessThanOrEqual(20);
  });

  it('may finish what it has when its time is up', async () => {
    const chunks: Buffer[] = [];
    const result = await run(sandbox, {
      command: (await findProgram('ffmpeg'))!,
      args: [
        '-v',
        'error',
        '-nostdin',
        '-progress',
        'pipe:1',
        '-re',
        '-f',
        'lavfi',
        '-i',
        'testsrc',
        '-f',
        'null',
        '-',
      ],
      limits: { ...limits, wallMs: 1_500 },
      finishAtLimit: true,
      pipes: [collectInto(chunks)],
    });
    expect(result).toMatchObject({ hitLimit: 'wall', killedBy: null });
    expect(Buffer.concat(chunks).toString().trim().endsWith('progress=end')).toBe(true);
  });
});

describe.skipIf(!hasWalls)('behind walls', () => {
  const shell = (script: string) => shellIn(walled, script);

  it('there is no file of this machine but programs and libraries, and nothing can be put among them', async () => {
    const { output } = await shell(
      'echo /*; cat /etc/passwd /etc/hostname 2>&1 | grep -c "No such file"; touch /usr/x 2>&1',
    );
    const [root = '', missing, write] = output.trim().split('\n');
    const known = ['bin', 'dev', 'empty', 'etc', 'lib', 'lib32', 'lib64', 'libx32', 'proc', 'sbin', 'usr'].map(
      (name) => `/${name}`,
    );
    expect(root.split(' ').filter((name) => !known.includes(name))).toEqual([]);
    expect(missing).toBe('2');
    expect(write).toMatch(/Read-only file system/);
  });

  it('a file is read that the run needs, and no other', async () => {
    const read = async (needs: ProcessNeeds) => {
      const chunks: Buffer[] = [];
      const request = { command: '/bin/cat', args: [slateFont], limits: { ...limits, outputBytes: 10 ** 7 }, needs };
      const { exitCode } = await run(walled, { ...request, secret: 'the-token', pipes: [collectInto(chunks)] });
      return { exitCode, bytes: Buffer.concat(chunks).length };
    };
    expect(await read({ paths: [slateFont] })).toEqual({ exitCode: 0, bytes: (await stat(slateFont)).size });
    expect(await read({})).toEqual({ exitCode: 1, bytes: 0 });
  });

  it('there is no other process to be seen', async () => {
    const { output } = await shell('ls /proc | grep -c "^[0-9]"');
    expect(Number(output)).toBeLessThan(12);
    const outside = await shellIn(limitedOnly, `kill -0 ${process.pid} && echo there`);
    expect(outside.output.trim()).toBe('there');
    expect((await shell(`kill -0 ${process.pid} && echo there`)).output.trim()).toBe('');
  });
});
