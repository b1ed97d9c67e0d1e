import { randomUUID } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createContext } from '../../src/assembly/context.ts';
import { type RunningServer, startServer } from '../../src/assembly/server.ts';
import type { Route } from '../../src/contract/route.ts';
import { type RouteId, routes } from '../../src/contract/routes.ts';
import { openBeside } from '../support/another-school.ts';
import { Api, testPassword } from '../support/api.ts';
import { type Authority, newSchool, signedInAuthority } from '../support/authority.ts';
import { eventually } from '../support/eventually.ts';
import { createReleased } from '../support/released.ts';
import { createPermittedLesson, createSchool, ok, type School } from '../support/school.ts';
import { arrivals, startTestServer, type TestServer } from '../support/server.ts';

/** Served with the role of web, which may do no more than it has to. */
let server: TestServer;
let beside: Awaited<ReturnType<typeof openBeside>>;
let first: School;
let second: School;
let authority: Authority;
let owner: pg.Client;
let released: Awaited<ReturnType<typeof createReleased>>;

beforeAll(async () => {
  server = await startTestServer({ MAX_RECORDING_BYTES: '200000000', WORKER: 'false' }, { role: 'web' });
  first = await createSchool(server);
  beside = await openBeside(server, 'İkinci Okul');
  second = await createSchool(beside, ' Beside');
  authority = await signedInAuthority(server);
  released = await createReleased(server, first);
  owner = new pg.Client({ connectionString: server.database.ownerUrl });
  await owner.connect();
});
afterAll(async () => {
  await owner?.end();
  await server?.stop();
});

const firstId = async () => (await server.context.outside.schools.list())[0]!;
const doors = (id: string) =>
  [
    ['GET', '/api/schools'],
    ['POST', '/api/schools/recovery-keys'],
    ['POST', '/api/schools'],
    ['POST', `/api/schools/${id}/close`],
    ['POST', `/api/schools/${id}/reopen`],
  ] as const;

describe('schools are listed, opened and closed by nobody else', () => {
  const closed = async (api: Api, status: 401 | 403) => {
    for (const [method, path] of doors(beside.schoolId)) {
      const answer = await api.request(method, path, method === 'GET' ? undefined : {});
      expect({ path, status: answer.status }).toEqual({ path, status });
    }
  };
  test.each(['admin', 'otherAdmin', 'teacher', 'reviewer', 'auditor'] as const)('by %s of no school', async (name) => {
    await closed(first[name], 403);
    await closed(second[name], 403);
  });
  test('by a stranger, and a guardian or a viewer, who has no session', async () => {
    await closed(new Api(server.url), 401);
    await closed(new Api(server.url, { authorization: `Bearer ${'x'.repeat(43)}` }), 401);
  });
  test('by no API token, that of an authority neither', async () => {
    for (const person of [first.admin, first.teacher, first.auditor, second.admin, authority]) {
      const { token } = ok(
        await person.post('/api/tokens', { name: 'x', scopes: ['read', 'write', 'audit'], days: 1 }),
      );
      await closed(new Api(server.url, { authorization: `Bearer ${token}` }), 403);
    }
  });
  test('by no page of another site', async () => {
    const elsewhere = { origin: 'https://elsewhere.example' };
    expect(await authority.post(`/api/schools/${beside.schoolId}/close`, {}, elsewhere)).toMatchObject({ status: 403 });
  });
});

