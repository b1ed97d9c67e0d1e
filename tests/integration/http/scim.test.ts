import { afterAll, beforeAll, expect, test } from 'vitest';
import { Api, signedInStaff, testPassword } from '../../support/api.ts';
import { startProvider, type TestProvider, Walker } from '../../support/provider.ts';
import { ok } from '../../support/school.ts';
import { patchOf, scimClient } from '../../support/scim.ts';
import { arrivals, startTestServer, type TestServer } from '../../support/server.ts';

let provider: TestProvider;
let server: TestServer;
let admin: Awaited<ReturnType<typeof signedInStaff>>;
let scim: Awaited<ReturnType<typeof scimClient>>;

beforeAll(async () => {
  provider = await startProvider();
  server = await startTestServer({ WORKER: 'false', ...provider.env, OIDC_LINK_BY_EMAIL: 'true' });
  provider.allow(server.url);
  admin = await signedInStaff(server, 'Ayla Admin', ['administrator']);
  scim = await scimClient(server.url, admin);
});
afterAll(async () => {
  await server?.stop();
  await provider?.stop();
});

const userOf = (login: string, more: object = {}) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  userName: `${login}@school.example`,
  externalId: `id-${login}`,
  name: { givenName: 'Ada', familyName: login },
  emails: [{ value: `${login}@school.example`, type: 'work', primary: true }],
  active: true,
  ...more,
});
const rolesOf = async (id: string) =>
  (await server.context.outside.database.read.user.findFirstOrThrow({ where: { id } })).roles;
/** Somebody provisioned, in these groups at the provider too, signed in there. */
async function signInAs(login: string, groups?: string[]) {
  provider.people.set(login, { email: `${login}@school.example`, emailVerified: true, groups, amr: ['mfa'] });
  const walker = new Walker();
  const { status } = await walker.signIn(server.url, login);
  return { status, api: new Api(server.url, { cookie: walker.headerFor(server.url) }) };
}

test('the server says what it can do', async () => {
  const config = await scim.get('/ServiceProviderConfig');
  expect(config.headers.get('content-type')).toContain('application/scim+json');
  expect(ok(config)).toMatchObject({ patch: { supported: true }, filter: { supported: true, maxResults: 100 } });
  expect(ok(await scim.get('/ResourceTypes')).Resources.map(({ endpoint }: { endpoint: string }) => endpoint)).toEqual([
    '/Users',
    '/Groups',
  ]);
  expect(ok(await scim.get('/Schemas')).totalResults).toBe(2);
  expect(ok(await scim.get('/Schemas/urn:ietf:params:scim:schemas:core:2.0:User')).name).toBe('User');
  expect((await scim.get('/Schemas/x')).status).toBe(404);
});

test('a person is made, found, changed, put into groups, and signs in with the roles of these', async () => {
  const made = await scim.post('/Users', userOf('bora'));
  expect(made).toMatchObject({
    status: 201,
    body: { userName: 'bora@school.example', externalId: 'id-bora', active: true, displayName: 'Ada bora', groups: [] },
  });
  const { id } = made.body;
  expect(made.body.meta.location).toBe(`${server.url}/scim/v2/Users/${id}`);
  expect((await scim.post('/Users', userOf('bora'))).body).toMatchObject({ status: '409', scimType: 'uniqueness' });
  for (const filter of ['userName eq "BORA@school.example"', 'externalId eq "id-bora"', `id eq "${id}"`])
    expect(ok(await scim.get(`/Users?filter=${encodeURIComponent(filter)}`)), filter).toMatchObject({
      totalResults: 1,
      Resources: [{ id }],
    });
  expect(await rolesOf(id)).toEqual([]);

  const group = ok(await scim.post('/Groups', { displayName: 'teachers', members: [{ value: id }] }));
  expect(await rolesOf(id)).toEqual(['teacher']);
  // The provider says nothing of groups at the sign-in: those of SCIM stand.
  const bora = await signInAs('bora');
  expect(bora.status).toBe(200);
  expect(ok(await bora.api.get('/api/session')).person).toMatchObject({ id, roles: ['teacher'], ofProvider: true });
  expect(ok(await scim.get(`/Users/${id}`)).groups).toEqual([{ value: group.id, display: 'teachers' }]);

  ok(await scim.patch(`/Groups/${group.id}`, patchOf({ op: 'replace', path: 'displayName', value: 'reviewers' })));
  expect(await rolesOf(id)).toEqual(['reviewer']);
  ok(await scim.put(`/Users/${id}`, userOf('bora', { name: { formatted: 'Bora B.' } })));
  expect(ok(await bora.api.get('/api/session')).person.name).toBe('Bora B.');
  expect((await arrivals(server, 'staff.profile_followed')).at(-1)).toMatchObject({ details: { fields: ['name'] } });
  const leaves = { op: 'Remove', path: `members[value eq "${id}"]` };
  ok(await scim.patch(`/Groups/${group.id}`, patchOf(leaves)));
  expect(await rolesOf(id)).toEqual([]);
  expect((await bora.api.get('/api/session')).status).toBe(401);
  ok(await scim.patch(`/Groups/${group.id}`, patchOf({ op: 'Add', path: 'members', value: [{ value: id }] })));
  expect(ok(await scim.get(`/Groups/${group.id}`)).members).toEqual([{ value: id, display: 'bora@school.example' }]);
  expect(ok(await scim.get('/Groups?excludedAttributes=members')).Resources[0].members).toBeUndefined();
  expect((await scim.delete(`/Groups/${group.id}`)).status).toBe(204);
  expect(await rolesOf(id)).toEqual([]);
});

