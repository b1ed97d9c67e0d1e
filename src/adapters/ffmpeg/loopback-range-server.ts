import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseByteRange } from '../../domain/byte-range.ts';
import type { MediaSource } from '../../pipeline/ports/media.ts';

export interface LoopbackRegistration {
  /** The address that ffmpeg reads. Holds the secret path: never log it. */
  readonly url: string;
  /** Secret part of `url`, so that it can be taken out of anything that is kept. */
  readonly token: string;
  /**
   * The first fault of the source itself (a chunk that fails its tag, a store that is down); ffmpeg only sees an early
   * end.
   */
  failure(): unknown;
  /** Ends every open read and forgets the source. Safe to call twice. */
  revoke(): Promise<void>;
}

/**
 * Serves one source to one child process over 127.0.0.1, under a path of 256 random bits. It stores nothing: a byte is
 * read from the source when it is asked for, and reading stops when the client goes. The caller revokes in `finally`. A
 * process that may list the command lines of this account's processes can see the path while the child runs; it can
 * already read the memory of this process.
 */
export async function registerOnLoopback(source: MediaSource): Promise<LoopbackRegistration> {
  const token = randomBytes(32).toString('base64url');
  const revoked = new AbortController();
  let fault: unknown;
  const server = createServer((request, response) => {
    serve(source, token, request, response, revoked.signal).catch((error: unknown) => {
      fault ??= error;
      response.destroy();
    });
  });
  await listen(server);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/${token}`,
    token,
    failure: () => fault,
    revoke: async () => {
      revoked.abort();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
}

async function serve(
  source: MediaSource,
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
  revoked: AbortSignal,
): Promise<void> {
  if (request.url !== `/${token}`) return void response.writeHead(404).end();
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return void response.writeHead(405, { allow: 'GET, HEAD' }).end();
  }
  const part = parseByteRange(request.headers.range ?? '', source.bytes);
  if (part === 'unsatisfiable') {
    return void response.writeHead(416, { 'content-range': `bytes */${source.bytes}` }).end();
  }
  const range = part ?? { start: 0, end: source.bytes };
  response.writeHead(part === null ? 200 : 206, {
    'accept-ranges': 'bytes',
    'cache-control': 'no-store',
    'content-type': 'application/octet-stream',
    'content-length': range.end - range.start,
    ...(part === null ? {} : { 'content-range': `bytes ${range.start}-${range.end - 1}/${source.bytes}` }),
  });
  if (request.method === 'HEAD' || range.start === range.end) return void response.end();

  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, revoked]);
  let fault: unknown;
  const bytes = readNotingFault(source.read(range.start, range.end, signal), (error) => {
    // A client that seeks closes its connection in the middle of an answer: that is not a fault of the source.
    if (!signal.aborted) fault = error;
  });
  try {
    await pipeline(Readable.from(bytes, { objectMode: false }), response, { signal });
  } catch (error) {
    if (fault !== undefined) throw fault;
    if (!signal.aborted) throw error;
  }
}

/** Tells a failing source from a closed connection: once the pipeline fails, both look the same. */
async function* readNotingFault(source: AsyncIterable<Uint8Array>, note: (error: unknown) => void) {
  try {
    yield* source;
  } catch (error) {
    note(error);
    throw error;
  }
}
