import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api, signedInStaff } from '../support/api.ts';
import { type Forgery, startForgingProvider } from '../support/forging-provider.ts';
import { startProvider, type TestProvider, Walker } from '../support/provider.ts';
import { ok } from '../support/school.ts';
import { arrivals, startTestServer, type TestServer } from '../support/server.ts';

let provider: TestProvider;
let server: TestServer;
let admin: Awaited<ReturnType<typeof signedInStaff>>;

beforeAll(async () => {
  provider = await startProvider();
  server = await startTestServer({ WORKER: 'false', ...provider.env, OIDC_LINK_BY_EMAIL: 'true' });
  provider.allow(server.url);
  admin = await signedInStaff(server, 'Ayla Admin', ['administrator']);
  for (const login of ['ada', 'mallory'])
    provider.people.set(login, {
      email: `${login}@school.example`,
      emailVerified: true,
      name: login,
      groups: ['teachers'],
      amr: ['pwd', 'mfa'],
    });
});
afterAll(async () => {
  await server?.stop();
  await provider?.stop();
});

/** Nobody is signed in by what a browser brings, and the page says why. */
async function expectRefused(answer: Response, says: string): Promise<void> {
  expect(answer.status).toBe(401);
  expect(await answer.text()).toContain(says);
  expect(answer.headers.getSetCookie().filter((cookie) => /session=[^;]/.test(cookie))).toEqual([]);
  expect(answer.headers.get('refresh')).toBeNull();
}
const journey = 'not begun in this browser';

test('an address with which somebody came back counts once, in the browser that began', async () => {
  const ada = new Walker();
  const callback = await ada.toCallback(server.url, 'ada');
  const kept = ada.headerFor(server.url);
  // Of another browser, which began nothing.
  await expectRefused(await new Walker().fetch(callback), journey);
  // Of another browser, which began something else: login CSRF. Mallory makes Ada's browser open what Mallory began.
  const mallory = new Walker();
  const hers = await mallory.toCallback(server.url, 'mallory');
  const victim = new Walker();
  await victim.toCallback(server.url, 'ada');
  await expectRefused(await victim.fetch(hers), journey);
  // Once in its own browser; a copy of the cookie and the address does not work a second time.
  expect((await ada.fetch(callback)).status).toBe(200);
  await expectRefused(await fetch(callback, { headers: { cookie: kept, 'accept-language': 'en' } }), 'Begin again');
});

test('a state, a code or a cookie that was made up is refused', async () => {
  const ada = new Walker();
  const callback = new URL(await ada.toCallback(server.url, 'ada'));
  const cookie = ada.headerFor(server.url);
  const open = (change: (url: URL) => void, header = cookie) => {
    const url = new URL(callback);
    change(url);
    return fetch(url, { headers: { cookie: header, 'accept-language': 'en' } });
  };
  await expectRefused(await open((url) => url.searchParams.set('state', 'x'.repeat(43))), journey);
  await expectRefused(await open((url) => url.searchParams.delete('state')), journey);
  const [name, value = ''] = cookie.split('=');
  const changed = (value[60] === 'A' ? 'B' : 'A') + value.slice(61);
  await expectRefused(await open(() => {}, `${name}=${value.slice(0, 60)}${changed}`), journey);
  await expectRefused(
    await open(() => {}, `${name}=${Buffer.from('{"state":"a"}'.repeat(9)).toString('base64url')}`),
    journey,
  );
  // The answer names another issuer (mix-up, RFC 9207), or none.
  await expectRefused(await open((url) => url.searchParams.set('iss', 'https://evil.example')), 'not valid');
  await expectRefused(await open((url) => url.searchParams.delete('iss')), 'not valid');
  await expectRefused(
    await open((url) => url.searchParams.set('code', `${url.searchParams.get('code')}x`)),
    'not valid',
  );
  await expectRefused(await open((url) => url.searchParams.append('code', 'second')), 'not valid');
  await expectRefused(
    await open((url) => {
      url.searchParams.delete('code');
      url.searchParams.set('error', '<script>alert(1)</script>');
    }),
    'did not let you through',
  );
});

test('a code of somebody else, put into one’s own journey, is refused', async () => {
  const ada = new Walker();
  const hers = new URL(await ada.toCallback(server.url, 'ada'));
  const mallory = new Walker();
  const own = new URL(await mallory.toCallback(server.url, 'mallory'));
  own.searchParams.set('code', hers.searchParams.get('code') ?? '');
  await expectRefused(await mallory.fetch(own.href), 'not valid');
});

test('an address that is not verified, or is somebody’s who is linked, gives no account of an administrator', async () => {
  provider.people.set('impostor', {
    email: admin.email,
    emailVerified: false,
    name: 'Ayla Admin',
    groups: ['teachers'],
  });
  const walker = new Walker();
  await expectRefused(await walker.fetch(await walker.toCallback(server.url, 'impostor')), 'no account here');
  provider.people.set('impostor', { email: admin.email, name: 'Ayla Admin', groups: ['heads'] });
  const again = new Walker();
  await expectRefused(await again.fetch(await again.toCallback(server.url, 'impostor')), 'no account here');
  expect((await admin.get('/api/session')).status).toBe(200);
  // Counted by the minute: a stranger does not fill the log.
  expect((await arrivals(server, 'staff.sign_in_failed')).length).toBe(0);
});

