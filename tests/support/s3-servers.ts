import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { stopWhenOrphaned } from './stop-when-orphaned.ts';

/** An S3 server for tests, in the form of the environment variable `S3_TEST_SERVERS`. */
export interface TestS3Server {
  readonly name: string;
  readonly endpoint: string;
  readonly key: string;
  readonly secret: string;
  readonly region: string;
}

const script = fileURLToPath(new URL('../../scripts/s3-server', import.meta.url));
const run = promisify(execFile);

/**
 * The servers at hand: the one named by `S3_TEST_ENDPOINT` (with `_KEY`, `_SECRET`, `_REGION`), which overrides, or
 * those that `startS3Servers` started. Empty if there is none.
 */
export function testS3Servers(env: NodeJS.ProcessEnv = process.env): readonly TestS3Server[] {
  if (env.S3_TEST_ENDPOINT) {
    const { S3_TEST_KEY: key, S3_TEST_SECRET: secret } = env;
    if (!key || !secret) throw new Error('S3_TEST_ENDPOINT is set, S3_TEST_KEY and S3_TEST_SECRET are not');
    return [
      {
        name: env.S3_TEST_ENDPOINT,
        endpoint: env.S3_TEST_ENDPOINT,
        key,
        secret,
        region: env.S3_TEST_REGION ?? 'us-east-1',
      },
    ];
  }
  return JSON.parse(env.S3_TEST_SERVERS ?? '[]');
}

/** Why there is no server, for the name of a skipped suite. */
export function whyNoS3Server(env: NodeJS.ProcessEnv = process.env): string {
  return env.S3_TEST_SKIPPED ?? 'S3_TEST_ENDPOINT is not set and no server was started';
}

/**
 * For a global set-up: starts the servers named in `S3_SERVERS` (comma-separated; empty for none; default: `swift`) in
 * temporary folders and leaves them in `S3_TEST_SERVERS`. A server that this machine cannot have is reported and
 * skipped, unless `CI` is set; one that can be had but does not start is a failure. Returns a function that stops them
 * and removes their data.
 */
export async function startS3Servers(env: NodeJS.ProcessEnv = process.env): Promise<() => Promise<void>> {
  const started: { kind: string; folder: string; calledOff: () => void }[] = [];
  const stopAll = async () => {
    for (const { kind, folder, calledOff } of started) {
      calledOff();
      await run(script, ['stop', kind, '--dir', folder]);
      await rm(folder, { recursive: true, force: true });
    }
  };
  if (env.S3_TEST_ENDPOINT) return stopAll;
  const servers: TestS3Server[] = [];
  const skipped: string[] = [];
  const kinds = (env.S3_SERVERS ?? 'swift').split(',').map((kind) => kind.trim());
  try {
    for (const kind of kinds.filter((name) => name !== '')) {
      if (!['swift', 'rgw'].includes(kind)) throw new Error(`S3_SERVERS names ${kind}; swift and rgw are known`);
      const folder = await mkdtemp(join(tmpdir(), `emanet-s3-${kind}-`));
      const calledOff = stopWhenOrphaned('"$1" stop "$2" --dir "$3"; rm -rf "$3"', [script, kind, folder]);
      started.push({ kind, folder, calledOff });
      try {
        servers.push({ name: kind, ...(await startS3Server(kind, folder)) });
      } catch (error) {
        if (!isNotToBeHad(error) || env.CI) throw error;
        skipped.push(`${kind}: ${error.stderr.trim().split('\n').at(-1)}`);
        console.warn(`S3 tests without ${skipped.at(-1)}`);
      }
    }
  } catch (error) {
    await stopAll();
    throw error;
  }
  env.S3_TEST_SERVERS = JSON.stringify(servers);
  if (skipped.length > 0) env.S3_TEST_SKIPPED = skipped.join('; ');
  return stopAll;
}

/** Starts one server of a kind in a folder of its own; `controlS3Server` ends and restarts it. */
export async function startS3Server(kind: string, folder: string): Promise<Omit<TestS3Server, 'name'>> {
  const { stdout } = await run(script, ['start', kind, '--dir', folder]);
  const found = new Map(stdout.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]));
  const value = (name: string): string => {
    const text = found.get(name);
    if (!text) throw new Error(`s3-server did not print ${name}`);
    return text;
  };
  return {
    endpoint: value('S3_TEST_ENDPOINT'),
    key: value('S3_TEST_KEY'),
    secret: value('S3_TEST_SECRET'),
    region: value('S3_TEST_REGION'),
  };
}

/** Stops (`kill9`: as a crash would) or starts again the server in a folder. */
export async function controlS3Server(verb: 'start' | 'stop' | 'kill9', kind: string, folder: string): Promise<void> {
  await run(script, [verb, kind, '--dir', folder]);
}

/** The exit status with which `s3-server` reports that this machine cannot have the server. */
function isNotToBeHad(error: unknown): error is Error & { stderr: string } {
  return error instanceof Error && 'code' in error && error.code === 3;
}
