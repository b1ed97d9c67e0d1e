import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../../src/cli/run.ts';
import { Api } from '../../support/api.ts';
import { ownEnvironment } from '../../support/process.ts';
import { startProvider, type TestProvider, Walker } from '../../support/provider.ts';
import { ok } from '../../support/school.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let provider: TestProvider;
let server: TestServer;
let folder: string;

beforeAll(async () => {
  provider = await startProvider();
  server = await startTestServer({ WORKER: 'false', ...provider.env, LOCAL_SIGN_IN: 'off' });
  provider.allow(server.url);
  await server.context.outside.database.read.school.create({ data: { name: 'Test School' } });
  folder = await mkdtemp(join(tmpdir(), 'emanet-cli-'));
  for (const login of ['ada', 'one'])
    provider.people.set(login, {
      email: `${login}@school.example`,
      name: login,
      groups: ['heads'],
      amr: login === 'one' ? ['pwd'] : ['pwd', 'mfa'],
    });
});
afterAll(async () => {
  await server?.stop();
  await provider?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Follows the link on the page that asks whether the command line may sign in. */
async function letIn(walker: Walker, callback: string): Promise<string> {
  const answer = await walker.fetch(callback);
  const page = await answer.text();
  const link = /href="(http:\/\/127\.0\.0\.1:\d+\/[^"]*)"/.exec(page)?.[1]?.replaceAll('&amp;', '&');
  if (link === undefined) throw new Error(`no link: ${answer.status} ${page}`);
  expect(answer.headers.get('refresh')).toBeNull();
  return link;
}

/** Runs a command; whenever it names an address, somebody opens that in their browser and signs in. */
async function emanet(login: string, args: readonly string[], walker = new Walker()) {
  let [out, err] = ['', ''];
  const pending: Promise<unknown>[] = [];
  const heard = (take: (text: string) => void) =>
    new Writable({
      write(piece: Buffer, _, done) {
        take(piece.toString('utf8'));
        done();
      },
    });
  const stderr = heard((text) => {
    err += text;
    const path = /\/sign-in\/command-line\?\S+/.exec(text)?.[0];
    if (path === undefined) return;
    const walk = async () => fetch(await letIn(walker, await walker.toCallback(server.url, login, path)));
    pending.push(walk());
  });
  const env = {
    ...ownEnvironment,
    LANG: 'en_GB.UTF-8',
    XDG_CONFIG_HOME: join(folder, login),
    EMANET_SERVER: server.url,
  };
  const status = await run(args, { stdin: Readable.from([]), stdout: heard((text) => (out += text)), stderr, env });
  await Promise.all(pending);
  return { status, out, err };
}

test('signs in without a password, and works in a session for what a token cannot do', async () => {
  expect(await emanet('ada', ['sign-in', '--browser'])).toMatchObject({ status: 0 });
  expect((await emanet('ada', ['whoami'])).out).toContain('ada@school.example');
  const closed = await emanet('ada', ['staff', 'list']);
  expect(closed, closed.err).toMatchObject({ status: 0 });
  const password = await emanet('ada', ['sign-in', '--email', 'ada@school.example', '--password-file', '/dev/null']);
  expect(password).toMatchObject({ status: 1 });
});

test('asks for a code where the provider asks for one factor', async () => {
  const walker = new Walker();
  await walker.signIn(server.url, 'one', '/sign-in/provider');
  await walker.signIn(server.url, 'one', '/sign-in/confirm');
  const api = new Api(server.url, { cookie: walker.headerFor(server.url) });
  const { totpUri } = ok(await api.post('/api/second-factor'));
  ok(await api.post('/api/second-factor/verify', { code: await server.nextCode(totpUri) }));
  expect((await emanet('one', ['sign-in', '--browser'])).err).toContain('--code');
  const code = await server.nextCode(totpUri);
  const signedIn = await emanet('one', ['sign-in', '--browser', '--code', code]);
  expect(signedIn, signedIn.err).toMatchObject({ status: 0 });
});

test('what passes through the address is worth nothing to others, and counts once', async () => {
  const nobody = new Api(server.url);
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const state = randomBytes(16).toString('base64url');
  const begin = (port: number | string) =>
    `/sign-in/command-line?${new URLSearchParams({ port: String(port), challenge, state })}`;
  for (const port of [22, 0, 70_000, '8080@evil.example', '8080/../', ''])
    expect((await new Walker().fetch(server.url + begin(port))).status, String(port)).toBe(400);
  const walker = new Walker();
  const link = new URL(await letIn(walker, await walker.toCallback(server.url, 'ada', begin(8_080))));
  // The browser asked the person, though the provider knew them; and it got no session of its own.
  expect(walker.visited.some((url) => url.includes('prompt=login'))).toBe(true);
  expect(walker.headerFor(server.url)).toBe('');
  expect(link.origin).toBe('http://127.0.0.1:8080');
  expect(link.searchParams.get('state')).toBe(state);
  const code = link.searchParams.get('code') ?? '';
  const take = (body: object) => nobody.post('/api/session/provider', body);
  const other = randomBytes(32).toString('base64url');
  expect((await take({ code, verifier: other })).status).toBe(401);
  expect((await take({ code: `${code.slice(0, -4)}AAAA`, verifier })).status).toBe(401);
  expect((await take({ code: verifier, verifier })).status).toBe(401);
  const both = await Promise.all([take({ code, verifier }), take({ code, verifier })]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
  expect((await take({ code, verifier })).status).toBe(401);

  const late = new URL(await letIn(walker, await walker.toCallback(server.url, 'ada', begin(8_080))));
  server.forward(6 * 60_000);
  expect((await take({ code: late.searchParams.get('code') ?? '', verifier })).status).toBe(401);
});
