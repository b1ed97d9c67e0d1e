import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createPasswordHashing } from '../../src/adapters/argon2/password-hashing.ts';
import { Refusal } from '../../src/domain/errors.ts';
import { limits } from '../../src/domain/limits.ts';
import { Api, signedInStaff } from '../support/api.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let nobody: Api;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false', TRUST_PROXY: '1' });
  nobody = new Api(server.url);
});
afterAll(() => server?.stop());

const from = (address: string) => new Api(server.url, { 'x-forwarded-for': address });

test('nothing is hashed for an invitation or a link to a new password that is not there', async () => {
  const { passwords } = server.context.outside.credentials;
  const { hash, verify } = passwords;
  const never = async () => {
    throw new Error('a stranger had something hashed');
  };
  Object.assign(passwords, { hash: never, verify: never });
  try {
    const body = { token: 'x'.repeat(43), password: 'correct horse battery staple' };
    expect((await nobody.post('/api/invitations/accept', body)).status).toBe(404);
    expect((await nobody.post('/api/password-reset/finish', body)).status).toBe(404);
  } finally {
    Object.assign(passwords, { hash, verify });
  }
});

test('at most one hashes for each thread, a few wait, and the rest is told to come back', async () => {
  const hashing = createPasswordHashing({ threads: 1, waiting: 3 });
  try {
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => hashing.verify('a guess', null)));
    const refused = answers.filter((one) => one.status === 'rejected').map((one) => one.reason as Refusal);
    expect(refused.length).toBeGreaterThanOrEqual(16);
    for (const why of refused) expect(why).toMatchObject({ code: 'TOO_MANY_REQUESTS', retryAfterSeconds: 2 });
    expect(await hashing.verify('right', await hashing.hash('right'))).toBe('right');
  } finally {
    await hashing.close();
  }
});

test('whoever fails too often from one address is told when to come back; others are not held up', async () => {
  const stranger = from('203.0.113.7');
  const guess = (by: Api, at: number) =>
    by.post('/api/session', { email: `guess${at}@school.example`, password: 'not the password' });
  let refused: Awaited<ReturnType<typeof guess>> | undefined;
  for (let at = 0; !refused && at < limits.signIn.points + 60; at += 10) {
    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => guess(stranger, at + n)));
    refused = answers.find(({ status, headers }) => status === 429 && Number(headers.get('retry-after')) > 2);
  }
  expect(refused).toMatchObject({ status: 429, body: { code: 'TOO_MANY_REQUESTS' } });
  expect((await guess(from('203.0.113.8'), 0)).status).toBe(401);
  // The rest of an IPv6 address is the stranger's own to choose.
  const { limits: counted } = server.context.outside;
  for (let n = 0; n <= limits.signIn.points; n++) await counted.note('signIn', `2001:db8:1:2::${n.toString(16)}`);
  expect(() => counted.assertOpen('signIn', '2001:db8:1:2:ffff::1')).toThrow(Refusal);
  expect(() => counted.assertOpen('signIn', '2001:db8:1:3::1')).not.toThrow();
});

test('limits are counted for all processes together', async () => {
  const { limits: counted, database } = server.context.outside;
  for (let n = 0; n < 3; n++) await counted.note('invitation', '198.51.100.9');
  const row = await database.read.rateLimit.findUniqueOrThrow({ where: { key: 'invitation:198.51.100.9' } });
  expect(row.points).toBe(3);
});

test('a person is limited too in what is expensive', async () => {
  const { limits: counted } = server.context.outside;
  for (let n = 0; n < limits.export.points; n++) await counted.take('export', 'somebody');
  await expect(counted.take('export', 'somebody')).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
  await counted.take('export', 'somebody else');
});

test('whoever comes in great numbers waits, also with a cookie that is worth nothing, and whoever is known does not', async () => {
  const person = await signedInStaff(server, 'Known Person', ['teacher']);
  const junk = { cookie: `emanet-session=${'x'.repeat(43)}` };
  const asks: (() => Promise<Response>)[] = [
    () => fetch(`${server.url}/api/session`, { headers: junk }),
    () => fetch(`${server.url}/api/uploads`, { method: 'OPTIONS', headers: { ...junk, 'tus-resumable': '1.0.0' } }),
    () => fetch(`${server.url}/api/openapi.json`, { headers: junk }),
  ];
  for (const ask of asks) {
    let done = 0;
    // All of them come in one second, however slow the machine is.
    const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now());
    try {
      const all = Array.from({ length: 400 }, async () => {
        await (await ask()).arrayBuffer();
        done += 1;
      });
      // A person who is known is answered while strangers still wait.
      expect((await person.get('/api/session')).status).toBe(200);
      expect(done).toBeLessThan(400);
      await Promise.all(all);
    } finally {
      clock.mockRestore();
    }
  }
});
