import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/adapters/prisma/database.ts';
import { closeSchool, describeSchools } from '../../src/assembly/many-schools.ts';
import type { Route } from '../../src/contract/route.ts';
import { type RouteId, routes } from '../../src/contract/routes.ts';
import { findSignedIn, type InSession } from '../../src/pipeline/staff/find-signed-in.ts';
import { invite } from '../../src/pipeline/staff/invite.ts';
import { moveSession } from '../../src/pipeline/staff/move-session.ts';
import { openBeside } from '../support/another-school.ts';
import { Api, cookiesOf, signedInStaff, testPassword } from '../support/api.ts';
import { createReleased } from '../support/released.ts';
import { createSchool, ok, type School } from '../support/school.ts';
import { keysUnder } from '../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { asViewer } from '../support/watching.ts';

let server: TestServer;
let beside: Awaited<ReturnType<typeof openBeside>>;
let first: School;
let second: School;
let released: Awaited<ReturnType<typeof createReleased>>;
let theirs: Awaited<ReturnType<typeof createReleased>>;
let owner: pg.Client;

const roles = ['admin', 'teacher', 'reviewer', 'auditor'] as const;
/** What only the first school knows of. */
const secrets = () => [released.recordingId, released.lesson.id, released.releaseId, first.teacher.id, first.admin.id];

beforeAll(async () => {
  server = await startTestServer();
  first = await createSchool(server);
  beside = await openBeside(server, 'İkinci Okul');
  second = await createSchool(beside, ' Beside');
  released = await createReleased(server, first);
  theirs = await createReleased(beside, second);
  owner = new pg.Client({ connectionString: server.database.ownerUrl });
  await owner.connect();
});
afterAll(async () => {
  await owner?.end();
  await server?.stop();
});

