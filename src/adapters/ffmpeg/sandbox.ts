import { constants } from 'node:fs';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Limits of one child process. `null` where the run has none of its own. */
export interface ProcessLimits {
  readonly wallMs: number;
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
  readonly outputBytes: number;
}

export interface Sandbox {
  /** What is put in front of the command, for the operator's log. */
  readonly means: readonly string[];
  wrap(command: string, args: readonly string[], limits: ProcessLimits): { command: string; args: string[] };
}

const searchPath = ['/usr/local/bin', '/usr/bin', '/bin', '/opt/homebrew/bin'];

/** The whole environment of a child: where programs are. No proxy, preload, locale or secret passes. */
export const childEnvironment: Readonly<Record<string, string>> = { PATH: searchPath.join(':') };

/**
 * Finds what this machine has for holding a process down. `prlimit` (util-linux) sets CPU time, address space, and a file
 * size of zero: a child that tries to write a file is killed, so plaintext cannot reach a disk even by mistake.
 * Without it (macOS, a minimal image) only wall time, output size and priority are held, and `means` says so.
 */
export async function findSandbox(): Promise<Sandbox> {
  const [prlimit, nice] = await Promise.all([findProgram('prlimit'), findProgram('nice')]);
  return {
    means: [prlimit === null ? 'no prlimit' : 'prlimit', nice === null ? 'no nice' : 'nice'],
    wrap(command, args, limits) {
      const chain = [
        ...(nice === null ? [] : [nice, '-n', '10']),
        ...(prlimit === null
          ? []
          : [
              prlimit,
              `--cpu=${limits.cpuSeconds}`,
              `--as=${limits.memoryBytes}`,
              '--fsize=0',
              '--core=0',
              '--nofile=256',
              '--',
            ]),
        command,
        ...args,
      ];
      return { command: chain[0]!, args: chain.slice(1) };
    },
  };
}

/** Absolute path of a program, from an absolute path or a bare name; null when there is none. */
export async function findProgram(name: string): Promise<string | null> {
  const places = name.includes('/') ? [name] : searchPath.map((folder) => join(folder, name));
  for (const place of places) {
    const found = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return place;
  }
  return null;
}

/** A new empty folder for one child to stand in, removed afterwards. */
export async function withEmptyFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'emanet-media-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
