import { afterAll, beforeAll, expect, test } from 'vitest';
import { setUp } from '../../../src/assembly/set-up.ts';
import { Api, cookiesOf, signedInStaff, testPassword } from '../../support/api.ts';
import { startProvider, type TestProvider, Walker } from '../../support/provider.ts';
import { ok } from '../../support/school.ts';
import { arrivals, startTestServer, type TestServer } from '../../support/server.ts';

let provider: TestProvider;
let server: TestServer;
let teacher: Awaited<ReturnType<typeof signedInStaff>>;

beforeAll(async () => {
  provider = await startProvider();
  server = await startTestServer({ WORKER: 'false', ...provider.env, SMTP_URL: 'smtp://127.0.0.1:9' });
  provider.allow(server.url);
  teacher = await signedInStaff(server, 'Tuna Teacher', ['teacher']);
  Object.assign(server.context.outside.settings, { localSignIn: false });
  provider.people.set('head', {
    email: 'head@school.example',
    name: 'Head',
    groups: ['heads'],
    amr: ['pwd', 'mfa'],
  });
});
afterAll(async () => {
  await server?.stop();
  await provider?.stop();
});

/** What the operator is shown, once. */
async function makeEnvelope(): Promise<{ email: string; password: string }> {
  const lines: string[] = [];
  await setUp(server.context.config, { 'dry-run': false, 'emergency-account': true }, (line) => lines.push(line));
  const [email = '', password = ''] = lines.slice(-2).map((line) => line.trim());
  return { email, password };
}
const nobody = () => new Api(server.url);
const head = async () => {
  const walker = new Walker();
  await walker.signIn(server.url, 'head');
  return new Api(server.url, { cookie: walker.headerFor(server.url) });
};

test('every way in with a password or passkey of this server is closed, and says so', async () => {
  const admin = await head();
  const off = { status: 409, body: { reasons: [{ code: 'LOCAL_SIGN_IN_OFF' }] } };
  const code = await server.nextCode(teacher.totpUri!);
  for (const answer of [
    await nobody().post('/api/session', { email: teacher.email, password: testPassword, code }),
    await nobody().post('/api/session', { email: 'nobody@school.example', password: testPassword }),
    await nobody().post('/api/session/passkey/options'),
    await nobody().post('/api/password-reset', { email: teacher.email }),
    await nobody().post('/api/password-reset/finish', { token: 'x'.repeat(30), password: 'long enough, for a test' }),
    await nobody().post('/api/invitations/accept', { token: 'x'.repeat(30), password: 'long enough, for a test' }),
    await admin.post('/api/invitations', { email: 'new@school.example', name: 'New', roles: ['teacher'] }),
    await teacher.post('/api/session/confirm', { password: testPassword, code }),
  ])
    expect(answer).toMatchObject(off);
  const page = await (await fetch(server.url, { headers: { accept: 'text/html' } })).text();
  expect(page).toContain('<meta name="emanet-local-sign-in" content="off">');
});

test('the account for emergencies signs in; its use is on the log, mailed, and shown until there is a new one', async () => {
  const { email, password } = await makeEnvelope();
  const admin = await head();
  expect(ok(await admin.get('/api/home')).items).toEqual([]);
  expect((await nobody().post('/api/session', { email, password: 'a wrong password' })).status).toBe(401);
  const answer = await nobody().post('/api/session', { email, password });
  expect(ok(answer)).toMatchObject({
    secondFactorMissing: false,
    person: { roles: ['administrator'], isEmergency: true },
  });
  const inside = new Api(server.url, { cookie: cookiesOf(answer) });
  expect((await inside.get('/api/staff')).status).toBe(200);

  expect((await arrivals(server, 'staff.emergency')).map(({ action }) => action)).toEqual([
    'staff.emergency_made',
    'staff.emergency_used',
  ]);
  const mails = await server.context.outside.database.read.$queryRaw<{ to: string }[]>`
    SELECT payload->>'to' AS to FROM graphile_worker._private_jobs WHERE payload->'mail'->>'kind' = 'emergency_used'`;
  expect(mails).toEqual([{ to: 'head@school.example' }]);
  expect(ok(await admin.get('/api/home')).items).toMatchObject([{ kind: 'emergency_used', count: 1 }]);

  // No administrator takes it over, disables it or gives it a factor of their own.
  const { id } = ok(answer).person;
  for (const refused of [
    await admin.patch(`/api/staff/${id}`, { disabled: true }),
    await admin.patch(`/api/staff/${id}`, { roles: ['teacher'] }),
  ])
    expect(refused).toMatchObject({ status: 409, body: { reasons: [{ code: 'EMERGENCY_ACCOUNT' }] } });

  const next = await makeEnvelope();
  expect((await inside.get('/api/session')).status).toBe(401);
  expect((await nobody().post('/api/session', { email, password })).status).not.toBe(200);
  expect(ok(await admin.get('/api/home')).items).toEqual([]);
  expect((await nobody().post('/api/session', next)).status).toBe(200);
  const enabled = await server.context.outside.database.read.user.count({
    where: { emergencyAt: { not: null }, disabledAt: null },
  });
  expect(enabled).toBe(1);
});

test('no provider, no switch: a server that nobody could sign in to does not start', async () => {
  await expect(startTestServer({ LOCAL_SIGN_IN: 'off' })).rejects.toThrow('LOCAL_SIGN_IN=off needs OIDC_ISSUER');
});
