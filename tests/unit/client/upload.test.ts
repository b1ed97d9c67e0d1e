import { once } from 'node:events';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createClient } from '../../../src/client/api-client.ts';
import { ApiProblem, FileChanged, ServerUnreachable } from '../../../src/client/errors.ts';

const lessonId = '00000000-0000-4000-8000-000000000001';
const MiB = 1024 * 1024;
let folder: string;
let server: Server;
let bodyBytes: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emanet-client-'));
  bodyBytes = 0;
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  await rm(folder, { recursive: true, force: true });
});

/** A server that counts what arrives after the head of a request. */
async function serve(answer: (req: IncomingMessage, res: ServerResponse) => void): Promise<string> {
  server = createServer();
  const handle = (req: IncomingMessage, res: ServerResponse) => {
    req.on('error', () => {}); // a client that leaves early is part of these tests
    answer(req, res);
  };
  server.on('request', handle);
  server.on('checkContinue', handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A file of that size that takes no room on the disk. */
async function fileOf(bytes: number): Promise<string> {
  const path = join(folder, 'lesson.mp4');
  await using file = await open(path, 'w');
  await file.truncate(bytes);
  return path;
}

function count(req: IncomingMessage): void {
  req.on('data', (chunk: Buffer) => {
    bodyBytes += chunk.length;
  });
}

function refuse(res: ServerResponse, code = 'PERMISSION_MISSING'): void {
  const reason = { code: 'NO_SITES', text: 'The lesson has no site.' };
  res.writeHead(403, { 'Content-Type': 'application/problem+json' });
  res.end(
    JSON.stringify({
      type: 'x',
      title: 'No',
      status: 403,
      code,
      detail: reason.text,
      reasons: [reason],
      requestId: 'r1',
    }),
  );
}

const recording = {
  id: '00000000-0000-4000-8000-000000000002',
  lessonId,
  lessonTitle: 'Physics',
  state: 'sealed',
  stateCodes: [],
  stateNote: null,
  fileName: 'lesson.mp4',
  mediaType: 'video/mp4',
  bytes: 5,
  durationMs: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  openSegments: 0,
  check: { state: 'waiting', doneMs: null, error: null },
  uploaderId: 'u1',
  analysedDurationMs: null,
  mediaSha256: null,
  warnings: [],
  clearedById: null,
  approvedById: null,
  segments: [],
  rendition: null,
  release: null,
  fate: null,
  erasure: null,
  erasureAsked: null,
  reSeal: null,
  coverage: [],
  captions: [],
  removals: [],
  looksUpAt: null,
  captionsNote: null,
  captionsRefused: null,
};
function accept(res: ServerResponse): void {
  res.writeHead(201, { 'Content-Type': 'application/json' });
  res.end(JSON.stringify(recording));
}

const upload = (baseUrl: string, path: string, fields = {}, options = {}) =>
  createClient({ baseUrl, token: 'emt_x', language: 'en' }).upload(
    'uploadRecording',
    { params: { lessonId }, fields, file: { path, type: 'video/mp4' } },
    options,
  );

test('a refused upload sends no byte of its body, and the refusal is told with its reasons', async () => {
  const url = await serve((req, res) => {
    count(req);
    refuse(res);
  });
  const progress: number[] = [];
  const attempt = upload(url, await fileOf(8 * MiB), {}, { onProgress: (sent: number) => progress.push(sent) });
  await expect(attempt).rejects.toBeInstanceOf(ApiProblem);
  await expect(attempt).rejects.toMatchObject({
    code: 'PERMISSION_MISSING',
    status: 403,
    reasons: [{ code: 'NO_SITES' }],
  });
  expect(bodyBytes).toBe(0);
  expect(progress).toEqual([]);
});

test('the fields stand before the file, and the length of the whole is known before it begins', async () => {
  let body = '';
  let length = 0;
  const url = await serve((req, res) => {
    expect(req.headers).toMatchObject({
      authorization: 'Bearer emt_x',
      'accept-language': 'en',
      expect: '100-continue',
      connection: 'keep-alive', // closed by the client alone: a refusal in the middle of the body would be lost
    });
    length = Number(req.headers['content-length']);
    res.writeContinue();
    req.setEncoding('latin1').on('data', (chunk: string) => {
      body += chunk;
    });
    req.on('end', () => accept(res));
  });
  const path = join(folder, 'ders "9-B".mp4');
  await writeFile(path, 'hello');
  const answer = await upload(url, path, { bytes: 5, sha256: undefined });
  expect(answer).toMatchObject({ id: recording.id, state: 'sealed' });
  expect(body.length).toBe(length);
  expect(body.indexOf('name="bytes"')).toBeGreaterThan(0);
  expect(body.indexOf('name="bytes"')).toBeLessThan(body.indexOf('name="file"'));
  expect(body).toContain('filename="ders %229-B%22.mp4"');
  expect(body).not.toContain('sha256');
});

test('an answer in the middle of the body ends the sending and is told', async () => {
  const url = await serve((req, res) => {
    res.writeContinue();
    req.on('data', (chunk: Buffer) => {
      bodyBytes += chunk.length;
      if (bodyBytes > MiB && !res.headersSent) refuse(res, 'NOT_MEDIA');
    });
  });
  const bytes = 512 * MiB;
  await expect(upload(url, await fileOf(bytes))).rejects.toMatchObject({ code: 'NOT_MEDIA' });
  expect(bodyBytes).toBeLessThan(bytes / 2);
});

test('a connection that breaks in the middle is told as such, with what had left', async () => {
  const url = await serve((req, res) => {
    res.writeContinue();
    req.once('data', () => req.socket.destroy());
  });
  const attempt = upload(url, await fileOf(64 * MiB));
  await expect(attempt).rejects.toBeInstanceOf(ServerUnreachable);
  await expect(attempt).rejects.toMatchObject({ sentBytes: expect.any(Number) });
});

test('nobody at the address is told as such', async () => {
  const url = await serve(() => {});
  server.close();
  await once(server, 'close');
  await expect(upload(url, await fileOf(10))).rejects.toBeInstanceOf(ServerUnreachable);
  await expect(createClient({ baseUrl: url }).call('getSchool')).rejects.toBeInstanceOf(ServerUnreachable);
});

test('progress grows to the size of the file, and 400 MiB pass through a small memory', async () => {
  const url = await serve((req, res) => {
    res.writeContinue();
    count(req);
    req.on('end', () => accept(res));
  });
  const bytes = 400 * MiB;
  const path = await fileOf(bytes);
  const before = process.memoryUsage().rss;
  let highest = before;
  let last = 0;
  await upload(
    url,
    path,
    {},
    {
      onProgress(sent: number, total: number) {
        expect(sent).toBeGreaterThan(last);
        expect(total).toBe(bytes);
        last = sent;
        highest = Math.max(highest, process.memoryUsage().rss);
      },
    },
  );
  expect(last).toBe(bytes);
  expect(bodyBytes).toBeGreaterThan(bytes);
  expect(highest - before).toBeLessThan(150 * MiB);
});

test('a file that shrinks while it is sent is not passed off as whole', async () => {
  const path = await fileOf(64 * MiB);
  const url = await serve((req, res) => {
    req.resume();
    req.on('end', () => accept(res));
    void open(path, 'r+').then(async (file) => {
      await file.truncate(1);
      await file.close();
      res.writeContinue();
    });
  });
  await expect(upload(url, path)).rejects.toBeInstanceOf(FileChanged);
});

test('a caller who changes their mind stops the upload', async () => {
  const url = await serve((req, res) => {
    res.writeContinue();
    req.resume();
  });
  const stop = new AbortController();
  const reason = new Error('enough');
  const attempt = upload(
    url,
    await fileOf(256 * MiB),
    {},
    { signal: stop.signal, onProgress: () => stop.abort(reason) },
  );
  await expect(attempt).rejects.toBe(reason);
});

test('a file that is not there is the file system’s error, and the server hears nothing', async () => {
  let asked = 0;
  const url = await serve(() => {
    asked += 1;
  });
  await expect(upload(url, join(folder, 'none.mp4'))).rejects.toMatchObject({ code: 'ENOENT' });
  expect(asked).toBe(0);
});
