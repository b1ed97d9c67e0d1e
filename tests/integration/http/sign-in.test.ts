import { afterAll, beforeAll, expect, test } from 'vitest';
import { totpNow } from '../../../src/demo/totp.ts';
import { Api, cookiesOf, signedInStaff, testPassword } from '../../support/api.ts';
import { ok } from '../../support/school.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let nobody: Api;
let admin: Awaited<ReturnType<typeof signedInStaff>>;
let teacher: Awaited<ReturnType<typeof signedInStaff>>;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  nobody = new Api(server.url);
  admin = await signedInStaff(server, 'Ayla Admin', ['administrator']);
  teacher = await signedInStaff(server, 'Tuna Teacher', ['teacher']);
});
afterAll(() => server?.stop());

const signIn = (email: string, password: string, code?: string) =>
  nobody.post('/api/session', { email, password, ...(code ? { code } : {}) });

test('an unknown address and a wrong password get the same answer, in about the same time', async () => {
  const timed = async (email: string) => {
    const begun = performance.now();
    const { status, body } = await signIn(email, 'a wrong password');
    return { ms: performance.now() - begun, status, code: body.code, reasons: body.reasons };
  };
  const { ms: known, ...a } = await timed(teacher.email);
  const { ms: unknown, ...b } = await timed('nobody@school.example');
  expect(a).toEqual(b);
  expect(a).toMatchObject({ status: 401, code: 'SIGN_IN_FAILED' });
  // Both hash a password, which takes most of the time; without that the unknown one would be many times faster.
  expect(unknown).toBeGreaterThan(known / 4);
});

test('five failures lock the address, known or not, and the right password does not help', async () => {
  const locked = await signedInStaff(server, 'Locked Out', ['teacher']);
  for (const email of [locked.email, 'stranger@school.example'])
    for (let i = 0; i < 5; i++) await signIn(email, 'wrong wrong wrong');
  const answers = [await signIn(locked.email, testPassword), await signIn('stranger@school.example', testPassword)];
  expect(answers.map(({ status, body }) => ({ status, code: body.code }))).toEqual(
    Array(2).fill({ status: 401, code: 'SIGN_IN_FAILED' }),
  );
  const rows = await server.context.outside.database.read.signInFailure.count({
    where: { lockedUntil: { not: null } },
  });
  expect(rows).toBe(2);
});

test('an administrator needs a code, and a wrong one does not do', async () => {
  expect(await signIn(admin.email, testPassword)).toMatchObject({
    status: 403,
    body: { code: 'SECOND_FACTOR_REQUIRED' },
  });
  expect(await signIn(admin.email, testPassword, '000000')).toMatchObject({ status: 401 });
  const signedIn = await signIn(admin.email, testPassword, await totpNow(admin.totpUri!));
  expect(signedIn).toMatchObject({ status: 200, body: { person: { email: admin.email }, secondFactorMissing: false } });
});

test('a backup code stands in for the authenticator, once', async () => {
  const lost = await signedInStaff(server, 'Lost Phone', ['auditor']);
  const [backup] = lost.backupCodes;
  expect(await signIn(lost.email, testPassword, backup)).toMatchObject({ status: 200 });
  expect(await signIn(lost.email, testPassword, backup)).toMatchObject({ status: 401 });
});

test('an administrator without a second factor can only set it up', async () => {
  const invitation = ok(
    await admin.post('/api/invitations', {
      email: 'new.admin@school.example',
      name: 'New Admin',
      roles: ['administrator'],
    }),
  );
  ok(await nobody.post('/api/invitations/accept', { token: invitation.token, password: testPassword }));
  const session = await signIn('new.admin@school.example', testPassword);
  expect(session.body).toMatchObject({ secondFactorMissing: true });
  const newAdmin = new Api(server.url, { cookie: cookiesOf(session) });
  expect(await newAdmin.get('/api/staff')).toMatchObject({ status: 403, body: { code: 'SECOND_FACTOR_REQUIRED' } });
  expect(await newAdmin.post('/api/tokens', { name: 'x' })).toMatchObject({ status: 403 });
  expect(ok(await newAdmin.get('/api/session')).secondFactorMissing).toBe(true);
});

test('an invitation works once', async () => {
  const invitation = ok(
    await admin.post('/api/invitations', { email: 'once@school.example', name: 'Once', roles: ['teacher'] }),
  );
  ok(await nobody.post('/api/invitations/accept', { token: invitation.token, password: testPassword }));
  expect(
    await nobody.post('/api/invitations/accept', { token: invitation.token, password: testPassword }),
  ).toMatchObject({ status: 404, body: { code: 'LINK_NOT_VALID' } });
  const revoked = ok(
    await admin.post('/api/invitations', { email: 'revoked@school.example', name: 'Revoked', roles: ['teacher'] }),
  );
  ok(await admin.delete(`/api/invitations/${revoked.id}`));
  expect(await nobody.post('/api/invitations/accept', { token: revoked.token, password: testPassword })).toMatchObject({
    status: 404,
  });
});

test('there is no other way to an account: the library’s own routes are not mounted', async () => {
  for (const path of ['/api/auth/sign-up/email', '/api/auth/sign-in/email', '/api/auth/ok'])
    expect((await nobody.post(path, { email: 'x@school.example', password: testPassword, name: 'x' })).status).toBe(
      404,
    );
});

test('sessions are listed and can be ended one by one', async () => {
  const other = await signIn(teacher.email, testPassword);
  const elsewhere = new Api(server.url, { cookie: cookiesOf(other) });
  const { items } = ok(await elsewhere.get('/api/sessions'));
  expect(items.filter((session: { current: boolean }) => session.current)).toHaveLength(1);
  const current = items.find((session: { current: boolean }) => session.current);
  expect(await admin.delete(`/api/sessions/${current.id}`)).toMatchObject({ status: 404 });
  ok(await teacher.delete(`/api/sessions/${current.id}`));
  expect((await elsewhere.get('/api/session')).status).toBe(401);
});

test('a session keeps no network address, whoever claims one', async () => {
  await nobody.post(
    '/api/session',
    { email: teacher.email, password: testPassword },
    { 'x-forwarded-for': '203.0.113.5' },
  );
  const { database } = server.context.outside;
  expect(await database.read.session.count({ where: { NOT: { OR: [{ ipAddress: null }, { ipAddress: '' }] } } })).toBe(
    0,
  );
});

test('signing out ends the session', async () => {
  const session = await signIn(teacher.email, testPassword);
  const api = new Api(server.url, { cookie: cookiesOf(session) });
  expect((await api.delete('/api/session')).status).toBe(204);
  expect((await api.get('/api/session')).status).toBe(401);
});

test('a disabled account loses its sessions and tokens at once', async () => {
  const leaver = await signedInStaff(server, 'Leaving Soon', ['teacher']);
  const { token } = ok(await leaver.post('/api/tokens', { name: 'cli' }));
  ok(await admin.patch(`/api/staff/${leaver.id}`, { disabled: true }));
  expect((await leaver.get('/api/session')).status).toBe(401);
  expect((await new Api(server.url, { authorization: `Bearer ${token}` }).get('/api/session')).status).toBe(401);
  expect(await signIn(leaver.email, testPassword)).toMatchObject({ status: 401, body: { code: 'SIGN_IN_FAILED' } });
});

test('nobody changes their own roles', async () => {
  expect(await admin.patch(`/api/staff/${admin.id}`, { roles: ['auditor'] })).toMatchObject({ status: 403 });
});
