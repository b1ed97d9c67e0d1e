import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CertificateDates, certificatesOf } from '../../src/assembly/certificates.ts';
import { loadConfig } from '../../src/config/env.ts';
import { makeCertificate } from '../support/certificate.ts';

const dayMs = 24 * 60 * 60_000;
const before = getCACertificates('default');
let folder: string;
let pair: ReturnType<typeof makeCertificate>;
let server: Server;
let asked = 0;
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emanet-certificate-'));
  pair = makeCertificate(folder, 5);
  server = createServer(pair, () => {});
  server.on('connection', () => asked++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `https://localhost:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  setDefaultCACertificates(before);
  server.close();
  await rm(folder, { recursive: true, force: true });
});

test('a certificate is read once an hour; one that nobody would take is none, and is looked at again after a minute', async () => {
  const config = loadConfig({ BASE_URL: url, STORE: 's3', S3_ENDPOINT: 'http://127.0.0.1:1', OIDC_ISSUER: url });
  expect([...certificatesOf(config).keys()]).toEqual(['address', 'provider']);
  let now = Date.now();
  const dates = new CertificateDates(certificatesOf({ ...config, OIDC_ISSUER: undefined }), () => new Date(now));
  expect(await dates.read()).toEqual([{ of: 'address', endsAt: null }]);
  expect(asked).toBe(1);
  await dates.read();
  expect(asked).toBe(1);

  setDefaultCACertificates([...before, pair.cert]);
  now += 61_000;
  const [read] = await dates.read();
  expect(asked).toBe(2);
  expect(read?.endsAt?.getTime()).toBeGreaterThan(Date.now() + 4 * dayMs);
  expect(read?.endsAt?.getTime()).toBeLessThan(Date.now() + 6 * dayMs);
  now += 59 * 60_000;
  await dates.read();
  expect(asked).toBe(2);
  now += 2 * 60_000;
  await dates.read();
  expect(asked).toBe(3);
});
