import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseRoleMapping } from '../../../src/domain/role-mapping.ts';
import { openBeside } from '../../support/another-school.ts';
import { Api, cookiesOf, signedInStaff, testPassword } from '../../support/api.ts';
import { startProvider, type TestProvider, Walker } from '../../support/provider.ts';
import { ok } from '../../support/school.ts';
import { arrivals, startTestServer, type TestServer } from '../../support/server.ts';

let provider: TestProvider;
let server: TestServer;
let admin: Awaited<ReturnType<typeof signedInStaff>>;

beforeAll(async () => {
  provider = await startProvider();
  server = await startTestServer({ WORKER: 'false', ...provider.env, OIDC_LINK_BY_EMAIL: 'true' });
  provider.allow(server.url);
  admin = await signedInStaff(server, 'Ayla Admin', ['administrator']);
});
afterAll(async () => {
  await server?.stop();
  await provider?.stop();
});

/** Somebody new at the provider, with groups. */
function join(login: string, groups: string[] | undefined, more: object = {}) {
  const person = { email: `${login}@school.example`, emailVerified: true, name: `Ms ${login}`, groups, ...more };
  provider.people.set(login, { amr: ['pwd', 'mfa'], ...person });
}
const asApi = (walker: Walker) => new Api(server.url, { cookie: walker.headerFor(server.url) });
const read = () => server.context.outside.database.read;

test('somebody with a group gets an account, a role and a session, and the log says so', async () => {
  join('ada', ['teachers', 'everybody']);
  const ada = new Walker();
  const arrived = await ada.signIn(server.url, 'ada', '/sign-in/provider?to=/lessons');
  expect(arrived).toMatchObject({ status: 200, next: '/lessons' });
  expect(ok(await asApi(ada).get('/api/session'))).toMatchObject({
    secondFactorMissing: false,
    person: { name: 'Ms ada', roles: ['teacher'], ofProvider: true, rolesOfProvider: true, secondFactor: false },
  });
  const sessions = ok(await asApi(ada).get('/api/sessions')).items;
  expect(sessions).toMatchObject([{ factor: 'provider_mfa', current: true }]);
  expect((await arrivals(server, 'staff.provisioned')).at(-1)).toMatchObject({
    details: { by: 'groups', roles: ['teacher'] },
  });
  // The second time it is the same account, whatever its address is now.
  join('ada', ['teachers'], { email: 'ada.new@school.example' });
  expect(await new Walker().signIn(server.url, 'ada')).toMatchObject({ status: 200, next: '/' });
  expect(await read().externalIdentity.count({ where: { subject: 'ada' } })).toBe(1);
  expect(await read().account.count({ where: { email: 'ada.new@school.example' } })).toBe(0);
});

test('roles follow the groups, and whoever has none left is let in no more and loses sessions and tokens', async () => {
  join('berk', ['teachers', 'reviewers']);
  const before = new Walker();
  await before.signIn(server.url, 'berk');
  const token = ok(await asApi(before).post('/api/tokens', { name: 'notebook' })).token as string;
  join('berk', ['cn=auditors,ou=groups', 'teachers']);
  await new Walker().signIn(server.url, 'berk');
  expect((await arrivals(server, 'staff.roles_followed')).at(-1)).toMatchObject({
    details: { by: 'groups', gained: ['auditor'], lost: ['reviewer'] },
  });
  expect(ok(await asApi(before).get('/api/session')).person.roles).toEqual(['teacher', 'auditor']);
  join('berk', ['everybody']);
  const refused = await new Walker().signIn(server.url, 'berk');
  expect(refused).toMatchObject({ status: 401, next: null });
  expect(refused.text).toContain('None of your groups gives you a role here');
  expect((await asApi(before).get('/api/session')).status).toBe(401);
  expect((await new Api(server.url, { authorization: `Bearer ${token}` }).get('/api/session')).status).toBe(401);
  expect((await arrivals(server, 'staff.deprovisioned')).at(-1)).toMatchObject({
    details: { by: 'groups', sessions: 2, tokens: 1 },
  });
  join('berk', ['teachers']);
  expect(await new Walker().signIn(server.url, 'berk')).toMatchObject({ status: 200 });
});

