import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdtemp, realpath, rm } from 'node:fs/promises';
import { getPriority, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { mustHave } from '../../domain/must-have.ts';
import type { Urgency } from './party.ts';

/** Limits of one child process. `null`: the run has no such limit of its own. */
export interface ProcessLimits {
  /**
   * The clock after which the child is looked after. On a busy machine it may have had little of the processor by then:
   * as long as it makes headway it goes on, up to twelve times this.
   */
  readonly wallMs: number;
  /** What the file may cost: a child that has used this much of the processor is ended. */
  readonly cpuSeconds: number;
  /**
   * Maximum address space. For a program that reserves much more of it than it uses (V8 does), the maximum that it may
   * write to.
   */
  readonly memoryBytes: number;
  readonly outputBytes: number;
}

/** Needs of a program beyond the system's own programs and libraries. */
export interface ProcessNeeds {
  /** Files and folders that it reads; behind walls it sees only these. */
  readonly paths?: readonly string[];
  /** False: behind walls it has a network of its own, without any other process. */
  readonly network?: boolean;
  /** It reserves addresses that it never uses: `memoryBytes` limits its writable memory instead. */
  readonly reservesAddresses?: boolean;
  /** It is what the others' work ends with: it gets a little more of a busy processor than they, so that it keeps up. */
  readonly isLast?: boolean;
}

export interface Sandbox {
  /** Programs in front of the command, for the operator's log. */
  readonly means: readonly string[];
  /** Socket of the process that runs children (`run-apart.ts`). Default: this process runs them. */
  readonly apart?: string;
  wrap(asked: Wrapped): { command: string; args: string[] };
}

/** A program to be run, its limits, and for whom. */
export interface Wrapped {
  readonly command: string;
  readonly args: readonly string[];
  readonly limits: ProcessLimits;
  readonly needs?: ProcessNeeds | undefined;
  readonly urgency: Urgency;
}

/** Pages and playback go before a person's file, and that goes before a job's. */
const niceness = { person: 5, job: 10 } as const;

const searchPath = ['/usr/local/bin', '/usr/bin', '/bin', '/opt/homebrew/bin'];

/** The whole environment of a child: the path to programs. No proxy, preload, locale or secret passes. */
export const childEnvironment: Readonly<Record<string, string>> = { PATH: searchPath.join(':') };

/**
 * Threads count as processes; ffmpeg takes some dozens. Counted apart in each user namespace (Linux 5.14 and later).
 */
const mostProcesses = 256;

/**
 * Finds the means by which this machine can confine a process, and tries them. `bwrap` gives the child a system of its
 * own: the programs and libraries of `/usr` to read, an empty folder in memory, no other process, user or file of this
 * machine. It keeps this machine's network if it needs one: ffmpeg reads from our loopback server;
 * `-protocol_whitelist` and the token confine it there. `prlimit` (util-linux) sets CPU time, address space, processes,
 * and a file size of zero: a child that tries to write a file is killed, so plaintext cannot reach a disk even by
 * mistake. If one is missing (macOS, a minimal image, a container without user namespaces) the others hold, and `means`
 * says so.
 */
export async function findSandbox({
  withWalls = true,
  apart,
}: {
  withWalls?: boolean;
  apart?: string | undefined;
} = {}): Promise<Sandbox> {
  if (apart !== undefined)
    return { means: ['apart'], apart, wrap: ({ command, args }) => ({ command, args: [...args] }) };
  const [bwrap, prlimit, nice, env] = await Promise.all(['bwrap', 'prlimit', 'nice', 'env'].map(findProgram));
  const limited = ({ command, args, limits, needs, urgency }: Wrapped): string[] => [
    // `nice` adds to the priority of this process.
    ...(nice ? [nice, '-n', String(Math.max(0, niceness[urgency] - (needs?.isLast ? 2 : 0) - getPriority()))] : []),
    ...(prlimit
      ? [
          prlimit,
          // SIGXCPU at the first, so that it is told from a kill for want of memory; SIGKILL if that does not help.
          `--cpu=${limits.cpuSeconds}:${limits.cpuSeconds + 10}`,
          `${needs?.reservesAddresses ? '--data' : '--as'}=${limits.memoryBytes}`,
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
    wrap(asked) {
      const [first, ...others] = [...(walls?.(asked.command, asked.needs ?? {}) ?? []), ...limited(asked)];
      return { command: mustHave(first, 'command'), args: others };
    },
  };
}

type Walls = (command: string, needs: ProcessNeeds) => string[];

/** The command prefix that puts a child behind walls; null if this system does not allow it. */
async function tryWalls(env: string, bwrap: string): Promise<Walls | null> {
  const links = await Promise.all(['bin', 'lib', 'lib64', 'sbin'].map(systemFolder));
  const walls: Walls = (command, { network = true, paths = [] }) => [
    // ffmpeg is asked to finish first: the processes around it end with it.
    ...[env, '--ignore-signal=INT', bwrap],
    ...['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ...(network ? [] : ['--unshare-net']),
    ...['--die-with-parent', '--clearenv'],
    ...Object.entries(childEnvironment).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--ro-bind', '/usr', '/usr', ...links.flat()],
    ...['/etc/ld.so.cache', '/etc/alternatives'].flatMap((path) => ['--ro-bind-try', path, path]),
    // A program that was installed by hand brings its folder.
    ...(command.startsWith('/usr/') ? [] : ['--ro-bind-try', dirname(command), dirname(command)]),
    ...paths.flatMap((path) => ['--ro-bind', path, path]),
    ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/empty', '--chdir', '/empty', '--'],
  ];
  const [program = '', ...args] = [...walls('/usr/bin/true', { network: false }), '/usr/bin/true'];
  // Not hasty: a machine that is busy for a moment must not do without walls from then on.
  return promisify(execFile)(program, args, { timeout: 60_000, env: {} }).then(
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

/** A new empty working folder for one child, removed afterwards. */
export async function withEmptyFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'emanet-media-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
