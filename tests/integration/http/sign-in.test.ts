import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { totpAt } from '../../../src/demo/totp.ts';
import { Api, cookiesOf, signedInStaff, testPassword } from '../../support/api.ts';
import { ok } from '../../support/school.ts';
import { arrivals, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let nobody: Api;
let admin: Awaited<ReturnType<typeof signedInStaff>>;
let teacher: Awaited<ReturnType<typeof signedInStaff>>;
const otherPassword = 'another one, test only and long';

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  nobody = new Api(server.url);
  admin = await signedInStaff(server, 'Ayla Admin', ['administrator']);
  teacher = await signedInStaff(server, 'Tuna Teacher', ['teacher']);
});
afterAll(() => server?.stop());

const signIn = (email: string, password: string, code?: string) =>
  nobody.post('/api/session', { email, password, ...(code ? { code } : {}) });
const withCode = async (person: { email: string; totpUri: string | null }, password = testPassword) =>
  signIn(person.email, password, await server.nextCode(person.totpUri!));
const asSession = (answer: Awaited<ReturnType<typeof signIn>>) =>
  new Api(server.url, { cookie: cookiesOf({ ...answer, body: ok(answer) }) });

test('an unknown address, a wrong password, a wrong code and a disabled account get the same answer', async () => {
  const gone = await signedInStaff(server, 'Gone Away', ['teacher']);
  ok(await admin.patch(`/api/staff/${gone.id}`, { disabled: true }));
  const answers = [
    await signIn(teacher.email, 'a wrong password'),
    await signIn('nobody@school.example', 'a wrong password'),
    await signIn(teacher.email, testPassword, '000000'),
    await withCode(gone),
  ];
  for (const { status, body } of answers)
    expect({ status, code: body.code, reasons: body.reasons }).toEqual({
      status: 401,
      code: 'SIGN_IN_FAILED',
      reasons: answers[0]!.body.reasons,
    });
});

test('a right password without its code does not count as a failure', async () => {
  const slow = await signedInStaff(server, 'Slow Typist', ['teacher']);
  for (let i = 0; i < 7; i++)
    expect(await signIn(slow.email, testPassword)).toMatchObject({
      status: 403,
      body: { code: 'SECOND_FACTOR_REQUIRED', reasons: [{ code: 'CODE_NEEDED' }] },
    });
  expect((await withCode(slow)).status).toBe(200);
});

test('everybody needs a second factor by default, and a school may ask it of administrators and auditors alone', async () => {
  const invitation = ok(
    await admin.post('/api/invitations', { email: 'fresh@school.example', name: 'Fresh Face', roles: ['teacher'] }),
  );
  ok(await nobody.post('/api/invitations/accept', { token: invitation.token, password: testPassword }));
  const fresh = asSession(await signIn('fresh@school.example', testPassword));
  expect(ok(await fresh.get('/api/session')).secondFactorMissing).toBe(true);
  expect(await fresh.get('/api/lessons')).toMatchObject({ status: 403, body: { code: 'SECOND_FACTOR_REQUIRED' } });
  const { school } = server.context.outside.database.read;
  const { id, secondFactorRoles } = await school.findFirstOrThrow();
  await school.update({ where: { id }, data: { secondFactorRoles: [] } });
  expect(ok(await fresh.get('/api/session')).secondFactorMissing).toBe(false);
  expect((await fresh.get('/api/lessons')).status).toBe(200);
  await school.update({ where: { id }, data: { secondFactorRoles } });
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
  const newAdmin = asSession(session);
  expect(await newAdmin.get('/api/staff')).toMatchObject({ status: 403, body: { code: 'SECOND_FACTOR_REQUIRED' } });
  expect(await newAdmin.post('/api/tokens', { name: 'x' })).toMatchObject({ status: 403 });
  expect(ok(await newAdmin.get('/api/session')).secondFactorMissing).toBe(true);
});

test('a backup code stands in for the authenticator, once', async () => {
  const lost = await signedInStaff(server, 'Lost Phone', ['auditor']);
  const [backup, other] = lost.backupCodes;
  expect(await signIn(lost.email, testPassword, backup)).toMatchObject({ status: 200 });
  expect(await signIn(lost.email, testPassword, backup)).toMatchObject({ status: 401 });
  // As people type it.
  expect(await signIn(lost.email, testPassword, other!.toLowerCase().replaceAll('-', ' '))).toMatchObject({
    status: 200,
  });
  expect(ok(await lost.get('/api/second-factor'))).toEqual({ authenticator: true, passkeys: 0, backupCodes: 8 });
});

test('new backup codes take the place of the old ones', async () => {
  const careful = await signedInStaff(server, 'Careful One', ['teacher']);
  const { backupCodes } = ok(await careful.post('/api/second-factor/backup-codes'));
  expect(await signIn(careful.email, testPassword, careful.backupCodes[0])).toMatchObject({ status: 401 });
  expect(await signIn(careful.email, testPassword, backupCodes[0])).toMatchObject({ status: 200 });
});

