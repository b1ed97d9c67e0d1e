import { afterAll, beforeAll, expect, test } from 'vitest';
import { totpAt } from '../../src/demo/totp.ts';
import { Api, confirmAgain, cookiesOf, signedInStaff, testPassword } from '../support/api.ts';
import { createSchool, ok, type School } from '../support/school.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let school: School;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
});
afterAll(() => server?.stop());

test('what cannot be undone asks for a proof of the last ten minutes', async () => {
  const stolen = new Api(server.url, { ...school.admin.headers });
  server.forward(11 * 60_000);
  const wanted: [string, string, unknown][] = [
    ['POST', '/api/second-factor', undefined],
    ['DELETE', '/api/second-factor', undefined],
    ['POST', '/api/second-factor/backup-codes', undefined],
    ['POST', '/api/passkeys/options', undefined],
    ['POST', '/api/tokens', { name: 'thief' }],
    ['POST', '/api/invitations', { email: 'thief@school.example', name: 'Thief', roles: ['administrator'] }],
    ['PATCH', `/api/staff/${school.teacher.id}`, { disabled: true }],
    ['POST', `/api/staff/${school.teacher.id}/password-reset`, undefined],
    ['POST', `/api/staff/${school.teacher.id}/second-factor-reset`, undefined],
    ['PATCH', '/api/school', { secondFactorRoles: [] }],
  ];
  for (const [method, path, body] of wanted)
    expect(await stolen.request(method, path, body), `${method} ${path}`).toMatchObject({
      status: 403,
      body: { code: 'CONFIRMATION_NEEDED' },
    });
  expect(await stolen.post('/api/session/confirm', { password: testPassword })).toMatchObject({
    status: 403,
    body: { code: 'SECOND_FACTOR_REQUIRED' },
  });
  await confirmAgain(server, school.admin);
  ok(await school.admin.patch('/api/school', { secondFactorRoles: ['teacher', 'reviewer'] }));
  // What the owner did does not help the thief: the session goes on under another cookie.
  expect((await stolen.get('/api/session')).status).toBe(401);
});

test('a confirmed session does not confirm another one of the same person', async () => {
  const code = await server.nextCode(school.otherAdmin.totpUri!);
  const answer = await new Api(server.url).post('/api/session', {
    email: school.otherAdmin.email,
    password: testPassword,
    code,
  });
  ok(answer);
  // The older one was opened before the clock went on.
  expect(await school.otherAdmin.post('/api/tokens', { name: 'x' })).toMatchObject({
    status: 403,
    body: { code: 'CONFIRMATION_NEEDED' },
  });
});

test('one administrator alone takes nobody’s second factor away, whichever way round', async () => {
  await confirmAgain(server, school.admin);
  await confirmAgain(server, school.otherAdmin);
  const own = await school.admin.post(`/api/staff/${school.admin.id}/second-factor-reset`);
  expect(own.status).toBe(403);
  const reset = ok(await school.admin.post(`/api/staff/${school.otherAdmin.id}/second-factor-reset`));
  expect((await school.admin.post(`/api/staff/${school.otherAdmin.id}/second-factor-reset`)).status).toBe(409);
  const confirm = (by: Api) => by.post(`/api/second-factor-resets/${reset.id}/confirm`);
  expect(await confirm(school.admin)).toMatchObject({ status: 403, body: { code: 'SAME_PERSON' } });
  expect(await confirm(school.otherAdmin)).toMatchObject({ status: 403, body: { code: 'SAME_PERSON' } });
  expect((await confirm(school.auditor)).status).toBe(403);
  expect((await school.otherAdmin.get('/api/session')).status).toBe(200);
  const third = await signedInStaff(server, 'Third Admin', ['administrator']);
  ok(await third.delete(`/api/second-factor-resets/${reset.id}`));
  expect((await confirm(third)).status).toBe(409);
});

test('what a disabled administrator asked for or handed out is worth nothing', async () => {
  const leaving = await signedInStaff(server, 'Leaving Admin', ['administrator']);
  const { url } = ok(await leaving.post(`/api/staff/${school.teacher.id}/password-reset`));
  const reset = ok(await leaving.post(`/api/staff/${school.reviewer.id}/second-factor-reset`));
  ok(await school.admin.patch(`/api/staff/${leaving.id}`, { disabled: true }));
  const token = url.split('=')[1];
  expect(
    (await school.nobody.post('/api/password-reset/finish', { token, password: 'chosen by the thief, long' })).status,
  ).toBe(404);
  expect((await school.admin.post(`/api/second-factor-resets/${reset.id}/confirm`)).status).toBe(409);
});

test('a session that was opened with a password alone is worth nothing once there is a second factor', async () => {
  const invitation = ok(
    await school.admin.post('/api/invitations', { email: 'new@school.example', name: 'New One', roles: ['reviewer'] }),
  );
  ok(await school.nobody.post('/api/invitations/accept', { token: invitation.token, password: testPassword }));
  const session = async () => {
    const answer = await school.nobody.post('/api/session', { email: 'new@school.example', password: testPassword });
    ok(answer);
    return new Api(server.url, { cookie: cookiesOf(answer) });
  };
  const [thief, owner] = [await session(), await session()];
  const { totpUri } = ok(await owner.post('/api/second-factor'));
  ok(await owner.post('/api/second-factor/verify', { code: totpAt(totpUri, server.context.outside.clock()) }));
  expect((await thief.get('/api/session')).status).toBe(401);
  expect((await owner.get('/api/recordings')).status).toBe(200);
});
