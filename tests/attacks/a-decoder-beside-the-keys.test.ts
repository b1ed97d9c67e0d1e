import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFfmpegTools } from '../../src/adapters/ffmpeg/ffmpeg-tools.ts';
import { collectInto, run } from '../../src/adapters/process/run.ts';
import { findSandbox } from '../../src/adapters/process/sandbox.ts';
import { eventually } from '../support/eventually.ts';
import { inked, pdfOf } from '../support/pdf.ts';
import { createPermittedLesson, createSchool, type School } from '../support/school.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const root = join(import.meta.dirname, '../..');
const fixture = join(root, 'src/demo/assets/zoom-ruby-gem-walkthrough.mp4');
const limits = { wallMs: 20_000, cpuSeconds: 20, memoryBytes: 2 ** 30, outputBytes: 2 ** 20 };

let folder: string;
let socket: string;
let media: ChildProcess;
let server: TestServer;
let school: School;
const startMedia = (env: Record<string, string> = {}) =>
  spawn(process.execPath, [join(root, 'src/processes/media.ts')], {
    env: { PATH: process.env.PATH ?? '', MEDIA_SOCKET: socket, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emanet-media-'));
  socket = join(folder, 'media.sock');
  media = startMedia();
  await eventually(() => existsSync(socket), 'the process for media to listen');
  server = await startTestServer({ WORKER: 'false', MEDIA_SOCKET: socket });
  school = await createSchool(server);
});
afterAll(async () => {
  await server?.stop();
  media?.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** Programs below a process, by their names, without those below `except`. */
function programsBelow(pid: number, except: number): string[] {
  const parents = new Map<number, number[]>();
  const names = new Map<number, string>();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const [, name, parent] = /^\d+ \((.*)\) \S (\d+)/s.exec(stat)!;
      names.set(Number(entry), name!);
      parents.set(Number(parent), [...(parents.get(Number(parent)) ?? []), Number(entry)]);
    } catch {
      // It has ended meanwhile.
    }
  }
  const below = (one: number): number[] =>
    (parents.get(one) ?? []).filter((id) => id !== except).flatMap((id) => [id, ...below(id)]);
  return below(pid).map((id) => names.get(id)!);
}
const source = async () => {
  const bytes = await readFile(fixture);
  return {
    bytes: bytes.length,
    async *read(start: number, end: number) {
      yield bytes.subarray(start, end);
    },
  };
};

test('files are opened by a process that holds no key, and by no child of the one that does', async () => {
  const seen = { here: new Set<string>(), apart: new Set<string>() };
  const watching = setInterval(() => {
    for (const name of programsBelow(process.pid, media.pid!)) seen.here.add(name);
    for (const name of programsBelow(media.pid!, 0)) seen.apart.add(name);
  }, 20);
  const put = async (octets: Uint8Array) => {
    const { permissions } = await createPermittedLesson(school);
    const form = new FormData();
    form.set('file', new Blob([Uint8Array.from(octets)]), 'a');
    return (await school.teacher.request('PUT', `/api/permissions/${permissions.minor}/document`, form)).status;
  };
  const png = spawnSync('ffmpeg', [
    ...[
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=size=64x64',
      '-frames:v',
      '1',
      '-c:v',
      'png',
      '-f',
      'image2pipe',
      '-',
    ],
  ]).stdout;
  seen.here.clear();
  expect(await put(await pdfOf([inked(1)]))).toBe(200);
  expect(await put(png)).toBe(200);
  const { media: tools } = server.context.outside;
  const file = await source();
  const probe = await tools.probe(file);
  expect(probe.container).toBe('mp4');
  expect((await tools.glimpse(file, probe, 1_000)).subarray(0, 2).toString('hex')).toBe('ffd8');
  let pictures = 0;
  const features = await tools.analyse(file, probe, { watcher: { picture: () => () => void pictures++ } });
  expect(features.analysedDurationMs).toBeGreaterThan(1_000);
  expect(pictures).toBeGreaterThan(10);
  clearInterval(watching);
  const decoders = (names: Iterable<string>) => [...names].filter((name) => /ffmpeg|ffprobe|bwrap|prlimit/.test(name));
  expect(decoders(seen.here)).toEqual([]);
  expect(decoders(seen.apart)).toContain('ffmpeg');
});

test('it has no secret in its environment, and does not start with one', async () => {
  const environment = readFileSync(`/proc/${media.pid}/environ`, 'utf8').split('\0').filter(Boolean);
  expect(environment.map((pair) => pair.split('=')[0]).toSorted()).toEqual(['MEDIA_SOCKET', 'PATH']);
  for (const name of ['DATABASE_URL_FILE', 'VAULT_KEY_PASSPHRASE', 'AUTH_SECRET', 'S3_SECRET_ACCESS_KEY']) {
    const wrong = startMedia({ [name]: 'x', MEDIA_SOCKET: join(folder, 'other.sock') });
    let said = '';
    wrong.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    expect((await once(wrong, 'exit'))[0]).toBe(1);
    expect(said).toContain(`must not be given secrets: ${name}`);
  }
});

test('what is given up is killed there, and limits hold there', async () => {
  const sandbox = await findSandbox({ apart: socket });
  const gone = new AbortController();
  const sleeping = run(sandbox, { command: '/usr/bin/sleep', args: ['77'], limits, signal: gone.signal });
  await eventually(() => programsBelow(media.pid!, 0).includes('sleep'), 'the program to run');
  gone.abort(new Error('given up'));
  await expect(sleeping).rejects.toThrow('given up');
  await eventually(() => !programsBelow(media.pid!, 0).includes('sleep'), 'the program to be killed');

  const slow = await run(sandbox, { command: '/usr/bin/sleep', args: ['77'], limits: { ...limits, wallMs: 500 } });
  expect(slow.hitLimit).toBe('wall');
  const chatty = await run(sandbox, {
    command: '/usr/bin/yes',
    args: [],
    limits,
    pipes: [async (pipe) => void pipe.resume()],
  });
  expect(chatty.hitLimit).toBe('output');
  const said: Buffer[] = [];
  const echo = await run(sandbox, {
    command: '/usr/bin/cat',
    args: [],
    limits,
    input: (async function* () {
      for (let at = 0; at < 8; at++) yield Buffer.alloc(100_000, at);
    })(),
    pipes: [collectInto(said)],
  });
  expect([echo.exitCode, Buffer.concat(said).length]).toEqual([0, 800_000]);
});

test('without it nothing is opened, and nothing waits for ever', async () => {
  const tools = createFfmpegTools({ apart: join(folder, 'nobody.sock') });
  await expect(tools.probe(await source())).rejects.toThrow('does not answer');
});
