import { randomBytes } from 'node:crypto';
import { chmod, readlink, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Refusal } from '../../domain/errors.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { Party } from './party.ts';
import type { RunRequest, RunResult } from './run-request.ts';
import type { ProcessLimits, ProcessNeeds, Sandbox } from './sandbox.ts';
import { tooBusy } from './too-busy.ts';

/**
 * Runs children in another process of ours, which holds no key, no password and no state, over a Unix socket that only
 * the two of them have. A run has one connection that controls it and one for each pipe: so a slow reader slows the
 * child down as a pipe does. The first line of a connection states its purpose. Lines are JSON. The other side is
 * trusted as far as the answer goes: what a child wrote is attacker-controlled here as everywhere.
 */
interface Asked {
  readonly run: string;
  /** The network of the one who asks, as the kernel names it; null where it does not say. One of an older version is silent. */
  readonly network?: string | null;
  readonly party: Party | undefined;
  readonly command: string;
  readonly args: readonly string[];
  readonly limits: ProcessLimits;
  readonly needs: ProcessNeeds | undefined;
  readonly finishAtLimit: boolean;
  readonly hasInput: boolean;
  readonly pipes: number;
}
type Opening = Asked | { readonly run: string; readonly pipe: number } | { readonly run: string; readonly input: true };
type Told =
  | { readonly started: true }
  | { readonly line: string }
  | { readonly result: RunResult }
  | { readonly error: string; readonly isBusy: boolean };

/**
 * ffmpeg reads from a loopback server of the one who asks, so both sides are in one network. A container that shares the
 * network of another one stays in the old one when that is restarted.
 */
const ownNetwork = (): Promise<string | null> => readlink('/proc/self/ns/net').catch(() => null);

const maxLineBytes = 4 * 2 ** 20;
const tailLines = 20;

/** As `run`, in the process that listens at `socket`. @throws Refusal `PROCESSOR_UNAVAILABLE` if it is not there or goes away. */
export async function runApart(socket: string, request: RunRequest): Promise<RunResult> {
  request.signal?.throwIfAborted();
  const network = await ownNetwork();
  const run = randomBytes(16).toString('hex');
  const opened: Socket[] = [];
  const open = (line: Opening) => {
    const connection = connect({ path: socket, allowHalfOpen: true });
    connection.on('error', () => {}); // the reader of the connection reports it
    connection.write(`${JSON.stringify(line)}\n`);
    opened.push(connection);
    return connection;
  };
  const { pipes = [], input, secret, signal } = request;
  const control = open({
    run,
    network,
    party: request.party,
    command: request.command,
    args: request.args,
    limits: request.limits,
    needs: request.needs,
    finishAtLimit: request.finishAtLimit === true,
    hasInput: input !== undefined,
    pipes: pipes.length,
  });
  const onAbort = () => control.destroy();
  signal?.addEventListener('abort', onAbort);
  const tail: string[] = [];
  /** What a reader refused to read, which ended the run. */
  let fault: { readonly error: unknown } | undefined;
  try {
    const readers = pipes.map((read, pipe) => read(open({ run, pipe })));
    if (input) {
      const connection = open({ run, input: true });
      // Nothing comes back on it but its end, which a connection that is only written to would not notice.
      connection.resume().once('end', () => connection.destroy());
      readers.push(pipeline(input, connection).catch(() => {}));
    }
    const failed = Promise.all(readers).catch((error: unknown) => {
      fault = { error };
      control.destroy();
      throw error;
    });
    failed.catch(() => {});
    let told: Told | undefined;
    for await (const line of linesOf(control)) {
      told = JSON.parse(line) as Told;
      if ('started' in told) {
        request.onStart?.();
        continue;
      }
      if (!('line' in told)) break;
      const clean = secret === undefined ? told.line : told.line.replaceAll(secret, '<input>');
      if (!clean.includes('showinfo@')) {
        tail.push(clean);
        if (tail.length > tailLines) tail.shift();
      }
      request.onLine?.(clean);
    }
    request.onLinesEnd?.();
    signal?.throwIfAborted();
    if (told && 'error' in told) throw told.isBusy ? tooBusy(told.error) : new Error(told.error);
    // Nobody waits for readers of one that is gone: nothing ends the input of a run that nobody reads.
    if (!told || !('result' in told)) throw tooBusy('the process for media went away');
    await failed;
    return { ...told.result, stderrTail: tail };
  } catch (error) {
    signal?.throwIfAborted();
    throw (fault ?? { error }).error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    for (const connection of opened) connection.destroy();
  }
}

