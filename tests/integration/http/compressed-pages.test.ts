import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../support/server.ts';

const assets = join(import.meta.dirname, '../../../dist/web/assets');
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
});
afterAll(() => server.stop());

/** An answer as it comes: `fetch` would unpack it. */
async function get(path: string, headers: Record<string, string>) {
  const asked = request(server.url + path, { headers });
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return { headers: answer.headers, status: answer.statusCode, body: Buffer.concat(await answer.toArray()) };
}

test('a script comes in the smallest form that the browser takes, and as what it is', async () => {
  const name = readdirSync(assets).find((one) => /^base-.*\.js$/.test(one))!;
  const whole = readFileSync(join(assets, name));
  for (const [accepted, encoding, unpack] of [
    ['gzip, deflate, br', 'br', brotliDecompressSync],
    ['gzip', 'gzip', gunzipSync],
    ['identity', undefined, (bytes: Buffer) => bytes],
  ] as const) {
    const { headers, body } = await get(`/assets/${name}`, { 'accept-encoding': accepted });
    expect(headers['content-encoding']).toBe(encoding);
    expect(headers['content-type']).toMatch(/^text\/javascript/);
    expect(headers.vary).toContain('Accept-Encoding');
    expect(headers['cache-control']).toContain('immutable');
    expect(unpack(body).equals(whole)).toBe(true);
    if (encoding !== undefined) expect(body.length).toBeLessThan(whole.length / 2);
  }
});

test('a file that is not there is not there in any form', async () => {
  for (const path of ['/assets/none.js', '/assets/..%2fstaff.js', '/assets/none.js.br'])
    expect((await get(path, { 'accept-encoding': 'br' })).status).toBe(404);
});

test('a page names the words of the language that is asked for', async () => {
  const words = async (language: string) => {
    const { body } = await get('/', { 'accept-language': language });
    return [...body.toString().matchAll(/<link rel="modulepreload" href="\/assets\/(\w\w)-/g)].map((match) => match[1]);
  };
  expect(new Set(await words('en-GB,en;q=0.8'))).toEqual(new Set(['en']));
  expect(new Set(await words('tr-TR,tr;q=0.8'))).toEqual(new Set(['tr']));
  expect(new Set(await words('fr'))).toEqual(new Set(['tr']));
});