test('the page to go on with is one of ours', async () => {
  for (const to of [
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/%2f/evil.example',
    '/;url=https://evil.example',
    '/@evil.example',
    '/\r\nSet-Cookie: a=b',
    'javascript:alert(1)',
    '/./../x',
  ]) {
    const walker = new Walker();
    const { next } = await walker.signIn(server.url, 'ada', `/sign-in/provider?to=${encodeURIComponent(to)}`);
    expect(next, to).toBe('/');
  }
  const walker = new Walker();
  const twice = await walker.signIn(server.url, 'ada', '/sign-in/provider?to=/a&to=https://evil.example');
  expect(twice.next).toBe('/');
});

test('a confirmation by somebody else, or without signing in again, confirms nothing', async () => {
  const ada = new Walker();
  await ada.signIn(server.url, 'ada');
  const session = new Api(server.url, { cookie: ada.headerFor(server.url) });
  server.forward(11 * 60_000);
  ada.forget(provider.issuer);
  await expectRefused(
    await ada.fetch(await ada.toCallback(server.url, 'mallory', '/sign-in/confirm')),
    'Somebody else signed in',
  );
  // A browser that is signed in at the provider already is asked again: coming back from a sign-in does not confirm.
  await ada.signIn(server.url, 'ada');
  expect(await session.post('/api/tokens', { name: 'x' })).toMatchObject({ body: { code: 'CONFIRMATION_NEEDED' } });
  // Nobody begins a confirmation without the session, and an API token is none.
  expect((await new Walker().fetch(`${server.url}/sign-in/confirm`)).status).toBe(401);
  // A code alone confirms nothing: the provider was not asked before.
  expect(await session.post('/api/session/confirm', { code: '123456' })).toMatchObject({ status: 401 });
  expect(await admin.post('/api/session/confirm', { code: await server.nextCode(admin.totpUri!) })).toMatchObject({
    status: 401,
  });
});

test('a session that waits for the second factor opens nothing, and one that does not is not finished', async () => {
  provider.people.set('one', { email: 'one@school.example', name: 'One', groups: ['heads'], amr: ['pwd'] });
  const first = new Walker();
  await first.signIn(server.url, 'one');
  await first.signIn(server.url, 'one', '/sign-in/confirm');
  const api = () => new Api(server.url, { cookie: first.headerFor(server.url) });
  const { totpUri } = ok(await api().post('/api/second-factor'));
  ok(await api().post('/api/second-factor/verify', { code: await server.nextCode(totpUri) }));
  expect(await api().post('/api/session/second-factor', { code: await server.nextCode(totpUri) })).toMatchObject({
    status: 401,
    body: { code: 'NOT_SIGNED_IN' },
  });
  const stolen = new Walker();
  await stolen.signIn(server.url, 'one');
  const waiting = new Api(server.url, { cookie: stolen.headerFor(server.url) });
  for (const path of ['/api/session', '/api/staff', '/api/second-factor', '/api/home'])
    expect((await waiting.get(path)).status, path).toBe(401);
  expect((await stolen.fetch(`${server.url}/sign-in/confirm`)).status).toBe(401);
  // Guesses are counted for the address, as those of a password are.
  for (let i = 0; i < 5; i++) await waiting.post('/api/session/second-factor', { code: '000000' });
  const locked = await waiting.post('/api/session/second-factor', { code: await server.nextCode(totpUri) });
  expect(locked.status).toBe(401);
});

test('a stranger who begins two hundred sign-ins keeps nothing here, and nobody out', async () => {
  const db = server.context.outside.database.read;
  // Failures of the tests before are written down together, some time later.
  const entries = { NOT: { canonical: { contains: 'staff.sign_in_failed' } } };
  const counted = async () => [
    await db.usedChallenge.count(),
    await db.session.count(),
    await db.auditArrival.count({ where: entries }),
  ];
  const before = await counted();
  const begun = await Promise.all(
    Array.from({ length: 200 }, () => fetch(`${server.url}/sign-in/provider`, { redirect: 'manual' })),
  );
  expect(begun.every(({ status }) => status === 303)).toBe(true);
  expect(await counted()).toEqual(before);
  expect(await new Walker().signIn(server.url, 'ada')).toMatchObject({ status: 200 });
});

