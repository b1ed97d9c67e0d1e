import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { detectorsVersion } from '../../src/detection/detectors-version.ts';
import { generateVaultKey, parsePrivateKey } from '../../src/vault/keyring.ts';
import { Api } from './api.ts';
import { eventually } from './eventually.ts';
import { ownEnvironment } from './process.ts';
import { ok } from './school.ts';

const root = join(import.meta.dirname, '../..');

export interface RunnerProcess {
  readonly home: string;
  readonly child: ChildProcess;
  /** What it has told so far. */
  readonly lines: readonly string[];
  /** Waits until it has told something. */
  says(what: string): Promise<string>;
  /** Like a power cut. */
  kill9(): Promise<void>;
  /** Like an operator; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** A token for one runner. */
export const tokenForRunner = async (admin: Api): Promise<string> =>
  ok(await admin.post('/api/runners/invitations')).token;

/** The runner as a process of its own. With a token it registers; `home`: of one that has registered before. */
export async function spawnRunner(options: {
  readonly server?: string;
  readonly token?: string;
  readonly name?: string;
  readonly home?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A program to start it with, and its arguments. */
  readonly under?: readonly string[];
}): Promise<RunnerProcess> {
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'emanet-runner-')));
  const own = [process.execPath, 'src/processes/runner.ts', '--home', home, '--lang', 'en'];
  const given = { server: options.server, register: options.token, name: options.name };
  for (const [name, value] of Object.entries(given)) if (value !== undefined) own.push(`--${name}`, value);
  const [program = '', ...args] = [...(options.under ?? []), ...own];
  const child = spawn(program, args, {
    cwd: root,
    env: { ...ownEnvironment, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  const ended = once(child, 'exit');
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await ended;
    }
    return child.exitCode;
  };
  return {
    home,
    child,
    lines,
    says: (what) =>
      eventually(() => lines.find((line) => line.includes(what)), `the runner says ${what}: ${lines.join('\n')}`),
    async kill9() {
      await end('SIGKILL');
    },
    async stop() {
      const code = await end('SIGTERM');
      await rm(home, { recursive: true, force: true });
      return code;
    },
  };
}

/** A runner that a test plays: registered by the API, with a key of its own. */
export async function joinAsRunner(
  url: string,
  admin: Api,
  {
    name = 'Played',
    capabilities = ['analyse', 'read_text'],
    token,
  }: { name?: string; capabilities?: string[]; token?: string } = {},
) {
  const { publicKeyArmored, privateKeyArmored } = await generateVaultKey({ name });
  const { runnerId, secret } = ok(
    await new Api(url).post('/api/v1/runner/registrations', {
      token: token ?? (await tokenForRunner(admin)),
      name,
      capabilities,
      publicKey: publicKeyArmored,
      detectors: detectorsVersion,
    }),
  );
  const api = new Api(url, { authorization: `Bearer ${secret}` });
  return {
    id: runnerId as string,
    secret: secret as string,
    key: await parsePrivateKey(privateKeyArmored),
    api,
    /** Asks until there is a job. */
    lease: () =>
      eventually(async () => {
        const answer = ok(await api.post('/api/v1/runner/leases', { detectors: detectorsVersion }));
        return answer.lease;
      }, 'there is a job for a runner'),
  };
}