describe('an administrator of the first school', () => {
  const byOperator = { status: 403, body: { reasons: [{ code: 'AUTHORITY_BY_OPERATOR' }] } };

  test('makes nobody an authority', async () => {
    const invitation = { email: 'me.too@school.example', name: 'Me', roles: ['authority'], days: 1 };
    const refused = await first.admin.post('/api/invitations', invitation);
    expect(refused).toMatchObject(byOperator);
    expect(refused.body.reasons[0].text).toBe(
      'The role “authority” is given and taken away by the operator of the server alone (npm run setup -- --authority).',
    );
    const roles = ['administrator', 'authority'];
    expect(await first.admin.patch(`/api/staff/${first.otherAdmin.id}`, { roles })).toMatchObject(byOperator);
    expect(await first.admin.patch(`/api/staff/${first.admin.id}`, { roles })).toMatchObject({ status: 403 });
    expect(await second.admin.patch(`/api/staff/${second.teacher.id}`, { roles })).toMatchObject(byOperator);
    expect(await first.admin.patch('/api/school', { secondFactorRoles: ['authority'] })).toMatchObject({ status: 400 });
  });

  test('neither gets in by the account of an authority nor locks it out', async () => {
    const at = `/api/staff/${authority.id}`;
    for (const body of [{ roles: ['teacher'] }, { disabled: true }])
      expect(await first.admin.patch(at, body)).toMatchObject(byOperator);
    expect(await first.admin.post(`${at}/password-reset`)).toMatchObject(byOperator);
    expect(await first.admin.post(`${at}/second-factor-reset`)).toMatchObject(byOperator);
    // What the school gives is the school's.
    const both = ok(await first.admin.patch(at, { roles: ['authority', 'auditor'] }));
    expect(both.roles).toEqual(['authority', 'auditor']);
    ok(await first.admin.patch(at, { roles: ['authority'] }));
    expect(await authority.get('/api/schools')).toMatchObject({ status: 200 });
  });
});

describe('an authority', () => {
  test('sees figures of each school, and nobody’s name', async () => {
    const { items, mayOpen } = ok(await authority.get('/api/schools'));
    expect(mayOpen).toBe(true);
    expect(items).toMatchObject([
      { id: await firstId(), name: 'Test School', isFirst: true, recordings: 1, closedAt: null, takenOutAt: null },
      {
        id: beside.schoolId,
        name: 'İkinci Okul',
        isFirst: false,
        staff: 6,
        recordings: 0,
        bytes: 0,
        lastUploadAt: null,
      },
    ]);
    for (const item of items)
      expect(Object.keys(item).toSorted()).toEqual([
        'bytes',
        'closedAt',
        'id',
        'isFirst',
        'lastUploadAt',
        'name',
        'openedAt',
        'recordings',
        'staff',
        'takenOutAt',
      ]);
  });

  const all = (Object.entries(routes) as [RouteId, Route][]).filter(
    ([, { access }]) => typeof access.to === 'object' && access.to.authority === undefined,
  );
  test('reads no media, person, permission or log of any school, the first one neither', async () => {
    const known: Record<string, string> = {
      lessonId: released.lesson.id,
      recordingId: released.recordingId,
      releaseId: released.releaseId,
      courseId: released.lesson.lesson.courseId,
      userId: first.teacher.id,
      language: 'tr',
      jobKind: 'check-recording',
    };
    for (const [id, route] of all) {
      const path = route.path.replace(/:(\w+)/g, (_, name: string) => known[name] ?? randomUUID());
      const hasBody = !['get', 'head', 'options', 'delete'].includes(route.method) && !route.form;
      const answer = await authority.request(route.method.toUpperCase(), path, hasBody ? {} : undefined, {
        ...(route.path.includes('/uploads') ? { 'tus-resumable': '1.0.0' } : {}),
      });
      expect({ id, status: answer.status }).toEqual({ id, status: 403 });
    }
    expect(all.length).toBeGreaterThan(150);
  });

  test('finds no school by a guess, and closes neither the first one nor one that went elsewhere', async () => {
    for (const guess of [randomUUID(), first.teacher.id, released.recordingId])
      for (const verb of ['close', 'reopen'])
        expect(await authority.post(`/api/schools/${guess}/${verb}`)).toMatchObject({ status: 404 });
    for (const nonsense of ['x', `${beside.schoolId}'--`, '0'.repeat(10_000)])
      expect((await authority.post(`/api/schools/${nonsense}/close`)).status).toBeOneOf([400, 404]);
    expect(await authority.post(`/api/schools/${await firstId()}/close`)).toMatchObject({
      status: 409,
      body: { reasons: [{ text: 'The first school stands for the installation and cannot be closed.' }] },
    });
    expect(await authority.post(`/api/schools/${await firstId()}/reopen`)).toMatchObject({
      status: 409,
      body: { reasons: [{ code: 'SCHOOL_OPEN_ALREADY' }] },
    });
    const gone = await openBeside(server, 'Gezgin Okulu');
    await owner.query('UPDATE school SET "takenOutAt" = now(), "closedAt" = now() WHERE id = $1', [gone.schoolId]);
    for (const verb of ['close', 'reopen'])
      expect(await authority.post(`/api/schools/${gone.schoolId}/${verb}`)).toMatchObject({
        status: 409,
        body: { reasons: [{ code: 'SCHOOL_TAKEN_OUT' }] },
      });
  });

  test('has to have shown who they are in the last minutes', async () => {
    const own = await signedInAuthority(server, 'Sessiz Kurum');
    await server.context.outside.database.read.session.updateMany({
      where: { userId: own.id },
      data: { confirmedAt: new Date(0) },
    });
    for (const [method, path] of doors(beside.schoolId).slice(2)) {
      const body = await newSchool(own, 'Onaysız');
      expect(await own.request(method, path, body)).toMatchObject({ body: { code: 'CONFIRMATION_NEEDED' } });
    }
  });
});

