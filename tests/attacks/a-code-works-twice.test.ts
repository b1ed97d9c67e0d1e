import { afterAll, beforeAll, expect, test } from 'vitest';
import { totpAt } from '../../src/demo/totp.ts';
import { Api, signedInStaff, testPassword } from '../support/api.ts';
import { ok } from '../support/school.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let nobody: Api;
let auditor: Awaited<ReturnType<typeof signedInStaff>>;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  nobody = new Api(server.url);
  auditor = await signedInStaff(server, 'Deniz Auditor', ['auditor']);
});
afterAll(() => server?.stop());

const signIn = (code: string) => nobody.post('/api/session', { email: auditor.email, password: testPassword, code });

test('not the code that finished the set-up, not one that signed in, and not one of an older step', async () => {
  const { clock } = server.context.outside;
  expect((await signIn(totpAt(auditor.totpUri!, clock()))).status).toBe(401);
  const older = totpAt(auditor.totpUri!, clock());
  server.forward(30_000);
  const code = totpAt(auditor.totpUri!, clock());
  ok(await signIn(code));
  expect((await signIn(code)).status).toBe(401);
  expect((await signIn(older)).status).toBe(401);
});

test('of five who offer one code at the same instant one is let in', async () => {
  server.forward(30_000);
  const code = totpAt(auditor.totpUri!, server.context.outside.clock());
  const answers = await Promise.all(Array.from({ length: 5 }, () => signIn(code)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
});

test('a code counts within its step and ten seconds around it, and no longer', async () => {
  server.forward(15 * 60_000);
  const { clock } = server.context.outside;
  // To the middle of a step, so that the ten seconds reach no other one.
  server.forward(30_000 - (clock().getTime() % 30_000) + 15_000);
  const now = clock().getTime();
  expect((await signIn(totpAt(auditor.totpUri!, new Date(now - 30_000)))).status).toBe(401);
  expect((await signIn(totpAt(auditor.totpUri!, new Date(now + 30_000)))).status).toBe(401);
  server.forward(20_000); // five seconds into the next one
  ok(await signIn(totpAt(auditor.totpUri!, new Date(now))));
});

test('a backup code is used up by one of those who offer it', async () => {
  const answers = await Promise.all(Array.from({ length: 4 }, () => signIn(auditor.backupCodes[0]!)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
});