test('an authenticator is replaced only once the new one shows its code, and the last factor stays', async () => {
  const mover = await signedInStaff(server, 'New Phone', ['reviewer', 'auditor']);
  const begun = ok(await mover.post('/api/second-factor'));
  expect((await withCode(mover)).status).toBe(200);
  ok(await mover.post('/api/second-factor/verify', { code: totpAt(begun.totpUri, server.context.outside.clock()) }));
  expect((await withCode(mover)).status).toBe(401);
  expect((await withCode({ ...mover, totpUri: begun.totpUri })).status).toBe(200);
  expect(await mover.delete('/api/second-factor')).toMatchObject({
    status: 409,
    body: { reasons: [{ code: 'LAST_FACTOR' }] },
  });
});

test('an invitation works once, and again after a password that was not good enough', async () => {
  const invitation = ok(
    await admin.post('/api/invitations', { email: 'once@school.example', name: 'Once', roles: ['teacher'] }),
  );
  const accept = (password: string) => nobody.post('/api/invitations/accept', { token: invitation.token, password });
  expect(await accept('passwordpassword')).toMatchObject({
    status: 400,
    body: { reasons: [{ code: 'PASSWORD_BREACHED' }] },
  });
  ok(await accept(testPassword));
  expect(await accept(testPassword)).toMatchObject({ status: 404, body: { code: 'LINK_NOT_VALID' } });
  const revoked = ok(
    await admin.post('/api/invitations', { email: 'revoked@school.example', name: 'Revoked', roles: ['teacher'] }),
  );
  ok(await admin.delete(`/api/invitations/${revoked.id}`));
  expect(await nobody.post('/api/invitations/accept', { token: revoked.token, password: testPassword })).toMatchObject({
    status: 404,
  });
});

test('there is no other way to an account', async () => {
  for (const path of ['/api/auth/sign-up/email', '/api/auth/sign-in/email', '/api/users', '/api/register'])
    expect((await nobody.post(path, { email: 'x@school.example', password: testPassword, name: 'x' })).status).toBe(
      404,
    );
});

describe('a password', () => {
  test('is changed by its owner, and everything else that was signed in ends', async () => {
    const owner = await signedInStaff(server, 'Password Owner', ['teacher']);
    const { token } = ok(await owner.post('/api/tokens', { name: 'cli' }));
    const elsewhere = asSession(await withCode(owner));
    const change = (password: string, newPassword: string) =>
      owner.put('/api/session/password', { password, newPassword });
    expect(await change('not my password', otherPassword)).toMatchObject({ status: 401 });
    for (const [bad, why] of [
      ['Password Owner 12', 'PASSWORD_CONTEXT'],
      ['qwertyuiop1234', 'PASSWORD_BREACHED'],
      ['aaaaaaaaaaaaaaaa', 'PASSWORD_GUESSABLE'],
    ] as const)
      expect(await change(testPassword, bad)).toMatchObject({ status: 400, body: { reasons: [{ code: why }] } });
    expect((await change(testPassword, 'too short')).status).toBe(400);
    const changed = await change(testPassword, otherPassword);
    ok(changed);
    owner.headers.cookie = cookiesOf(changed);
    expect((await elsewhere.get('/api/session')).status).toBe(401);
    expect((await new Api(server.url, { authorization: `Bearer ${token}` }).get('/api/session')).status).toBe(401);
    expect((await owner.get('/api/session')).status).toBe(200);
    expect((await withCode(owner)).status).toBe(401);
    expect((await withCode(owner, otherPassword)).status).toBe(200);
  });

  test('is hashed again at sign-in when it was hashed with less', async () => {
    const old = await signedInStaff(server, 'Old Hash', ['teacher']);
    const { read } = server.context.outside.database;
    const weak = `$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$${await weakTag(testPassword, 'somesaltsomesalt')}`;
    await read.password.update({ where: { accountId: old.id }, data: { hash: weak } });
    expect((await withCode(old)).status).toBe(200);
    const { hash } = await read.password.findUniqueOrThrow({ where: { accountId: old.id } });
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect((await withCode(old)).status).toBe(200);
  });

  test('without a mail server is renewed by an administrator’s link, once, and the second factor stays', async () => {
    const forgetful = await signedInStaff(server, 'Forgetful One', ['teacher']);
    expect(await nobody.post('/api/password-reset', { email: forgetful.email })).toMatchObject({
      status: 409,
      body: { reasons: [{ code: 'NO_MAIL_SERVER' }] },
    });
    const { url } = ok(await admin.post(`/api/staff/${forgetful.id}/password-reset`));
    const token = url.split('#new-password=')[1];
    const finish = (password: string) => nobody.post('/api/password-reset/finish', { token, password });
    expect((await finish('passwordpassword')).status).toBe(400);
    ok(await finish(otherPassword));
    expect(await finish(otherPassword)).toMatchObject({ status: 404 });
    expect((await forgetful.get('/api/session')).status).toBe(401);
    expect((await signIn(forgetful.email, otherPassword)).status).toBe(403);
    expect((await withCode(forgetful, otherPassword)).status).toBe(200);
    expect(await arrivals(server, 'staff.password_reset')).toMatchObject([
      { action: 'staff.password_reset_issued' },
      { action: 'staff.password_reset' },
    ]);
  });
});

