import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import { mustHave } from '../../domain/must-have.ts';
import { traced } from '../../pipeline/ports/trace.ts';
import { currentParty, type Party } from './party.ts';
import { processorTicks, ticksPerSecond } from './processor-time.ts';
import { runApart } from './run-apart.ts';
import type { PipeReader, RunRequest, RunResult } from './run-request.ts';
import { childEnvironment, type ProcessLimits, type Sandbox, withEmptyFolder } from './sandbox.ts';
import { Turns } from './turns.ts';

export type { PipeReader, RunRequest, RunResult } from './run-request.ts';

const tailLines = 20;
const maxLineLength = 4000;
const finishGraceMs = 10_000;
/** So many times its `wallMs` a child may take as long as it makes headway. */
const mostWalls = 12;

/** Of this process; where children run apart, those of all processes that ask take turns there. */
const turns = new Turns();

/** File descriptor of the pipe at `index` of `RunRequest.pipes`: 2 is stderr's. */
export const descriptorOf = (index: number): number => (index === 0 ? 1 : index + 2);

/**
 * Runs one child under its limits, when it has its turn, and waits for its end. The child leads a process group of its
 * own, and the whole group is killed on abort, at a limit, and when a reader fails. A non-zero exit is a result, not an
 * exception.
 * @throws the signal's reason when aborted; what a pipe reader throws; the spawn error when the program cannot start;
 * Refusal `PROCESSOR_UNAVAILABLE` when too many people wait.
 */
export async function run(sandbox: Sandbox, request: RunRequest): Promise<RunResult> {
  const { party = currentParty() } = request;
  const { apart } = sandbox;
  return traced(`process ${programOf(request)}`, {}, async (span) => {
    const result =
      apart !== undefined
        ? await runApart(apart, { ...request, party })
        : await turns.run(party, request.signal, () =>
            withEmptyFolder((folder) => runIn(folder, sandbox, request, party)),
          );
    if (result.exitCode !== null) span?.note({ 'process.exit.code': result.exitCode });
    return result;
  });
}

/** Its name for a trace; of a program of ours that of its file. Never what it is told. */
function programOf({ command, args }: RunRequest): string {
  const ours = command === process.execPath ? args.find((arg) => /\/[\w-]+\.ts$/.test(arg)) : undefined;
  return basename(ours ?? command, '.ts');
}

async function runIn(folder: string, sandbox: Sandbox, request: RunRequest, party: Party): Promise<RunResult> {
  request.signal?.throwIfAborted();
  request.onStart?.();
  const pipes = request.pipes ?? [];
  const { command, args, limits, needs } = request;
  const wrapped = sandbox.wrap({ command, args, limits, needs, urgency: party.urgency });
  const child = spawn(wrapped.command, wrapped.args, {
    cwd: folder,
    env: { ...childEnvironment },
    detached: true,
    stdio: [
      request.input ? 'pipe' : 'ignore',
      pipes.length > 0 ? 'pipe' : 'ignore',
      'pipe',
      ...pipes.slice(1).map(() => 'pipe' as const),
    ],
  });
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  let hitLimit: RunResult['hitLimit'] = null;
  let grace: NodeJS.Timeout | undefined;
  let moved = 0;
  const endAtWall = () => {
    if (hitLimit !== null) return;
    hitLimit = 'wall';
    if (request.finishAtLimit !== true) return killGroup(child, 'SIGKILL');
    killGroup(child, 'SIGINT');
    grace = setTimeout(() => killGroup(child, 'SIGKILL'), finishGraceMs);
  };
  const wall = watchHeadway(child, request.limits.wallMs, () => moved, endAtWall);
  const onAbort = () => killGroup(child, 'SIGKILL');
  request.signal?.addEventListener('abort', onAbort);
  const tail: string[] = [];
  const readers = [
    readLines(mustHave(child.stderr, 'pipe for the messages of a child'), (line) => {
      const clean = request.secret === undefined ? line : line.replaceAll(request.secret, '<input>');
      if (!isFrameLine(clean)) {
        tail.push(clean);
        if (tail.length > tailLines) tail.shift();
      }
      request.onLine?.(clean);
    }).finally(() => request.onLinesEnd?.()),
    ...pipes.map((read, index) => {
      const pipe = child.stdio[descriptorOf(index)] as Readable;
      let bytes = 0;
      pipe.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        moved += chunk.length;
        if (bytes > request.limits.outputBytes && hitLimit === null) {
          hitLimit = 'output';
          killGroup(child, 'SIGKILL');
        }
      });
      pipe.pause();
      return read(pipe);
    }),
  ];
  if (request.input) readers.push(feed(request.input, mustHave(child.stdin, 'pipe into a child')));
  const failed = Promise.all(readers).catch((error: unknown) => {
    killGroup(child, 'SIGKILL');
    throw error;
  });
  try {
    const [[exitCode, killedBy]] = await Promise.all([closed, failed]);
    request.signal?.throwIfAborted();
    if (hitLimit === null && usedItsProcessor({ exitCode, killedBy }, tail, request.limits, wall.usedSeconds()))
      hitLimit = 'processor';
    return { exitCode, killedBy, hitLimit, stderrTail: tail };
  } finally {
    wall.stop();
    clearTimeout(grace);
    request.signal?.removeEventListener('abort', onAbort);
    killGroup(child, 'SIGKILL');
  }
}

