import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { mustHave } from '../../src/domain/must-have.ts';
import { eventually } from './eventually.ts';

const script = new URL('../../deploy/try-containers', import.meta.url).pathname;
const project = 'emanet-trial';
const run = promisify(execFile);
const maxBuffer = 64 * 2 ** 20;

/** What docker-compose.yml publishes. */
export const web = 'http://127.0.0.1:8300';
const mail = 'http://127.0.0.1:8025';

/** The containers of `deploy/try-containers`. */
export interface Trial {
  readonly folder: string;
  /** Standard output and standard error of `docker compose …`. @throws Error with both if it fails. */
  compose(...args: string[]): Promise<string>;
  /** Kills every process of a service as a fault would, so that it is restarted as after one. */
  kill(service: string): Promise<void>;
  /** Process on this machine of the first program of a service (behind Docker's own init, if it has one). */
  pidOf(service: string): Promise<number>;
  isHealthy(service: string): Promise<boolean>;
  down(): void;
}

/** Starts them; the text says why this machine cannot. @throws Error if it could, and they did not start. */
export function startTrial(): Trial | string {
  const isUp = process.env.EMANET_TRIAL_IS_UP;
  const folder = isUp || startContainers();
  if (folder instanceof NotHere) return folder.reason;
  const docker = async (...args: string[]) => (await run('docker', args, { maxBuffer })).stdout.trim();
  const containerOf = (service: string) =>
    docker(
      'ps',
      '-aq',
      '--filter',
      `label=com.docker.compose.project=${project}`,
      '--filter',
      `label=com.docker.compose.service=${service}`,
      '--filter',
      'label=com.docker.compose.oneoff=False',
    );
  const inspect = async (service: string, format: string) =>
    docker('inspect', '--format', format, await containerOf(service));
  const initOf = async (service: string) => Number(await inspect(service, '{{.State.Pid}}'));
  return {
    folder,
    async compose(...args) {
      const all = ['compose', '--project-name', project, ...args];
      const { stdout: out, stderr: err } = await run('docker', all, { cwd: folder, env, maxBuffer });
      return out + err;
    },
    async kill(service) {
      const pid = await initOf(service);
      // Not `docker kill`, which is a wish: after it nothing is restarted.
      process.kill(pid, 'SIGKILL');
      await eventually(async () => ![0, pid].includes(await initOf(service)), `${service} is restarted`);
    },
    async pidOf(service) {
      const pid = await initOf(service);
      const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
      return child ? Number(child) : pid;
    },
    isHealthy: async (service) => (await inspect(service, '{{.State.Health.Status}}')) === 'healthy',
    down() {
      if (!isUp) spawnSync(script, ['down'], { stdio: 'ignore' });
    },
  };
}

/** Compose would take the first from the test runner. */
const { BASE_URL, SMTP_URL, MAIL_FROM, TRUST_PROXY, ...env } = process.env;

class NotHere {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

function startContainers(): string | NotHere {
  const { status, stdout, stderr } = spawnSync(script, ['up'], { encoding: 'utf8', maxBuffer });
  const lines = stderr.trim().split('\n');
  if (status === 3) return new NotHere(mustHave(lines.at(-1), 'reason'));
  if (status !== 0) throw new Error(`${stdout}\n${stderr}`);
  for (const line of lines) if (line.startsWith('try-containers:')) console.log(line);
  return mustHave(stdout.trim().split('\n').at(-1), 'folder');
}

interface Summary {
  readonly ID: string;
  readonly To: readonly { readonly Address: string }[];
}

/** The mails that were caught, by the API of Mailpit. */
export const caughtMail = {
  seen: new Set<string>(),
  /** The oldest letter to an address that nobody took yet. */
  async next(to: string): Promise<{ readonly text: string }> {
    const letter = await eventually(async () => {
      const { messages } = (await (await fetch(`${mail}/api/v1/messages?limit=1000`)).json()) as {
        messages: Summary[];
      };
      return messages.findLast(({ ID, To }) => !this.seen.has(ID) && To.some(({ Address }) => Address === to));
    }, `a letter to ${to}`);
    this.seen.add(letter.ID);
    const whole = (await (await fetch(`${mail}/api/v1/message/${letter.ID}`)).json()) as { Text: string };
    return { text: whole.Text };
  },
};