async function weakTag(password: string, salt: string): Promise<string> {
  const { argon2Sync } = await import('node:crypto');
  const options = {
    message: password,
    nonce: Buffer.from(salt),
    memory: 8192,
    passes: 1,
    parallelism: 1,
    tagLength: 32,
  };
  return argon2Sync('argon2id', options).toString('base64').replaceAll('=', '');
}

test('a second factor is reset by two administrators, and its owner sets up a new one', async () => {
  const other = await signedInStaff(server, 'Onur Admin', ['administrator']);
  const lost = await signedInStaff(server, 'Lost Everything', ['auditor']);
  const reset = ok(await admin.post(`/api/staff/${lost.id}/second-factor-reset`));
  expect((await lost.get('/api/session')).status).toBe(200);
  expect(ok(await other.get('/api/second-factor-resets')).items).toMatchObject([{ id: reset.id, userId: lost.id }]);
  ok(await other.post(`/api/second-factor-resets/${reset.id}/confirm`));
  expect((await lost.get('/api/session')).status).toBe(401);
  expect((await signIn(lost.email, testPassword)).body).toMatchObject({ secondFactorMissing: true });
});

test('sessions are listed and ended, one’s own and, by an administrator, somebody else’s', async () => {
  const elsewhere = asSession(await withCode(teacher));
  const { items } = ok(await elsewhere.get('/api/sessions'));
  expect(items.filter((session: { current: boolean }) => session.current)).toHaveLength(1);
  const current = items.find((session: { current: boolean }) => session.current);
  expect(current).toMatchObject({ factor: 'authenticator' });
  expect(await admin.delete(`/api/sessions/${current.id}`)).toMatchObject({ status: 404 });
  ok(await teacher.delete(`/api/sessions/${current.id}`));
  expect((await elsewhere.get('/api/session')).status).toBe(401);

  const again = asSession(await withCode(teacher));
  const theirs = ok(await admin.get(`/api/staff/${teacher.id}/sessions`)).items;
  expect(await teacher.get(`/api/staff/${admin.id}/sessions`)).toMatchObject({ status: 403 });
  ok(await admin.delete(`/api/staff/${teacher.id}/sessions/${theirs[0].id}`));
  expect((await again.get('/api/session')).status).toBe(401);
});

test('signing out ends the session', async () => {
  const leaver = await signedInStaff(server, 'Leaving Now', ['teacher']);
  expect((await leaver.delete('/api/session')).status).toBe(204);
  expect((await leaver.get('/api/session')).status).toBe(401);
});

test('a disabled account loses its sessions and tokens at once', async () => {
  const leaver = await signedInStaff(server, 'Leaving Soon', ['teacher']);
  const { token } = ok(await leaver.post('/api/tokens', { name: 'cli' }));
  ok(await admin.patch(`/api/staff/${leaver.id}`, { disabled: true }));
  expect((await leaver.get('/api/session')).status).toBe(401);
  expect((await new Api(server.url, { authorization: `Bearer ${token}` }).get('/api/session')).status).toBe(401);
  expect(await withCode(leaver)).toMatchObject({ status: 401, body: { code: 'SIGN_IN_FAILED' } });
});

test('nobody changes their own roles', async () => {
  expect(await admin.patch(`/api/staff/${admin.id}`, { roles: ['auditor'] })).toMatchObject({ status: 403 });
});

test('five failures lock the address, known or not, and the right password does not help', async () => {
  const locked = await signedInStaff(server, 'Locked Out', ['teacher']);
  for (const email of [locked.email, 'stranger@school.example'])
    for (let i = 0; i < 5; i++) await signIn(email, 'wrong wrong wrong');
  const answers = [await withCode(locked), await signIn('stranger@school.example', testPassword)];
  expect(answers.map(({ status, body }) => ({ status, code: body.code }))).toEqual(
    Array(2).fill({ status: 401, code: 'SIGN_IN_FAILED' }),
  );
  const rows = await server.context.outside.database.read.signInFailure.count({
    where: { lockedUntil: { not: null } },
  });
  expect(rows).toBe(2);
  server.forward(15 * 60_000 + 1);
  expect((await withCode(locked)).status).toBe(200);
});