interface Headway {
  /** Seconds of the processor that it is known to have used. */
  usedSeconds(): number;
  stop(): void;
}

/**
 * Calls `end` when a child has made no headway for `wallMs`, neither on the processor nor in what it writes, or has had
 * twelve times as long. Where the system does not say how much of the processor it had, what it writes has to do.
 */
function watchHeadway(child: ChildProcess, wallMs: number, movedBytes: () => number, end: () => void): Headway {
  const begun = performance.now();
  let isOver = false;
  let last = { at: begun, ticks: 0, bytes: 0 };
  let timer: NodeJS.Timeout;
  const stepMs = Math.min(wallMs, 5_000);
  const look = async (): Promise<void> => {
    const now = {
      at: performance.now(),
      ticks: (child.pid === undefined ? null : await processorTicks(child.pid)) ?? 0,
      bytes: movedBytes(),
    };
    if (isOver) return;
    if (now.ticks > last.ticks || now.bytes > last.bytes) last = now;
    // Timers are early by a hair.
    if (now.at - last.at > wallMs - 10 || now.at - begun > mostWalls * wallMs) return end();
    timer = setTimeout(look, stepMs);
  };
  timer = setTimeout(look, stepMs);
  return {
    usedSeconds: () => last.ticks / ticksPerSecond,
    stop() {
      isOver = true;
      clearTimeout(timer);
    },
  };
}

/**
 * SIGXCPU ends a program, itself or behind walls (152). ffmpeg catches it, finishes and says so; what does not even do that
 * is killed soon after.
 */
function usedItsProcessor(
  { exitCode, killedBy }: Pick<RunResult, 'exitCode' | 'killedBy'>,
  tail: readonly string[],
  { cpuSeconds }: ProcessLimits,
  usedSeconds: number,
): boolean {
  if (killedBy === 'SIGXCPU' || exitCode === 128 + 24) return true;
  if (tail.some((line) => /received signal 24\b/.test(line))) return true;
  return (killedBy === 'SIGKILL' || exitCode === 128 + 9) && usedSeconds > cpuSeconds / 2;
}

/** A child that has read enough closes its end; its exit status says whether that was well. */
async function feed(input: AsyncIterable<Uint8Array>, stdin: Writable): Promise<void> {
  try {
    await pipeline(input, stdin);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EPIPE' && code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

/** Frame-by-frame lines would push the reason for a failure out of the tail. */
const isFrameLine = (line: string): boolean => line.includes('showinfo@');

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // ESRCH: the group ended between the check and the call.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Splits at line feeds; a line longer than 4000 characters is cut, so that a child cannot fill the memory with one. */
export async function readLines(pipe: Readable, onLine: (line: string) => void): Promise<void> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of pipe) {
    const lines = (rest + decoder.write(chunk as Buffer)).split(/\r?\n/);
    rest = (lines.pop() ?? '').slice(0, maxLineLength);
    for (const line of lines) onLine(line.slice(0, maxLineLength));
  }
  if (rest !== '') onLine(rest);
}

/** Collects a pipe whole. @throws Error if more than `maxBytes` come. */
export function collectInto(chunks: Buffer[], maxBytes = 256 * 1024 ** 2): PipeReader {
  return async (pipe) => {
    let bytes = 0;
    for await (const chunk of pipe) {
      bytes += (chunk as Buffer).length;
      if (bytes > maxBytes) throw new Error(`a process wrote more than ${maxBytes} bytes`);
      chunks.push(chunk as Buffer);
    }
  };
}