test('whoever is set inactive or deleted is out at once, and the log says what ended', async () => {
  const { id } = ok(await scim.post('/Users', userOf('ceren')));
  const joins = patchOf({ op: 'add', path: 'members', value: [{ value: id }] });
  const { id: groupId } = ok(await scim.post('/Groups', { displayName: 'teachers' }));
  ok(await scim.patch(`/Groups/${groupId}`, joins));
  const ceren = await signInAs('ceren');
  const { token } = ok(await ceren.api.post('/api/tokens', { name: 'notebook' }));
  ok(await scim.patch(`/Users/${id}`, patchOf({ op: 'Replace', path: 'active', value: 'False' })));
  expect((await ceren.api.get('/api/session')).status).toBe(401);
  expect((await new Api(server.url, { authorization: `Bearer ${token}` }).get('/api/session')).status).toBe(401);
  expect((await arrivals(server, 'staff.deprovisioned')).at(-1)).toMatchObject({
    details: { by: 'scim', sessions: 1, tokens: 1 },
  });
  expect((await signInAs('ceren')).status).toBe(401);
  ok(await scim.patch(`/Users/${id}`, patchOf({ op: 'replace', value: { active: true } })));
  expect((await signInAs('ceren')).status).toBe(200);
  // An administrator's no stands, however often the provider repeats its yes.
  ok(await admin.patch(`/api/staff/${id}`, { disabled: true }));
  ok(await scim.put(`/Users/${id}`, userOf('ceren')));
  expect((await signInAs('ceren')).status).toBe(401);
  ok(await admin.patch(`/api/staff/${id}`, { disabled: false }));
  expect((await signInAs('ceren')).status).toBe(200);
  expect((await scim.delete(`/Users/${id}`)).status).toBe(204);
  expect((await scim.get(`/Users/${id}`)).status).toBe(404);
  expect((await signInAs('ceren')).status).toBe(401);
  // Made again, it is the same account.
  expect(ok(await scim.post('/Users', userOf('ceren'))).id).toBe(id);
  ok(await scim.patch(`/Groups/${groupId}`, joins));
  expect((await signInAs('ceren')).status).toBe(200);
});

test('neither the last administrator nor the account for emergencies is taken away', async () => {
  expect((await scim.post('/Users', userOf('ayla.admin', { active: false }))).body).toMatchObject({ status: '409' });
  const { id } = ok(await scim.post('/Users', userOf('ayla.admin')));
  expect(id).toBe(admin.id);
  const refused = await scim.delete(`/Users/${id}`);
  expect(refused.body).toMatchObject({ status: '409', scimType: 'mutability' });
  expect(refused.body.detail).toContain('only administrator');
  const inactive = patchOf({ op: 'replace', path: 'active', value: false });
  expect((await scim.patch(`/Users/${id}`, inactive)).status).toBe(409);
  const heads = ok(await scim.post('/Groups', { displayName: 'heads', members: [{ value: id }] }));
  expect((await scim.delete(`/Groups/${heads.id}`)).status).toBe(409);
  expect(await rolesOf(id)).toContain('administrator');
  // Taken over, the password of before signs in no more.
  const code = await server.nextCode(admin.totpUri!);
  const before = { email: admin.email, password: testPassword, code };
  expect((await new Api(server.url).post('/api/session', before)).status).toBe(401);
});

test('lists come in pages, and no longer than a hundred', async () => {
  const { database } = server.context.outside;
  const at = new Date();
  const ids = Array.from({ length: 130 }, (_, n) => ({ id: `many-${n}`, email: `many-${n}@school.example` }));
  await database.read.account.createMany({ data: ids });
  await database.read.user.createMany({ data: ids.map(({ id }) => ({ id, name: id, providedAt: at })) });
  await database.read.scimUser.createMany({
    data: ids.map(({ id, email }) => ({ userId: id, userName: email, active: true, createdAt: at, updatedAt: at })),
  });
  const all = await database.read.scimUser.count();
  expect(ok(await scim.get('/Users?count=5000'))).toMatchObject({ totalResults: all, itemsPerPage: 100 });
  expect(ok(await scim.get('/Users?startIndex=101'))).toMatchObject({ itemsPerPage: all - 100, startIndex: 101 });
  expect(ok(await scim.get('/Users?startIndex=-3&count=0'))).toMatchObject({ startIndex: 1, Resources: [] });
});
