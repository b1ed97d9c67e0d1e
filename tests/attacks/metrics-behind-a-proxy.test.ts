import { afterAll, beforeAll, expect, test } from 'vitest';
import { Api } from '../support/api.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const token = 'a test token, long enough';
let bare: TestServer;
let open: TestServer;
beforeAll(async () => {
  bare = await startTestServer({ WORKER: 'false' });
  open = await startTestServer({ WORKER: 'false', METRICS_TOKEN: token });
});
afterAll(async () => {
  await bare?.stop();
  await open?.stop();
});

/** As a proxy on this machine sends it, with what proxies add and without. */
const asked: Record<string, string>[] = [
  {},
  { host: 'localhost' },
  { host: 'emanet.school.example' },
  { 'x-forwarded-for': '127.0.0.1' },
  { forwarded: 'for=127.0.0.1' },
  { 'x-real-ip': '127.0.0.1' },
  { authorization: 'Bearer ' },
  { authorization: 'Bearer null' },
  { authorization: 'Bearer undefined' },
  { authorization: `Bearer ${token.slice(0, -1)}` },
  { authorization: `Bearer ${token} x` },
];

test.each(asked)('nobody reads them without the token: %o', async (headers) => {
  for (const server of [bare, open])
    for (const path of ['/metrics', '/metrics/', '/METRICS', '//metrics'])
      expect(await new Api(server.url).get(path, headers)).toMatchObject({ status: 404 });
});

test('with the token they are there, and without the setting the token is nothing', async () => {
  const headers = { authorization: `Bearer ${token}` };
  expect((await new Api(open.url).get('/metrics', headers)).body).toContain('emanet_http_requests_total');
  expect((await new Api(bare.url).get('/metrics', headers)).status).toBe(404);
});