test('an administrator neither changes the roles of whom the provider keeps nor sends a link to a password', async () => {
  join('cem', ['teachers']);
  const cem = new Walker();
  await cem.signIn(server.url, 'cem');
  const { id } = ok(await asApi(cem).get('/api/session')).person;
  for (const answer of [
    await admin.patch(`/api/staff/${id}`, { roles: ['administrator'] }),
    await admin.post(`/api/staff/${id}/password-reset`),
  ])
    expect(answer).toMatchObject({ status: 409, body: { reasons: [{ code: 'ACCOUNT_OF_PROVIDER' }] } });
  // A person who is disabled here stays so, whatever the groups say.
  ok(await admin.patch(`/api/staff/${id}`, { disabled: true }));
  expect((await asApi(cem).get('/api/session')).status).toBe(401);
  expect(await new Walker().signIn(server.url, 'cem')).toMatchObject({ status: 401, next: null });
});

test('an account that was there is linked by its verified address once, and its password goes', async () => {
  const old = await signedInStaff(server, 'Old Hand', ['reviewer']);
  join('old', ['teachers'], { email: old.email });
  const walker = new Walker();
  // Its second factor is still there; the provider asked for two already.
  expect(await walker.signIn(server.url, 'old')).toMatchObject({ status: 200, next: '/' });
  expect(ok(await asApi(walker).get('/api/session')).person).toMatchObject({ id: old.id, roles: ['teacher'] });
  expect((await old.get('/api/session')).status).toBe(401);
  const code = await server.nextCode(old.totpUri!);
  const byPassword = await new Api(server.url).post('/api/session', { email: old.email, password: testPassword, code });
  expect(byPassword.status).toBe(401);
  expect((await arrivals(server, 'staff.linked')).at(-1)).toMatchObject({ details: { by: 'email', sessions: 1 } });
  // Another person with the same address gets nothing.
  join('twin', ['heads'], { email: old.email });
  expect(await new Walker().signIn(server.url, 'twin')).toMatchObject({ status: 401, next: null });
});

test('whom the provider knows by one factor shows another one here', async () => {
  join('dilan', ['teachers'], { amr: ['pwd'] });
  const first = new Walker();
  await first.signIn(server.url, 'dilan');
  expect(ok(await asApi(first).get('/api/session')).secondFactorMissing).toBe(true);
  // Setting one up asks who it is, which the provider says once more.
  expect(await first.signIn(server.url, 'dilan', '/sign-in/confirm')).toMatchObject({ next: '/#provider-confirmed' });
  const { totpUri } = ok(await asApi(first).post('/api/second-factor'));
  ok(await asApi(first).post('/api/second-factor/verify', { code: await server.nextCode(totpUri) }));

  const second = new Walker();
  expect(await second.signIn(server.url, 'dilan')).toMatchObject({ status: 200, next: '/#second-factor' });
  expect((await asApi(second).get('/api/session')).status).toBe(401);
  expect((await asApi(second).post('/api/session/second-factor', { code: '000000' })).status).toBe(401);
  const answer = await asApi(second).post('/api/session/second-factor', { code: await server.nextCode(totpUri) });
  expect(ok(answer)).toMatchObject({ secondFactorMissing: false, codeBesideProvider: true });
  // The cookie of before is worth nothing any more.
  expect((await asApi(second).get('/api/session')).status).toBe(401);
  // What cannot be undone: the provider, and a code, once.
  second.cookies.set(`${new URL(server.url).host} emanet-session`, cookiesOf(answer).replace('emanet-session=', ''));
  server.forward(11 * 60_000);
  const token = { name: 'notebook' };
  expect(await asApi(second).post('/api/tokens', token)).toMatchObject({ body: { code: 'CONFIRMATION_NEEDED' } });
  expect(await second.signIn(server.url, 'dilan', '/sign-in/confirm')).toMatchObject({ next: '/#provider-code' });
  expect(await asApi(second).post('/api/tokens', token)).toMatchObject({ body: { code: 'CONFIRMATION_NEEDED' } });
  const confirmed = await asApi(second).post('/api/session/confirm', { code: await server.nextCode(totpUri) });
  const sure = new Api(server.url, { cookie: cookiesOf(confirmed) });
  ok(await sure.post('/api/tokens', token));
  expect((await sure.post('/api/session/confirm', { code: await server.nextCode(totpUri) })).status).toBe(401);
});