interface Waiting {
  asked: { request: Asked; control: Socket } | null;
  readonly pipes: Map<number, Socket>;
  input: Socket | null;
}

/**
 * The other side: listens at `path` and runs what it is asked to, under its own limits and walls. `onOtherNetwork` is called when
 * somebody in another network asks, who is told to come back.
 */
export async function listenForRuns(
  path: string,
  sandbox: Sandbox,
  run: (sandbox: Sandbox, request: RunRequest) => Promise<RunResult>,
  onOtherNetwork: () => void = () => {},
): Promise<Server> {
  const network = await ownNetwork();
  await rm(path, { force: true });
  const waiting = new Map<string, Waiting>();
  const server = createServer({ allowHalfOpen: true }, async (connection) => {
    connection.on('error', () => {});
    try {
      const opening = JSON.parse(await firstLine(connection)) as Opening;
      const all = waiting.get(opening.run) ?? { asked: null, pipes: new Map(), input: null };
      waiting.set(opening.run, all);
      if ('command' in opening) {
        all.asked = { request: opening, control: connection };
        connection.once('close', () => waiting.delete(opening.run));
      } else if ('pipe' in opening) all.pipes.set(opening.pipe, connection);
      else all.input = connection;
      const { asked, pipes, input } = all;
      if (!asked || pipes.size < asked.request.pipes || (asked.request.hasInput && !input)) return;
      waiting.delete(opening.run);
      const theirs = asked.request.network ?? network;
      if (network !== null && theirs !== network) {
        const told: Told = { error: 'the process for media is in another network', isBusy: true };
        for (const one of [...pipes.values(), ...(input ? [input] : [])]) one.destroy();
        asked.control.end(`${JSON.stringify(told)}\n`, onOtherNetwork);
        return;
      }
      await serve(sandbox, run, asked, pipes, input);
    } catch {
      connection.destroy();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o660); // for the group that both belong to
  return server;
}

async function serve(
  sandbox: Sandbox,
  run: (sandbox: Sandbox, request: RunRequest) => Promise<RunResult>,
  { request, control }: { request: Asked; control: Socket },
  pipes: ReadonlyMap<number, Socket>,
  input: Socket | null,
): Promise<void> {
  const gone = new AbortController();
  control.once('close', () => gone.abort(new Error('whoever asked went away')));
  control.resume();
  control.once('end', () => gone.abort(new Error('whoever asked went away')));
  const tell = (told: Told) => control.write(`${JSON.stringify(told)}\n`);
  try {
    const result = await run(sandbox, {
      ...(request.party ? { party: request.party } : {}),
      command: request.command,
      args: request.args,
      limits: request.limits,
      ...(request.needs ? { needs: request.needs } : {}),
      finishAtLimit: request.finishAtLimit,
      signal: gone.signal,
      onStart: () => tell({ started: true }),
      onLine: (line) => tell({ line }),
      pipes: Array.from(
        { length: request.pipes },
        (_, at) => (pipe: Readable) => pipeline(pipe, mustHave(pipes.get(at), 'connection for a pipe')),
      ),
      ...(input ? { input } : {}),
    });
    tell({ result });
  } catch (error) {
    tell({ error: error instanceof Error ? error.message : String(error), isBusy: error instanceof Refusal });
  } finally {
    control.end();
    input?.destroy();
    for (const pipe of pipes.values()) pipe.end();
  }
}

/** The first line; what follows stays to be read. */
function firstLine(connection: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    const settle = (then: () => void) => {
      connection.off('readable', onReadable);
      connection.off('close', onClose);
      then();
    };
    const onClose = () => settle(() => reject(new Error('closed before it said what it is for')));
    const onReadable = () => {
      for (let piece = connection.read() as Buffer | null; piece !== null; piece = connection.read() as Buffer | null) {
        const end = piece.indexOf(10);
        pieces.push(end < 0 ? piece : piece.subarray(0, end));
        bytes += piece.length;
        if (end >= 0) {
          const rest = piece.subarray(end + 1);
          return settle(() => {
            if (rest.length > 0) connection.unshift(rest);
            resolve(Buffer.concat(pieces).toString('utf8'));
          });
        }
        if (bytes > maxLineBytes) return settle(() => reject(new Error('too long a line')));
      }
    };
    connection.on('readable', onReadable);
    connection.once('close', onClose);
  });
}

async function* linesOf(connection: Socket): AsyncGenerator<string> {
  let rest = '';
  try {
    for await (const piece of connection.setEncoding('utf8')) {
      const lines = (rest + piece).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch {
    throw tooBusy('the process for media does not answer');
  }
}
