import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

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

/** Threads count as processes; ffmpeg takes some dozens. Counted apart in each user namespace (Linux 5.14 and later). */
const mostProcesses = 256;

/**
 * Finds what this machine has for holding a process down, and tries it. `bwrap` gives the child a system of its own: the
 * programs and libraries of `/usr` to read, an empty folder in memory, no other process, user or file of this machine. It
 * keeps this machine's network, since ffmpeg reads from our loopback server; `-protocol_whitelist` and the token hold that.
 * `prlimit` (util-linux) sets CPU time, address space, processes, and a file size of zero: a child that tries to write a
 * file is killed, so plaintext cannot reach a disk even by mistake. Where one is missing (macOS, a minimal image, a
 * container without user namespaces) the others hold, and `means` says so.
 */
export async function findSandbox({ withWalls = true } = {}): Promise<Sandbox> {
  const [bwrap, prlimit, nice, env] = await Promise.all(['bwrap', 'prlimit', 'nice', 'env'].map(findProgram));
  const limited = (command: string, args: readonly string[], limits: ProcessLimits): string[] => [
    ...(nice ? [nice, '-n', '10'] : []),
    ...(prlimit
      ? [
          prlimit,
          `--cpu=${limits.cpuSeconds}`,
          `--as=${limits.memoryBytes}`,
          '--fsize=0',
          '--core=0',
          '--nofile=256',
          ...(walls === null ? [] : [`--nproc=${mostProcesses}`]),
          '--',
        ]
      : []),
    command,
    ...args,
  ];
  const walls = withWalls && bwrap && env ? await tryWalls(env, bwrap) : null;
  return {
    means: [
      walls === null ? (bwrap ? 'no bwrap: this system does not let it' : 'no bwrap') : 'bwrap',
      prlimit ? 'prlimit' : 'no prlimit',
      nice ? 'nice' : 'no nice',
    ],
    wrap(command, args, limits) {
      const chain = [...(walls?.(command) ?? []), ...limited(command, args, limits)];
      return { command: chain[0]!, args: chain.slice(1) };
    },
  };
}

/** What stands in front of a command to put it behind walls; null when this system does not allow it. */
async function tryWalls(env: string, bwrap: string): Promise<((command: string) => string[]) | null> {
  const links = await Promise.all(['bin', 'lib', 'lib64', 'sbin'].map(systemFolder));
  const walls = (command: string): string[] => [
    // The first to be asked to finish is ffmpeg: what surrounds it ends with it.
    ...[env, '--ignore-signal=INT', bwrap],
    ...['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ...['--die-with-parent', '--clearenv'],
    ...Object.entries(childEnvironment).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--ro-bind', '/usr', '/usr', ...links.flat()],
    ...['/etc/ld.so.cache', '/etc/alternatives'].flatMap((path) => ['--ro-bind-try', path, path]),
    // A program that was installed by hand brings its folder.
    ...(command.startsWith('/usr/') ? [] : ['--ro-bind-try', dirname(command), dirname(command)]),
    ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/empty', '--chdir', '/empty', '--'],
  ];
  const [program = '', ...args] = [...walls('/usr/bin/true'), '/usr/bin/true'];
  return promisify(execFile)(program, args, { timeout: 5_000, env: {} }).then(
    () => walls,
    () => null,
  );
}

/** `/bin` and its like: links into `/usr` on most systems, folders on others. */
async function systemFolder(name: string): Promise<string[]> {
  const path = `/${name}`;
  const real = await realpath(path).catch(() => null);
  if (real === null) return [];
  return real === path ? ['--ro-bind', path, path] : ['--symlink', real.slice(1), path];
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
