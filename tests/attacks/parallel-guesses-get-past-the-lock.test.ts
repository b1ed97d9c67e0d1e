import { afterAll, beforeAll, expect, test } from 'vitest';
import { Api, signedInStaff, testPassword } from '../support/api.ts';
import { arrivals, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let nobody: Api;

beforeAll(async () => {
  // Each attack comes from an address of its own, as a botnet's would.
  server = await startTestServer({ WORKER: 'false', TRUST_PROXY: '1' });
  nobody = new Api(server.url, { 'x-forwarded-for': '203.0.113.1' });
});
afterAll(() => server?.stop());

const inParallel = <T>(n: number, run: (at: number) => Promise<T>) =>
  Promise.all(Array.from({ length: n }, (_, at) => run(at)));

test('of sixty guesses at the same instant no more than five are looked at', async () => {
  const victim = await signedInStaff(server, 'Hasty Victim', ['teacher']);
  let hashed = 0;
  const { passwords } = server.context.outside.credentials;
  const verify = passwords.verify.bind(passwords);
  passwords.verify = (...input) => {
    hashed++;
    return verify(...input);
  };
  try {
    const code = await server.nextCode(victim.totpUri!);
    const answers = await inParallel(60, (at) =>
      nobody.post('/api/session', {
        email: victim.email,
        password: at === 59 ? testPassword : `a wrong guess, number ${at}`,
        code,
      }),
    );
    expect(hashed).toBeLessThanOrEqual(5);
    const right = answers.filter(({ status }) => status === 200).length;
    expect(answers.filter(({ status }) => status === 401 || status === 429)).toHaveLength(60 - right);
    // The right one was looked at only if it was among the first five; else it is locked out with the others.
    if (right === 0)
      expect((await nobody.post('/api/session', { email: victim.email, password: testPassword, code })).status).toBe(
        401,
      );
  } finally {
    passwords.verify = verify;
  }
});

test('a right password does not buy more guesses at the code', async () => {
  const victim = await signedInStaff(server, 'Code Victim', ['auditor']);
  const answers = await inParallel(40, (at) =>
    nobody.post('/api/session', { email: victim.email, password: testPassword, code: String(at).padStart(6, '0') }),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(0);
  expect(
    (
      await nobody.post('/api/session', {
        email: victim.email,
        password: testPassword,
        code: await server.nextCode(victim.totpUri!),
      })
    ).status,
  ).toBe(401);
});

test('a session that was stolen is no place to guess the password', async () => {
  const victim = await signedInStaff(server, 'Session Victim', ['teacher']);
  const stolen = new Api(server.url, victim.headers);
  const guesses = await inParallel(20, (at) =>
    stolen.post('/api/session/confirm', { password: `guess number ${at}, wrong` }),
  );
  for (const { status } of guesses) expect([401, 429]).toContain(status);
  const rights = [
    await stolen.post('/api/session/confirm', { password: testPassword, code: await server.nextCode(victim.totpUri!) }),
    await stolen.put('/api/session/password', { password: testPassword, newPassword: 'chosen by the thief, long' }),
  ];
  for (const { status } of rights) expect([401, 429]).toContain(status);
});

test('failures and the lock are on the log, and the lock once', async () => {
  await server.context.outside.tally.flush();
  const entries = await arrivals(server, 'staff.');
  expect(entries.filter((one) => one.action === 'staff.locked_out').length).toBeLessThanOrEqual(3);
  expect(entries.filter((one) => one.action === 'staff.sign_in_failed').length).toBeGreaterThan(0);
});
