import { afterAll, beforeAll, expect, test } from 'vitest';
import { mustHave } from '../../src/domain/must-have.ts';
import { giveAuthority } from '../../src/pipeline/staff/give-authority.ts';
import { openBeside } from '../support/another-school.ts';
import { Api, signedInStaff } from '../support/api.ts';
import { signedInAuthority } from '../support/authority.ts';
import { startProvider, type TestProvider } from '../support/provider.ts';
import { ok } from '../support/school.ts';
import { patchOf, scimClient } from '../support/scim.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let provider: TestProvider;
let server: TestServer;
let admin: Awaited<ReturnType<typeof signedInStaff>>;
let scim: Awaited<ReturnType<typeof scimClient>>;
let there: Awaited<ReturnType<typeof openBeside>>;
let thereScim: Awaited<ReturnType<typeof scimClient>>;

beforeAll(async () => {
  provider = await startProvider();
  server = await startTestServer({ WORKER: 'false', ...provider.env });
  admin = await signedInStaff(server, 'Ayla Admin', ['administrator']);
  scim = await scimClient(server.url, admin);
  there = await openBeside(server, 'Another School');
  thereScim = await scimClient(server.url, await signedInStaff(there, 'Oya Admin', ['administrator']));
});
afterAll(async () => {
  await server?.stop();
  await provider?.stop();
});