test('what cannot be undone asks the provider again, and a code where it asks for one factor', async () => {
  join('emre', ['teachers']);
  const emre = new Walker();
  await emre.signIn(server.url, 'emre');
  server.forward(11 * 60_000);
  expect(await asApi(emre).post('/api/tokens', { name: 'x' })).toMatchObject({ body: { code: 'CONFIRMATION_NEEDED' } });
  const old = asApi(emre);
  expect(await emre.signIn(server.url, 'emre', '/sign-in/confirm')).toMatchObject({ next: '/#provider-confirmed' });
  ok(await asApi(emre).post('/api/tokens', { name: 'x' }));
  expect((await old.get('/api/session')).status).toBe(401);
  // The provider was told to ask, though it knew who it was.
  expect(emre.visited.filter((url) => url.includes('prompt=login')).length).toBe(1);
});

test('a sign-out at the provider ends the sessions here', async () => {
  join('filiz', ['teachers']);
  const filiz = new Walker();
  await filiz.signIn(server.url, 'filiz');
  expect((await asApi(filiz).get('/api/session')).status).toBe(200);
  await provider.signOut(server.url, 'filiz');
  expect((await asApi(filiz).get('/api/session')).status).toBe(401);
});

test('the last administrator keeps the role, and is not let in without the group', async () => {
  const own = await startTestServer({ WORKER: 'false', ...provider.env });
  try {
    provider.allow(own.url);
    await own.context.outside.database.read.school.create({ data: { name: 'Small School' } });
    join('head', ['heads']);
    const head = new Walker();
    expect(await head.signIn(own.url, 'head')).toMatchObject({ status: 200 });
    join('head', ['teachers']);
    const refused = await new Walker().signIn(own.url, 'head');
    expect(refused.text).toContain('only administrator');
    expect(await own.context.outside.database.read.user.findFirstOrThrow()).toMatchObject({
      roles: ['reviewer', 'administrator'],
    });
    expect((await new Api(own.url, { cookie: head.headerFor(own.url) }).get('/api/session')).status).toBe(401);
  } finally {
    await own.stop();
  }
});

test('with several schools the mapping says which, and a person has in each the roles of their groups', async () => {
  const own = await startTestServer({ WORKER: 'false', ...provider.env });
  try {
    provider.allow(own.url);
    await own.context.outside.database.read.school.create({ data: { name: 'First School' } });
    const there = await openBeside(own, 'Another School');
    const [firstId = ''] = await own.context.outside.schools.list();
    const text = `teachers=teacher@${firstId}; teachers=reviewer@${there.schoolId}; heads=administrator@${there.schoolId}`;
    Object.assign(own.context.outside.signOn ?? {}, { mapping: parseRoleMapping(text).mapping });
    join('gul', ['teachers']);
    const gul = new Walker();
    await gul.signIn(own.url, 'gul');
    const session = ok(await new Api(own.url, { cookie: gul.headerFor(own.url) }).get('/api/session'));
    expect(session.schools.map(({ name }: { name: string }) => name)).toEqual(['Another School', 'First School']);
    const { id } = session.person;
    const rolesIn = async ({ database }: typeof own.context.outside) =>
      (await database.read.user.findFirstOrThrow({ where: { id } })).roles;
    expect(await rolesIn(own.context.outside)).toEqual(['teacher']);
    expect(await rolesIn(there.context.outside)).toEqual(['reviewer']);
    // One school takes its roles away, and the other one stays.
    join('gul', ['heads']);
    const again = new Walker();
    expect(await again.signIn(own.url, 'gul')).toMatchObject({ status: 200 });
    expect(await rolesIn(own.context.outside)).toEqual([]);
    expect(await rolesIn(there.context.outside)).toEqual(['administrator']);
    expect((await new Api(own.url, { cookie: again.headerFor(own.url) }).get('/api/staff')).status).toBe(200);
  } finally {
    await own.stop();
  }
});

test('a server without a provider says so, and settings that do not fit stop the start', async () => {
  await expect(startTestServer({ ...provider.env, OIDC_ROLES: 'teachers=techer' })).rejects.toThrow(
    'OIDC_ROLES: entry 1 (teachers=techer): there is no role “techer”',
  );
  const elsewhere = 'OIDC_ROLES: the entry of teachers names a school that is not there';
  const roles = 'teachers=teacher@00000000-0000-4000-8000-000000000000';
  await expect(startTestServer({ ...provider.env, OIDC_ROLES: roles })).rejects.toThrow(elsewhere);
  await expect(startTestServer({ OIDC_CLIENT_ID: 'emanet' })).rejects.toThrow('OIDC_CLIENT_ID needs OIDC_ISSUER');
  await expect(startTestServer({ ...provider.env, OIDC_ISSUER: 'http://id.school.example' })).rejects.toThrow(
    'in the clear',
  );
});
