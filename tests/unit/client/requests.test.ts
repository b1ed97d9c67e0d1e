import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createClient } from '../../../src/client/api-client.ts';
import { ApiProblem, ServerUnreachable, UnexpectedAnswer } from '../../../src/client/errors.ts';

const fileBytes = 3_000_000;
const work = {
  id: '7e1a3f0e-6a53-4d8e-9a59-d0c5b7a9f0aa',
  title: 'Song',
  rightsHolder: 'Label',
  kind: 'sound',
  identifiers: { isrc: 'TRA012100001' },
  licence: null,
  terms: null,
  validFrom: null,
  validUntil: null,
  durationMs: 1000,
  pages: null,
  known: false,
  createdAt: '2026-01-01T00:00:00.000Z',
};
let folder: string;
let path: string;
let server: Server | null = null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emanet-client-'));
  path = join(folder, 'ders "1".mp4');
  await writeFile(path, Buffer.alloc(fileBytes, 'x'));
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = null;
  await rm(folder, { recursive: true, force: true });
});

async function serve(onContinue: RequestListener, onRequest: RequestListener = onContinue): Promise<string> {
  server = createServer(onRequest);
  server.on('checkContinue', onContinue);
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const problem = (code: string, status: number) =>
  JSON.stringify({
    type: 'about:blank',
    title: 'No.',
    status,
    code,
    reasons: [{ code: 'NO_SITES', text: 'Nokta yok.' }],
    requestId: 'r1',
  });
const refuse: (code: string, status: number) => RequestListener = (code, status) => (_req, res) => {
  res.writeHead(status, { 'Content-Type': 'application/problem+json', Connection: 'close' }).end(problem(code, status));
};
const register = (baseUrl: string, more: object = {}) =>
  createClient({ baseUrl, token: 't' }).upload(
    'registerWork',
    { fields: { title: 'Song', rightsHolder: 'Label' }, file: { path } },
    more,
  );

test('the fields stand before the file, and as many bytes arrive as were announced', async () => {
  let body = '';
  let announced = 0;
  const baseUrl = await serve(async (req, res) => {
    announced = Number(req.headers['content-length']);
    res.writeContinue();
    body = await text(req);
    res.writeHead(201, { 'Content-Type': 'application/json' }).end(JSON.stringify(work));
  });
  const seen: number[] = [];
  const answer = await register(baseUrl, { onProgress: (sent: number) => seen.push(sent) });
  expect(answer).toEqual(work);
  expect(Buffer.byteLength(body)).toBe(announced);
  expect(body.indexOf('name="rightsHolder"')).toBeLessThan(body.indexOf('name="file"; filename="ders %221%22.mp4"'));
  expect(seen.at(-1)).toBe(fileBytes);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
});

test('a refusal before “continue” reaches the caller, and not one byte of the body was sent', async () => {
  let received = 0;
  const baseUrl = await serve((req, res) => {
    req.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    refuse('PERMISSION_MISSING', 403)(req, res);
  });
  const error = await register(baseUrl).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ApiProblem);
  expect(error).toMatchObject({ code: 'PERMISSION_MISSING', status: 403, requestId: 'r1' });
  expect((error as ApiProblem).reasons[0]?.text).toBe('Nokta yok.');
  expect(received).toBe(0);
});

test('a server that vanishes is unreachable, not a refusal', async () => {
  const baseUrl = await serve((req, res) => {
    res.writeContinue();
    req.once('data', () => req.socket.destroy());
  });
  await expect(register(baseUrl)).rejects.toBeInstanceOf(ServerUnreachable);
  server!.close();
  await expect(createClient({ baseUrl: 'http://127.0.0.1:9' }).call('getSchool')).rejects.toBeInstanceOf(
    ServerUnreachable,
  );
});

test('an upload stops when it is told to', async () => {
  const stop = new AbortController();
  const baseUrl = await serve((_req, res) => {
    res.writeContinue();
    stop.abort(new Error('stopped by hand'));
  });
  await expect(register(baseUrl, { signal: stop.signal })).rejects.toThrow('stopped by hand');
});

test('an answer that is not as the contract promises is not taken for one', async () => {
  const baseUrl = await serve((_req, res) => {
    res.writeHead(200, { 'Content-Type': 'application/json' }).end('{"id":1}');
  });
  await expect(createClient({ baseUrl }).call('getSchool')).rejects.toBeInstanceOf(UnexpectedAnswer);
});

test('a download that breaks off fails and does not end early', async () => {
  const baseUrl = await serve((req, res) => {
    expect(req.headers.range).toBe('bytes=5-');
    res.writeHead(206, { 'Content-Length': '100' });
    res.write('abc');
    setTimeout(() => res.destroy(), 50);
  });
  const client = createClient({ baseUrl });
  const { stream } = await client.download(
    'watch',
    { params: { linkId: '019ac000-0000-7000-8000-000000000001' } },
    { range: { start: 5 } },
  );
  await expect(text(stream)).rejects.toBeInstanceOf(ServerUnreachable);
});

test('cookies are kept up to date from what the server sets', async () => {
  const sent: (string | undefined)[] = [];
  const baseUrl = await serve((req, res) => {
    sent.push(req.headers.cookie);
    res.setHeader('Set-Cookie', ['a=2; Path=/; HttpOnly', 'gone=; Max-Age=0']);
    res.writeHead(204).end();
  });
  const client = createClient({ baseUrl, cookie: 'a=1; gone=x; b=3' });
  await client.call('signOut');
  await client.call('signOut');
  expect(sent).toEqual(['a=1; gone=x; b=3', 'a=2; b=3']);
  expect(client.cookie).toBe('a=2; b=3');
});