describe('a school that is opened', () => {
  test('has a sensible name and a key that everything can be sealed to', async () => {
    const good = await newSchool(authority, 'İyi Okul');
    const key = ok(await authority.post('/api/schools/recovery-keys'));
    for (const wrong of [
      { name: 'x'.repeat(10_000) },
      { name: '   ' },
      { name: 'a\u0000b' },
      { rules: 'us' },
      { recoveryKey: 'nonsense' },
      { recoveryKey: key.publicKey.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA') },
      { recoveryKey: key.publicKey + good.recoveryKey },
      { recoveryKey: 'x'.repeat(100_000) },
      { administrator: { email: 'nobody', name: 'x' } },
      { administrator: { email: 'a@b.example', name: 'x'.repeat(10_000) } },
    ]) {
      const answer = await authority.post('/api/schools', { ...good, ...wrong });
      expect({ wrong, status: answer.status }).toEqual({ wrong, status: expect.toBeOneOf([400, 413]) });
    }
    expect(ok(await authority.get('/api/schools')).items.map(({ name }: { name: string }) => name)).not.toContain(
      'İyi Okul',
    );
  });

  test('is opened once, however many ask at once', async () => {
    const bodies = await Promise.all(Array.from({ length: 4 }, () => newSchool(authority, 'Aynı Okul')));
    const before = await readdir(join(server.home, 'schools'));
    const answers = await Promise.all(bodies.map((body) => authority.post('/api/schools', body)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
      reasons: [{ code: 'SCHOOL_NAME_TAKEN', text: 'There is a school of this name already.' }],
    });
    expect((await readdir(join(server.home, 'schools'))).length).toBe(before.length + 1);
  });

  test('is served by a process that was there before, its private keys stay where they belong, and both logs say who', async () => {
    const context = await createContext({ ...server.context.config, PORT: 0, BASE_URL: undefined });
    const other: RunningServer = await startServer(context, { runsJobs: false });
    try {
      const { privateKey } = ok(await authority.post('/api/schools/recovery-keys'));
      // The wrong half: nothing of it but the other one is kept.
      const body = { ...(await newSchool(authority, 'Yeni Okul')), recoveryKey: privateKey };
      const { id, invitationUrl } = ok(await authority.post('/api/schools', body));
      const keys = join(server.home, 'schools', id, 'keys');
      expect((await readdir(keys)).toSorted()).toEqual([
        'recovery.public.asc',
        'vault.private.asc',
        'vault.public.asc',
      ]);
      expect(await readFile(join(keys, 'recovery.public.asc'), 'utf8')).toMatch(/^-----BEGIN PGP PUBLIC KEY BLOCK/);

      const api = new Api(other.url);
      const token = /#invitation=(\S+)/.exec(invitationUrl)?.[1];
      const joined = await api.post('/api/invitations/accept', { token, password: testPassword, language: 'en' });
      expect(ok(joined).roles).toEqual(['administrator']);
      const session = await api.post('/api/session', { email: 'head@new.example', password: testPassword });
      expect(ok(session).school).toEqual({ id, name: 'Yeni Okul' });
      expect(await context.outside.schools.list()).toContain(id);

      const there = await server.context.outside.schools.of(id);
      const rows = await there.database.read.auditArrival.findMany({ orderBy: { arrival: 'asc' } });
      const entries = rows.map(({ canonical }) => JSON.parse(canonical));
      expect(entries.slice(0, 3).map(({ action, actor }) => [action, actor.id])).toEqual([
        ['school.opened', 'authority'],
        ['school.changed', 'authority'],
        ['staff.invited', 'authority'],
      ]);
      const said = JSON.stringify(entries);
      for (const secret of [authority.id, authority.email, 'Aylin']) expect(said).not.toContain(secret);
      const opened = (await arrivals(server, 'school.opened')).find(({ object }) => object?.id === id);
      expect(opened).toMatchObject({ actor: { kind: 'staff' }, outcome: 'done', details: { again: false } });
    } finally {
      await other.stop();
    }
  });
});

describe('a school that is closed', () => {
  test('while an upload runs ends the upload, and what was signed in; it keeps what it has and opens again', async () => {
    const { teacher } = second;
    const { id } = await createPermittedLesson(second);
    const begun = await teacher.request('POST', `/api/lessons/${id}/uploads`, undefined, {
      'tus-resumable': '1.0.0',
      'upload-length': '100000000',
    });
    const url = begun.headers.get('location')!;
    const sending = request(new URL(url, server.url), {
      method: 'PATCH',
      headers: {
        ...teacher.headers,
        'tus-resumable': '1.0.0',
        'upload-offset': '0',
        'content-type': 'application/offset+octet-stream',
        'content-length': 100_000_000,
      },
    });
    const ended = new Promise<string>((end) => {
      sending.once('response', (answer: IncomingMessage) => end(`answered ${answer.statusCode}`));
      sending.once('error', () => end('broken'));
    });
    const timer = setInterval(() => sending.write(Buffer.alloc(10_000)), 100);
    const { read } = beside.context.outside.database;
    const where = { id: url.split('/').at(-1)! };
    await eventually(async () => (await read.upload.findUniqueOrThrow({ where })).fence > 0n, 'it to be let in');
    const { token } = ok(await teacher.post('/api/tokens', { name: 'x', scopes: ['read'], days: 1 }));

    ok(await authority.post(`/api/schools/${beside.schoolId}/close`));
    // Which of the two notices first: who asks every second, or what is about to be committed.
    expect(await ended).toMatch(/^(broken|answered 401)$/);
    clearInterval(timer);
    expect(await teacher.get('/api/session')).toMatchObject({ status: 401 });
    const byToken = new Api(server.url, { authorization: `Bearer ${token}` });
    expect(await byToken.get('/api/lessons')).toMatchObject({ status: 401 });
    const signIn = { email: teacher.email, password: testPassword };
    expect(await new Api(server.url).post('/api/session', signIn)).toMatchObject({ status: 401 });
    expect(await authority.post(`/api/schools/${beside.schoolId}/close`)).toMatchObject({
      status: 409,
      body: { reasons: [{ code: 'SCHOOL_CLOSED_ALREADY' }] },
    });
    expect(await read.recording.count({ where: { state: { not: 'receiving' } } })).toBe(0);
    expect(await read.lesson.count()).toBe(1);

    ok(await authority.post(`/api/schools/${beside.schoolId}/reopen`));
    expect(await byToken.get('/api/lessons')).toMatchObject({ status: 401 });
    expect(await new Api(server.url).post('/api/session', signIn)).not.toMatchObject({ status: 401 });
    expect(await first.admin.get('/api/session')).toMatchObject({ status: 200 });
  });
});

test('a server that cannot write keys says who opens the school, and opens none', async () => {
  const folder = join(server.home, 'schools');
  const body = await newSchool(authority, 'Anahtarsız Okul');
  await rename(folder, `${folder}.away`);
  await writeFile(folder, '');
  try {
    expect(ok(await authority.get('/api/schools')).mayOpen).toBe(false);
    expect(await authority.post('/api/schools', body)).toMatchObject({
      status: 409,
      body: { reasons: [{ text: expect.stringContaining('npm run setup -- --another-school NAME') }] },
    });
  } finally {
    await rm(folder);
    await rename(`${folder}.away`, folder);
  }
});