/** Every row of the first school but its log and what a sign-in moves on. */
async function rowsOfFirst(): Promise<string> {
  const { rows } = await owner.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.columns
      WHERE table_schema = 'public' AND column_name = 'schoolId' AND table_name !~ '^audit_|^session$|^person_key$|^sent_digest$'
      ORDER BY 1`,
  );
  const digests: string[] = [];
  for (const { name } of rows) {
    const found = await owner.query<{ digest: string }>(
      `SELECT md5(COALESCE(string_agg(t::text, chr(10) ORDER BY t::text), '')) AS digest FROM "${name}" t
        WHERE "schoolId" = (SELECT "homeSchoolId" FROM installation)`,
    );
    digests.push(`${name} ${found.rows[0]!.digest}`);
  }
  return digests.join('\n');
}

/** Ids of everything that the first school has, by the names that routes give them. */
async function objectsOfFirst(): Promise<Record<string, readonly string[]>> {
  const { read } = server.context.outside.database;
  const ids = async (rows: Promise<readonly { id: string }[]>) => (await rows).map(({ id }) => id);
  return {
    lessonId: await ids(read.lesson.findMany({ select: { id: true } })),
    courseId: await ids(read.course.findMany({ select: { id: true } })),
    participantId: await ids(read.participant.findMany({ select: { id: true } })),
    permissionId: await ids(read.permission.findMany({ select: { id: true } })),
    recordingId: await ids(read.recording.findMany({ select: { id: true } })),
    segmentId: await ids(read.segment.findMany({ select: { id: true } })),
    releaseId: await ids(read.release.findMany({ select: { id: true } })),
    linkId: await ids(read.viewerLink.findMany({ select: { id: true } })),
    channelId: await ids(read.channel.findMany({ select: { id: true } })),
    userId: [first.teacher.id, first.admin.id],
    sessionId: await ids(read.session.findMany({ select: { id: true } })),
    invitationId: await ids(read.invitation.findMany({ select: { id: true } })),
    personId: await ids(read.person.findMany({ select: { id: true } })),
  };
}

/** Its own log first: later it names what the second school asked for. */
const all = (Object.entries(routes) as [RouteId, Route][]).toSorted(
  ([, a], [, b]) => Number(b.path.startsWith('/api/audit')) - Number(a.path.startsWith('/api/audit')),
);

describe('every route, asked by the second school with what belongs to the first', () => {
  let objects: Record<string, readonly string[]>;
  let before: string;
  beforeAll(async () => {
    objects = await objectsOfFirst();
    before = await rowsOfFirst();
  });

  test.each(all.filter(([id]) => id !== 'signOut' && id !== 'moveSession'))('%s', async (_, route) => {
    const names = [...route.path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
    for (const role of roles) {
      const path = route.path.replace(/:(\w+)/g, (_all, name: string) => {
        const known = objects[name] ?? [];
        return known[0] ?? (name === 'language' ? 'tr' : name === 'jobKind' ? 'check-recording' : randomUUID());
      });
      // A kind of job is no object of a school: that one is really paused, in the second school.
      const answer = await second[role].request(
        route.method.toUpperCase(),
        path,
        ['get', 'head', 'options', 'delete'].includes(route.method) || route.form ? undefined : {},
        route.path.includes('/uploads') ? { 'tus-resumable': '1.0.0' } : {},
      );
      expect(answer.status).not.toBe(500);
      const isOfAnObject = names.some((name) => objects[name] !== undefined);
      if (isOfAnObject) expect({ role, status: answer.status }).not.toMatchObject({ status: 200 });
      const said = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
      for (const secret of secrets()) if (!path.includes(secret)) expect(said).not.toContain(secret);
      expect(said).not.toContain('Test School');
    }
  });

  test('and every id of the first one at every place: nothing is found, and nothing of it is changed', async () => {
    const places = all.filter(([, { path, form }]) => /:\w+Id/.test(path) && !form);
    for (const [, route] of places)
      for (const [name, ids] of Object.entries(objects)) {
        if (!route.path.includes(`:${name}`)) continue;
        for (const id of ids.slice(0, 6)) {
          const path = route.path.replace(/:(\w+)/g, (_all, one: string) =>
            one === name ? id : (objects[one]?.[0] ?? randomUUID()),
          );
          const body = ['get', 'head', 'options', 'delete'].includes(route.method) ? undefined : {};
          const answer = await second.admin.request(route.method.toUpperCase(), path, body, {
            'tus-resumable': '1.0.0',
          });
          expect({ path: route.path, ok: answer.status < 300 && answer.status !== 204 }).toEqual({
            path: route.path,
            ok: false,
          });
        }
      }
    expect(await rowsOfFirst()).toBe(before);
  });
});

describe('a school', () => {
  test('has its objects below its own prefix, and keys of its own', async () => {
    const { outside } = server.context;
    expect((await keysUnder(outside, 'recordings/')).length).toBeGreaterThan(0);
    const own = await keysUnder(outside, `schools/${beside.schoolId}/recordings/`);
    expect(own.length).toBe((await keysUnder(beside.context.outside, 'recordings/')).length);
    expect(own.length).toBeGreaterThan(0);
    const prints = (of: TestServer) => of.context.outside.keyring.recipients.map(({ fingerprint }) => fingerprint);
    expect(prints(server).filter((one) => prints(beside).includes(one))).toEqual([]);
    expect(server.context.outside.logSigner.name).not.toBe(beside.context.outside.logSigner.name);
  });

  test('has a log of its own, which is published at an address of its own', async () => {
    const origin = async (path: string) => (await first.nobody.get(`${path}/.well-known/emanet-log`)).body;
    const [own, other] = [await origin(''), await origin(`/schools/${beside.schoolId}`)];
    expect(own.origin).toBe(server.context.outside.logSigner.name);
    expect(other.origin).toBe(beside.context.outside.logSigner.name);
    expect(other.checkpoint).toBe(`${server.url}/schools/${beside.schoolId}/log/checkpoint`);
    const { entries } = ok(await second.auditor.get('/api/audit?action=lesson.created'));
    expect(entries).toHaveLength(1);
    expect(JSON.stringify(entries)).toContain(theirs.lesson.id);
  });

  test('shows what it released to whoever has its link, and to nobody through the other one', async () => {
    const { outside } = beside.context;
    const link = ok(await second.teacher.post(`/api/releases/${theirs.releaseId}/links`, { viewerName: 'Ege' }));
    const viewer = new Api(server.url);
    expect(ok(await viewer.post('/api/watch', { token: link.token })).linkId).toBe(link.id);
    const { status } = await fetch(server.url + asViewer(link).path, { headers: asViewer(link).headers });
    expect(status).toBe(200);
    expect(await outside.database.read.viewerLink.count()).toBe(1);
    expect((await first.admin.delete(`/api/links/${link.id}`)).status).toBe(404);
  });

  test('shows the jobs of no other one', async () => {
    const { outside } = server.context;
    await outside.database.transact({ actor: { kind: 'system', id: 'test' } }, (tx) =>
      tx.enqueue('check-recording', { recordingId: randomUUID() }, { key: 'of-the-first' }),
    );
    const jobs = ok(await second.admin.get('/api/jobs'));
    expect(JSON.stringify(jobs)).not.toContain('"failed":true');
    const [job] = await outside.database.read.$queryRaw<{ id: bigint }[]>`
      SELECT id FROM graphile_worker.jobs WHERE key LIKE '% of-the-first'`;
    if (job) expect((await second.admin.post(`/api/jobs/${job.id}/retry`)).status).toBe(404);
  });

  test('is not entered with a session of another one by naming it in the address', async () => {
    for (const person of [first.admin, first.auditor])
      expect(await person.get(`/schools/${beside.schoolId}/api/courses`)).toMatchObject({ status: 401 });
    for (const none of [randomUUID(), '-'.repeat(36), beside.schoolId.toUpperCase()])
      expect(await first.nobody.get(`/schools/${none}/log/checkpoint`)).toMatchObject({ status: 404 });
    expect(await first.nobody.get(`/media/${'-'.repeat(36)}`)).not.toMatchObject({ status: 500 });
  });
});

describe('somebody who belongs to two schools', () => {
  test('joins the second one with the password of their account, works in one at a time, with the roles of each', async () => {
    const person = await signedInStaff(server, 'Ikili Teacher', ['teacher']);
    const system = { actor: { kind: 'system', id: 'test' } } as const;
    const { token } = await invite(
      beside.context.outside,
      system,
      { email: person.email, name: 'Ikili', roles: ['reviewer'], days: 1 },
      null,
    );
    const nobody = new Api(server.url);
    const join = (password: string) => nobody.post('/api/invitations/accept', { token, password, language: 'en' });
    expect(await join('a wrong one, long enough')).toMatchObject({ status: 401, body: { code: 'SIGN_IN_FAILED' } });
    expect(ok(await join(testPassword))).toMatchObject({ id: person.id, roles: ['reviewer'] });

    const here = ok(await person.get('/api/session'));
    expect(here.schools.map(({ name }: { name: string }) => name).sort()).toEqual(['Test School', 'İkinci Okul']);
    expect(here).toMatchObject({ school: { name: 'Test School' }, person: { roles: ['teacher'] } });
    expect(await person.put('/api/session/school', { schoolId: randomUUID() })).toMatchObject({ status: 404 });
    const moved = await person.put('/api/session/school', { schoolId: beside.schoolId });
    expect(ok(moved)).toMatchObject({
      school: { name: 'İkinci Okul' },
      person: { roles: ['reviewer'], name: 'Ikili' },
    });
    expect(await person.get('/api/session')).toMatchObject({ status: 401 });
    const there = new Api(server.url, { cookie: cookiesOf(moved) });
    expect(ok(await there.get('/api/session')).school.id).toBe(beside.schoolId);
    expect((await there.get(`/api/recordings/${theirs.recordingId}`)).status).toBe(200);
    expect((await there.get(`/api/recordings/${released.recordingId}`)).status).toBe(404);

    // Signing in goes on where they worked last, and disabling them there leaves them the other school.
    const again = await nobody.post('/api/session', {
      email: person.email,
      password: testPassword,
      ...(person.totpUri ? { code: await server.nextCode(person.totpUri) } : {}),
    });
    expect(ok(again).school.id).toBe(beside.schoolId);
    ok(await second.admin.patch(`/api/staff/${person.id}`, { disabled: true }));
    expect(await there.get('/api/session')).toMatchObject({ status: 401 });
    const back = await nobody.post('/api/session', {
      email: person.email,
      password: testPassword,
      ...(person.totpUri ? { code: await server.nextCode(person.totpUri) } : {}),
    });
    expect(ok(back)).toMatchObject({ school: { name: 'Test School' } });
    expect(ok(back).schools).toHaveLength(1);
  });

  test('moves a session once, and never one that has ended', async () => {
    const person = await signedInStaff(server, 'Hizli Teacher', ['teacher']);
    const system = { actor: { kind: 'system', id: 'test' } } as const;
    const asked = { email: person.email, name: 'Hizli', roles: ['teacher' as const], days: 1 };
    const { token } = await invite(beside.context.outside, system, asked, null);
    ok(await new Api(server.url).post('/api/invitations/accept', { token, password: testPassword, language: 'en' }));
    const move = () => person.put('/api/session/school', { schoolId: beside.schoolId });
    const sessions = async () =>
      Number((await owner.query('SELECT count(*) AS n FROM session WHERE "userId" = $1', [person.id])).rows[0].n);
    const { outside } = server.context;
    const sessionToken = person.headers.cookie!.split('=')[1]!;
    const signedIn = (await findSignedIn(outside, { apiToken: null, sessionToken })) as InSession;
    const answers = await Promise.all([move(), move(), move()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
    expect(await sessions()).toBe(1);
    // Asked while it was still here, it has gone all the same.
    await expect(moveSession(outside, { actor: signedIn.actor }, signedIn, beside.schoolId)).rejects.toMatchObject({
      code: 'NOT_SIGNED_IN',
    });
    // A password that is changed while a session moves ends it, wherever it is by then.
    const moved = answers.find(({ status }) => status === 200)!;
    const there = new Api(server.url, { cookie: cookiesOf(moved) });
    const { homeSchoolId } = await server.context.outside.database.read.installation.findFirstOrThrow();
    await Promise.all([
      there.put('/api/session/school', { schoolId: homeSchoolId }),
      owner.query('SELECT end_access_of_account($1, NULL, now())', [person.id]),
    ]);
    expect(await sessions()).toBe(0);
  });

  test('joins once, however many invitations are accepted at once', async () => {
    const system = { actor: { kind: 'system', id: 'test' } } as const;
    const asked = { email: 'yeni@school.example', name: 'Yeni', roles: ['teacher' as const], days: 1 };
    const invitations = await Promise.all(
      [server, server, beside].map(({ context }) => invite(context.outside, system, asked, null)),
    );
    const accept = ({ token }: { token: string }) =>
      new Api(server.url).post('/api/invitations/accept', { token, password: testPassword, language: 'en' });
    for (const { status } of await Promise.all(invitations.map(accept))) expect([201, 409]).toContain(status);
    const again = await Promise.all(invitations.map(accept));
    for (const { status } of again) expect([201, 404, 409]).toContain(status);
    const { rows } = await owner.query(
      `SELECT count(*)::int AS accounts, (SELECT count(*)::int FROM "user" u JOIN account a ON a.id = u.id WHERE a.email = $1) AS users
         FROM account WHERE email = $1`,
      [asked.email],
    );
    expect(rows).toEqual([{ accounts: 1, users: 2 }]);
  });

  test('cannot be taken over by administrators of one of them', async () => {
    const person = await signedInStaff(server, 'Hedef Teacher', ['teacher']);
    const system = { actor: { kind: 'system', id: 'test' } } as const;
    const asked = { email: person.email, name: 'Hedef', roles: ['teacher' as const], days: 1 };
    const { token } = await invite(beside.context.outside, system, asked, null);
    ok(await new Api(server.url).post('/api/invitations/accept', { token, password: testPassword, language: 'en' }));
    expect(await second.admin.post(`/api/staff/${person.id}/second-factor-reset`)).toMatchObject({
      status: 409,
      body: { reasons: [{ code: 'ACCOUNT_OF_SEVERAL_SCHOOLS' }] },
    });
    expect(await second.admin.post(`/api/staff/${person.id}/password-reset`)).toMatchObject({
      status: 409,
      body: { reasons: [{ code: 'ACCOUNT_OF_SEVERAL_SCHOOLS' }] },
    });
  });
});

test('a closed school lets nobody in, keeps what it has, and opens again', async () => {
  const open = openDatabase({ url: server.database.url, clock: () => new Date(), maxConnections: 2 });
  const clock = () => new Date();
  try {
    const { homeSchoolId } = await open.read.installation.findFirstOrThrow();
    await expect(closeSchool(open, { id: homeSchoolId, isClosed: true, clock })).rejects.toThrow('cannot be closed');
    const link = ok(await second.teacher.post(`/api/releases/${theirs.releaseId}/links`, { viewerName: 'Ali' }));
    await closeSchool(open, { id: beside.schoolId, isClosed: true, clock });
    expect(await second.admin.get('/api/session')).toMatchObject({ status: 401 });
    expect(await new Api(server.url).post('/api/watch', { token: link.token })).not.toMatchObject({ status: 200 });
    const signIn = { email: second.teacher.email, password: testPassword };
    expect(await new Api(server.url).post('/api/session', signIn)).toMatchObject({ status: 401 });
    expect((await describeSchools(open)).join('\n')).toMatch(/İkinci Okul; staff \d+, recordings 1, .*closed /);
    await closeSchool(open, { id: beside.schoolId, isClosed: false, clock });
    const back = await new Api(server.url).post('/api/session', signIn);
    expect(back).toMatchObject({ status: 403, body: { code: 'SECOND_FACTOR_REQUIRED' } });
    expect(await first.admin.get('/api/session')).toMatchObject({ status: 200 });
  } finally {
    await open.close();
  }
});
