import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { basename } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { FileChanged, ServerUnreachable, UnexpectedAnswer } from './errors.ts';

/** A file on disk, and its description in the form. Default: the name in the path and `application/octet-stream`. */
export interface FormFile {
  readonly path: string;
  readonly name?: string | undefined;
  readonly type?: string | undefined;
}

/** How many bytes of the file have been handed to the network. */
export type OnProgress = (sentBytes: number, totalBytes: number) => void;

export interface FormAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly setCookies: readonly string[];
  readonly body: string;
}

/**
 * Servers and proxies that do not know `Expect` never say "continue"; RFC 9110, 10.1.1: do not wait for ever. Long
 * enough for a gate that must wait while somebody else changes the lesson: a refused upload shall send nothing.
 */
const continueTimeoutMs = 15_000;
/** A connection that is silent for so long counts as broken. */
const idleTimeoutMs = 10 * 60_000;
const chunkBytes = 256 * 1024;

/**
 * Sends one multipart form (RFC 7578): the fields, then the file, which is read while it is sent, so that memory does
 * not grow with it. Sends no byte of the body before the server has said "continue" (RFC 9110, 10.1.1), and stops as
 * soon as the final answer begins, so that a refusal is read and not lost in a broken connection.
 * @throws ServerUnreachable if the connection breaks before a complete answer; UnexpectedAnswer of `onLine`;
 * FileChanged; errors of the file system; the signal's reason.
 */
export async function sendForm(
  url: URL,
  options: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly fields: Readonly<Record<string, string>>;
    readonly file: FormFile;
    readonly onProgress?: OnProgress | undefined;
    /** Called with each line of a successful answer as it comes, without its end; the body is then empty. */
    readonly onLine?: ((line: string) => void) | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<FormAnswer> {
  const { signal } = options;
  signal?.throwIfAborted();
  await using file = await open(options.file.path);
  const fileBytes = (await file.stat()).size;
  const { boundary, head, tail } = frame(options.fields, options.file);
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const req = send(url, {
    method: options.method,
    agent: false,
    timeout: idleTimeoutMs,
    ...(signal ? { signal } : {}),
    headers: {
      ...options.headers,
      'Content-Type': `multipart/form-data; boundary=${boundary}`,
      'Content-Length': head.length + fileBytes + tail.length,
      Expect: '100-continue',
      // If a server closes after an early answer while we are still sending, it resets the connection, and the unread
      // answer is lost with it. So we close the connection, after reading.
      Connection: 'keep-alive',
    },
  });
  req.once('timeout', () => req.destroy(new Error('nothing was heard for ten minutes')));
  req.flushHeaders();

  let sentBytes = 0;
  // After the first of them, answer or broken connection, sending more is pointless.
  const done = new AbortController();
  const answered = readAnswer(req, options.onLine).finally(() => done.abort());
  // It may fail while the file is being read, long before it is awaited below; an unhandled failure would end the
  // process.
  answered.catch(() => {});
  req.once('response', () => done.abort());
  try {
    if (await isContinued(req, done.signal)) {
      await write(req, head, done.signal);
      const chunks = file.createReadStream({ highWaterMark: chunkBytes, autoClose: false });
      for await (const chunk of chunks as AsyncIterable<Buffer>) {
        if (sentBytes + chunk.length > fileBytes) throw new FileChanged(fileBytes, sentBytes + chunk.length);
        if (!(await write(req, chunk, done.signal))) break;
        sentBytes += chunk.length;
        options.onProgress?.(sentBytes, fileBytes);
      }
      if (!done.signal.aborted) {
        if (sentBytes < fileBytes) throw new FileChanged(fileBytes, sentBytes);
        req.end(tail);
      }
    }
  } catch (error) {
    req.destroy();
    await Promise.allSettled([answered]); // `error` explains why there is no answer
    throw error;
  }
  try {
    return await answered;
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (error instanceof UnexpectedAnswer) throw error;
    throw new ServerUnreachable(url.origin, error, sentBytes);
  } finally {
    req.destroy();
  }
}

/**
 * Resolves with the final answer once it is complete; rejects when the connection breaks before that. A write that
 * fails once the answer has begun is no failure: the server has decided without the rest of the body.
 */
function readAnswer(req: ClientRequest, onLine?: (line: string) => void): Promise<FormAnswer> {
  return new Promise((resolve, reject) => {
    let hasBegun = false;
    req.on('error', (error) => {
      if (!hasBegun) reject(error);
    });
    req.once('close', () => {
      if (!hasBegun) reject(new Error('the connection was closed'));
    });
    req.once('response', (response: IncomingMessage) => {
      hasBegun = true;
      const { statusCode: status } = response;
      if (status === undefined) {
        response.destroy();
        return reject(new Error('the answer has no status'));
      }
      const chunks: Buffer[] = [];
      const take = onLine && status < 300 ? splitLines(onLine) : (chunk: Buffer) => chunks.push(chunk);
      response.on('data', (chunk: Buffer) => {
        try {
          take(chunk);
        } catch (error) {
          response.destroy(error as Error);
        }
      });
      response.once('error', reject);
      response.once('close', () => reject(new Error('the answer broke off')));
      response.once('end', () =>
        resolve({
          status,
          contentType: response.headers['content-type'],
          setCookies: response.headers['set-cookie'] ?? [],
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
  });
}

function splitLines(onLine: (line: string) => void): (chunk: Buffer) => void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return (chunk) => {
    const text = decoder.write(chunk);
    const end = text.lastIndexOf('\n');
    if (end >= 0) for (const line of (rest + text.slice(0, end)).split('\n')) onLine(line);
    rest = end >= 0 ? text.slice(end + 1) : rest + text;
  };
}

/** True: send the body, after "continue" or a timeout. False: the final answer or a broken connection came first. */
function isContinued(req: ClientRequest, done: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (value: boolean) => {
      clearTimeout(timer);
      resolve(value);
    };
    const timer = setTimeout(settle, continueTimeoutMs, true);
    req.once('continue', () => settle(true));
    done.addEventListener('abort', () => settle(false), { once: true });
    if (done.aborted) settle(false);
  });
}

/** Waits while the network is slower than the disk. False: stop sending. */
async function write(req: ClientRequest, chunk: Uint8Array, done: AbortSignal): Promise<boolean> {
  if (done.aborted || req.destroyed) return false;
  if (req.write(chunk)) return true;
  try {
    await once(req, 'drain', { signal: done });
    return true;
  } catch (error) {
    // The request's own error reaches `readAnswer` too, which reports it.
    if (done.aborted || req.destroyed) return false;
    throw error;
  }
}

function frame(
  fields: Readonly<Record<string, string>>,
  file: FormFile,
): { boundary: string; head: Buffer; tail: Buffer } {
  const boundary = `emanet-${randomBytes(18).toString('hex')}`;
  const parts = Object.entries(fields).map(
    ([name, value]) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${escapeName(name)}"\r\n\r\n${value}\r\n`,
  );
  const name = escapeName(file.name ?? basename(file.path));
  const type = file.type ?? 'application/octet-stream';
  const opening = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n`;
  return {
    boundary,
    head: Buffer.from(parts.join('') + opening, 'utf8'),
    tail: Buffer.from(`\r\n--${boundary}--\r\n`, 'utf8'),
  };
}

/** As browsers do. WHATWG HTML, multipart/form-data encoding algorithm. */
function escapeName(name: string): string {
  return name.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');
}
