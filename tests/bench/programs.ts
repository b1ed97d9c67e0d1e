import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Where a program of this name is: `EMANET_BENCH_<NAME>`, or the name itself when PATH has it. Null: not to be had. */
export function findProgram(name: string): string | null {
  const named = process.env[`EMANET_BENCH_${name.toUpperCase()}`];
  if (named) return named;
  return spawnSync('sh', ['-c', 'command -v "$0"', name]).status === 0 ? name : null;
}

/** Runs a program to its end with `input` on its standard input and its output thrown away or written to `outputPath`. */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: {
    input?: Iterable<Uint8Array>;
    inputPath?: number;
    outputPath?: string;
    env?: Record<string, string>;
  } = {},
): Promise<void> {
  const child = spawn(command, args, {
    stdio: [options.inputPath ?? 'pipe', options.outputPath ? 'pipe' : 'ignore', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  let complaint = '';
  child.stderr!.on('data', (text) => {
    complaint = (complaint + text).slice(-2000);
  });
  const ended = once(child, 'close');
  if (child.stdin) await pipeline(Readable.from(options.input ?? []), child.stdin);
  if (options.outputPath) await pipeline(child.stdout!, createWriteStream(options.outputPath));
  const [code] = await ended;
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${complaint}`);
}

/** MiB/s that `openssl speed` says of AES-256-GCM on pieces of 1 MiB. */
export async function opensslSpeed(verb: 'encrypt' | 'decrypt', seconds: number): Promise<number> {
  const args = ['speed', '-elapsed', '-seconds', String(seconds), '-bytes', String(2 ** 20), '-evp', 'aes-256-gcm'];
  const child = spawn('openssl', verb === 'decrypt' ? [...args, '-decrypt'] : args, {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  for await (const text of child.stdout) said += text;
  const thousands = /AES-256-GCM\s+([\d.]+)k/i.exec(said)?.[1];
  if (thousands === undefined) throw new Error(`openssl speed said: ${said}`);
  return (Number(thousands) * 1000) / 2 ** 20;
}

/** A GnuPG home with one RSA key. TEST ONLY. */
export async function makeGnupgHome(folder: string): Promise<{ env: Record<string, string>; recipient: string }> {
  const home = join(folder, 'gnupg');
  await mkdir(home, { mode: 0o700 });
  const env = { GNUPGHOME: home };
  await writeFile(join(home, 'gpg.conf'), 'batch\nquiet\ntrust-model always\n');
  await runProgram('gpg', ['--passphrase', '', '--quick-gen-key', 'TEST ONLY bench', 'rsa2048', 'encr', 'never'], {
    env,
  });
  return { env, recipient: 'TEST ONLY bench' };
}

/** Ends the agent that GnuPG started for its home. */
export async function endGnupgAgent(env: Record<string, string>): Promise<void> {
  await runProgram('gpgconf', ['--kill', 'gpg-agent'], { env });
}

/** `age` with a recipient of its own making. */
export async function findAge(): Promise<{ command: string; recipient: string } | null> {
  const command = findProgram('age');
  const maker = findProgram('age-keygen');
  if (command === null || maker === null) return null;
  const recipient = /age1[0-9a-z]+/.exec(spawnSync(maker, { encoding: 'utf8' }).stdout)?.[0];
  if (recipient === undefined) throw new Error('age-keygen made no key');
  return { command, recipient };
}