describe('tokens that a provider must not get away with', () => {
  let forging: Awaited<ReturnType<typeof startForgingProvider>>;
  let other: TestServer;
  beforeAll(async () => {
    forging = await startForgingProvider();
    other = await startTestServer({ WORKER: 'false', ...provider.env, OIDC_ISSUER: forging.issuer });
    await other.context.outside.database.read.school.create({ data: { name: 'Test School' } });
  });
  afterAll(async () => {
    await other?.stop();
    await forging?.stop();
  });
  const comeBack = async (forgery: Forgery) => {
    const walker = new Walker();
    const begun = await walker.fetch(`${other.url}/sign-in/provider`);
    const authorization = begun.headers.get('location') ?? '';
    forging.forge(forgery, authorization);
    const state = new URL(authorization).searchParams.get('state') ?? '';
    const query = new URLSearchParams({ code: 'c', state, iss: forging.issuer });
    return walker.fetch(`${other.url}/sign-in/callback?${query}`);
  };
  const past = Math.floor(Date.now() / 1000) - 3_600;

  test('the honest one signs in', async () => {
    expect((await comeBack({})).status).toBe(200);
  });
  test.each<[string, Forgery]>([
    ['another nonce', { claims: { nonce: 'another' } }],
    ['no nonce', { claims: { nonce: undefined } }],
    ['another audience', { claims: { aud: 'another-client' } }],
    ['several audiences and another authorized party', { claims: { aud: ['emanet', 'x'], azp: 'x' } }],
    ['another issuer', { claims: { iss: 'https://evil.example' } }],
    ['no signature (alg none)', { header: { alg: 'none' }, unsigned: true }],
    ['no signature under the name of one', { unsigned: true }],
    ['a foreign key', { foreignKey: true }],
    ['a symmetric algorithm', { header: { alg: 'HS256' } }],
    ['an end in the past', { claims: { exp: past, iat: past - 60 } }],
    ['no subject', { claims: { sub: undefined } }],
    ['a subject that is no text', { claims: { sub: { id: 1 } } }],
    ['an error', { answer: { status: 400, body: '{"error":"invalid_grant"}' } }],
    ['no token', { answer: { status: 200, body: '{"access_token":"a","token_type":"Bearer"}' } }],
  ])('%s', async (_, forgery) => {
    await expectRefused(await comeBack(forgery), 'not valid');
  });
  test('a sign-out at the provider ends sessions here; one that is not its own ends none', async () => {
    const session = async () => {
      const walker = new Walker();
      const begun = await walker.fetch(`${other.url}/sign-in/provider`);
      const authorization = begun.headers.get('location') ?? '';
      forging.forge({}, authorization);
      const state = new URL(authorization).searchParams.get('state') ?? '';
      const query = new URLSearchParams({ code: 'c', state, iss: forging.issuer });
      await walker.fetch(`${other.url}/sign-in/callback?${query}`);
      return new Api(other.url, { cookie: walker.headerFor(other.url) });
    };
    const signOut = (logout_token: string) =>
      fetch(`${other.url}/sign-in/backchannel-logout`, { method: 'POST', body: new URLSearchParams({ logout_token }) });
    const mallory = await session();
    expect((await mallory.get('/api/session')).status).toBe(200);
    const old = Math.floor(Date.now() / 1000) - 3_600;
    const forgeries: Forgery[] = [
      { unsigned: true, header: { alg: 'none' } },
      { unsigned: true },
      { foreignKey: true },
      { header: { alg: 'HS256' } },
      { claims: { aud: 'another-client' } },
      { claims: { iss: 'https://evil.example' } },
      { claims: { iat: old, exp: old + 60 } },
      { claims: { iat: undefined } },
      { claims: { jti: undefined } },
      { claims: { nonce: 'an ID token has one' } },
      { claims: { events: undefined } },
      { claims: { events: { 'https://evil.example': {} } } },
      { claims: { sub: undefined } },
    ];
    for (const forged of forgeries)
      expect((await signOut(forging.signOut(forged))).status, JSON.stringify(forged)).toBe(400);
    for (const token of ['', 'x', 'a.b.c', 'x'.repeat(40_000)])
      expect([400, 413]).toContain((await signOut(token)).status);
    expect((await signOut(forging.signOut({ claims: { sub: 'somebody else' } }))).status).toBe(200);
    expect((await signOut(forging.signOut({ claims: { sid: 'another-session' } }))).status).toBe(200);
    expect((await mallory.get('/api/session')).status).toBe(200);

    const token = forging.signOut({ claims: { sid: 'session-1', sub: undefined } });
    expect((await signOut(token)).status).toBe(200);
    expect((await mallory.get('/api/session')).status).toBe(401);
    // With the one that the honest token opened.
    expect((await arrivals(other, 'staff.session_revoked')).at(-1)).toMatchObject({ details: { sessions: 2 } });
    // The same token again ends nothing of what began since.
    const next = await session();
    expect((await signOut(token)).status).toBe(400);
    expect((await next.get('/api/session')).status).toBe(200);
    expect((await signOut(forging.signOut({}))).status).toBe(200);
    expect((await next.get('/api/session')).status).toBe(401);
  });
  test('an answer without an end, or of a provider that is down, is a plain sentence', async () => {
    for (const answer of [
      { status: 200, body: 'x'.repeat(600 * 1024) },
      { status: 503, body: '{}' },
    ]) {
      const said = await comeBack({ answer });
      expect(said.status).toBe(503);
      expect(await said.text()).toContain('does not answer');
    }
  });
});