test('a token of another school sees and changes nobody here', async () => {
  const { id } = ok(await scim.post('/Users', { userName: 'ada@school.example' }));
  const group = ok(await scim.post('/Groups', { displayName: 'teachers', members: [{ value: id }] }));
  expect(ok(await thereScim.get('/Users')).totalResults).toBe(0);
  expect(ok(await thereScim.get('/Groups')).totalResults).toBe(0);
  const off = patchOf({ op: 'replace', path: 'active', value: false });
  for (const answer of [
    await thereScim.get(`/Users/${id}`),
    await thereScim.patch(`/Users/${id}`, off),
    await thereScim.put(`/Users/${id}`, { userName: 'x@school.example', active: false }),
    await thereScim.delete(`/Users/${id}`),
    await thereScim.patch(`/Groups/${group.id}`, patchOf({ op: 'remove', path: 'members' })),
    await thereScim.delete(`/Groups/${group.id}`),
  ])
    expect(answer).toMatchObject({ status: 404, body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'] } });
  expect((await thereScim.post('/Groups', { displayName: 'g', members: [{ value: id }] })).status).toBe(400);
  // A person of both schools: neither takes the account over, changes its address, or ends what it has in the other one.
  const joined = ok(await thereScim.post('/Users', { userName: 'ada@school.example' }));
  expect(joined.id).toBe(id);
  const address = { userName: 'ada@school.example', emails: [{ value: 'thief@evil.example' }] };
  expect((await thereScim.put(`/Users/${id}`, address)).status).toBe(409);
  expect((await thereScim.delete(`/Users/${id}`)).status).toBe(204);
  expect(await server.context.outside.database.read.user.findFirstOrThrow({ where: { id } })).toMatchObject({
    disabledAt: null,
    roles: ['teacher'],
  });
});

test('somebody who was here before is not taken over unless the operator allows it', async () => {
  const teacher = await signedInStaff(server, 'Tuna Teacher', ['teacher']);
  const answer = await scim.post('/Users', { userName: teacher.email });
  expect(answer).toMatchObject({ status: 409, body: { scimType: 'uniqueness' } });
  expect((await teacher.get('/api/session')).status).toBe(200);
});

test('an authority is neither taken over nor given another address, and groups neither make one nor take the role', async () => {
  const byOperator = { status: 403, body: { detail: expect.stringContaining('by the operator of the server alone') } };
  const authority = await signedInAuthority(server);
  const signOn = mustHave(server.context.outside.signOn, 'provider');
  Object.assign(signOn, { linksByEmail: true });
  try {
    expect(await scim.post('/Users', { userName: authority.email })).toMatchObject(byOperator);
  } finally {
    Object.assign(signOn, { linksByEmail: false });
  }
  expect((await authority.get('/api/schools')).status).toBe(200);
  // Somebody whom the provider knows, whom the operator makes one.
  const { id } = ok(await scim.post('/Users', { userName: 'kurum@school.example' }));
  const { outside } = server.context;
  const operator = { actor: { kind: 'system', id: 'setup' } } as const;
  await giveAuthority(outside, operator, { email: 'kurum@school.example', name: 'Kurum' });
  const address = { userName: 'kurum@school.example', emails: [{ value: 'thief@evil.example' }] };
  expect(await scim.put(`/Users/${id}`, address)).toMatchObject(byOperator);
  const rolesNow = async () => (await outside.database.read.user.findFirstOrThrow({ where: { id } })).roles;
  const group = ok(await scim.post('/Groups', { displayName: 'authority', members: [{ value: id }] }));
  expect(await rolesNow()).toEqual(['authority']);
  ok(await scim.patch(`/Groups/${group.id}`, patchOf({ op: 'replace', path: 'displayName', value: 'reviewers' })));
  ok(await scim.patch(`/Groups/${group.id}`, patchOf({ op: 'remove', path: 'members' })));
  ok(await scim.delete(`/Groups/${group.id}`));
  expect(await rolesNow()).toEqual(['authority']);
});

test('each door takes its own key', async () => {
  const { token: apiToken } = ok(await admin.post('/api/tokens', { name: 'x', scopes: ['read', 'write'] }));
  const scimToken = scim.headers.authorization ?? '';
  // A token of SCIM on the API: nobody.
  for (const path of ['/api/session', '/api/staff', '/api/audit', '/api/scim-tokens'])
    expect((await new Api(server.url, { authorization: scimToken }).get(path)).status, path).toBe(401);
  // A session, an API token, nothing and a guess on SCIM: nobody.
  for (const headers of [
    { cookie: admin.headers.cookie ?? '' },
    { authorization: `Bearer ${apiToken}` },
    {},
    { authorization: `Bearer ems_${'x'.repeat(43)}` },
    { authorization: scimToken.replace('Bearer', 'Basic') },
  ])
    for (const path of ['/Users', '/Groups', '/ServiceProviderConfig']) {
      const answer = await new Api(`${server.url}/scim/v2`, headers).get(path);
      expect(answer).toMatchObject({ status: 401, body: { status: '401' } });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
  // Only administrators make tokens, with a fresh proof; a revoked one is worth nothing at once.
  const teacher = await signedInStaff(server, 'Tolga Teacher', ['teacher']);
  expect((await teacher.post('/api/scim-tokens', { name: 'x' })).status).toBe(403);
  expect((await teacher.get('/api/scim-tokens')).status).toBe(403);
  const second = await scimClient(server.url, admin);
  expect((await admin.delete(`/api/scim-tokens/${second.tokenId}`)).status).toBe(204);
  expect((await second.get('/Users')).status).toBe(401);
  expect((await admin.delete(`/api/scim-tokens/${second.tokenId}`)).status).toBe(404);
});

test('huge bodies, odd filters and odd values are refused in the form of SCIM, and change nothing', async () => {
  const before = ok(await scim.get('/Users')).totalResults;
  const filters = [
    'userName eq "a" or userName pr',
    `userName eq "${'a'.repeat(5_000)}"`,
    'password eq "x"',
    'userName eq "a\u0000"',
    'userName sw "a"',
    '('.repeat(300),
    `${'userName eq '.repeat(30)}"`,
  ];
  for (const filter of filters)
    expect(await scim.get(`/Users?filter=${encodeURIComponent(filter)}`), filter.slice(0, 40)).toMatchObject({
      status: 400,
      body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'] },
    });
  const huge = await scim.post('/Users', { userName: 'a@b.example', note: 'x'.repeat(600 * 1024) });
  expect(huge).toMatchObject({ status: 413, body: { status: '413' } });
  const strange = [
    {},
    [],
    { userName: 7 },
    { userName: '' },
    { userName: 'no address' },
    { userName: 'a@b.example', emails: [{ value: 'x' }] },
    { userName: 'a@b.example', emails: [{ value: 'a@b.example, c@d.example' }] },
    { userName: 'a@b.example', active: 'perhaps' },
    { userName: 'a\u0000@b.example' },
    { userName: `${'a'.repeat(300)}@b.example` },
  ];
  for (const body of strange)
    expect((await scim.post('/Users', body)).status, JSON.stringify(body).slice(0, 60)).toBe(400);
  const members = Array.from({ length: 6_000 }, () => ({ value: 'x' }));
  expect((await scim.post('/Groups', { displayName: 'many', members })).status).toBe(400);
  const many = patchOf(...Array.from({ length: 1_001 }, () => ({ op: 'add', path: 'members', value: [] })));
  const { id } = ok(await scim.post('/Groups', { displayName: 'some' }));
  expect((await scim.patch(`/Groups/${id}`, many)).status).toBe(400);
  expect((await scim.patch(`/Groups/${id}`, patchOf({ op: 'copy', path: 'members' }))).status).toBe(400);
  expect((await scim.patch(`/Groups/${id}`, patchOf({ op: 'add', path: '__proto__.x', value: 1 }))).status).toBe(400);
  expect((await scim.get('/Groups/not-an-id')).status).toBe(404);
  expect((await scim.get('/Bulk')).status).toBe(404);
  const bad = await fetch(`${scim.url}/Users`, {
    method: 'POST',
    headers: { ...scim.headers, 'content-type': 'application/scim+json' },
    body: '{"userName":',
  });
  expect([bad.status, await bad.json()]).toMatchObject([400, { scimType: 'invalidSyntax' }]);
  expect(ok(await scim.get('/Users')).totalResults).toBe(before);
});

test('a provider that changes two groups of one person at once leaves the roles of both', async () => {
  const { id } = ok(await scim.post('/Users', { userName: 'berna@school.example' }));
  const groups = await Promise.all(
    ['reviewers', 'cn=auditors,ou=groups'].map(async (displayName) => ok(await scim.post('/Groups', { displayName }))),
  );
  const join = patchOf({ op: 'add', path: 'members', value: [{ value: id }] });
  const answers = await Promise.all(groups.map((group) => scim.patch(`/Groups/${group.id}`, join)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(await server.context.outside.database.read.user.findFirstOrThrow({ where: { id } })).toMatchObject({
    roles: ['reviewer', 'auditor'],
  });
});
