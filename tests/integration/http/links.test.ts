import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer, Api } from '../../support/api.ts';
import { createLinks, createReleased } from '../../support/released.ts';
import { createSchool, inDays, ok, type School } from '../../support/school.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { asViewer, watchToTheEnd } from '../../support/watching.ts';

let server: TestServer;
let school: School;
let first: Awaited<ReturnType<typeof createReleased>>;
let other: Awaited<ReturnType<typeof createReleased>>;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
  first = await createReleased(server, school);
  other = await createReleased(server, school, { by: school.otherTeacher });
});
afterAll(() => server?.stop());

const list = async (by: Api, query = ''): Promise<Answer['body'][]> => ok(await by.get(`/api/links${query}`)).items;
const viewers = async (by: Api, query = '') => (await list(by, query)).map(({ viewerName }) => viewerName).sort();
const issue = (by: Api, releaseId: string, viewerName: string, more: object = {}) =>
  by.post(`/api/releases/${releaseId}/links`, { viewerName, ...more });
const revocations = async () =>
  server.context.outside.database.read.auditArrival.count({
    where: { canonical: { contains: '"action":"link.revoked"' } },
  });

describe('how long a link lives', () => {
  test('is a rule of the school', async () => {
    const days = ({ expiresAt }: Answer['body']) => Math.round((Date.parse(expiresAt) - Date.now()) / 86_400_000);
    expect(days(ok(await issue(school.teacher, first.releaseId, 'Standard')))).toBe(30);
    ok(await school.admin.patch('/api/school', { linkDays: 5, longestLinkDays: 10 }));
    expect(ok(await school.teacher.get('/api/school'))).toMatchObject({ linkDays: 5, longestLinkDays: 10 });
    expect(days(ok(await issue(school.teacher, first.releaseId, 'Short')))).toBe(5);
    expect(days(ok(await issue(school.teacher, first.releaseId, 'Asked', { expiresAt: inDays(9) })))).toBe(9);
    expect(await issue(school.teacher, first.releaseId, 'Long', { expiresAt: inDays(11) })).toMatchObject({
      status: 400,
      body: { code: 'INVALID_REQUEST', reasons: [{ code: 'LINK_TOO_LONG', params: { most: 10 } }] },
    });
    // What is issued stays.
    expect(await viewers(school.teacher, '?state=open')).toEqual(['Asked', 'Short', 'Standard']);
  });

  test('by itself is never longer than the longest, whichever of the two is changed', async () => {
    for (const change of [{ linkDays: 11 }, { longestLinkDays: 4 }, { linkDays: 9, longestLinkDays: 8 }])
      expect(await school.admin.patch('/api/school', change)).toMatchObject({
        status: 400,
        body: { reasons: [{ code: 'LINK_DAYS_ORDER' }] },
      });
    ok(await school.admin.patch('/api/school', { linkDays: 30, longestLinkDays: 365 }));
  });
});

describe('the list of links', () => {
  test('shows an administrator all and a teacher those of their lessons, and nobody else any', async () => {
    ok(await issue(school.otherTeacher, other.releaseId, 'Elsewhere'));
    expect(await viewers(school.admin)).toEqual(['Asked', 'Elsewhere', 'Short', 'Standard']);
    expect(await viewers(school.teacher)).toEqual(['Asked', 'Short', 'Standard']);
    expect(await viewers(school.otherTeacher)).toEqual(['Elsewhere']);
    expect(JSON.stringify(await list(school.admin))).not.toMatch(/token|Digest/);
    for (const by of [school.reviewer, school.auditor]) expect((await by.get('/api/links')).status).toBe(403);
  });

  test('counts how often a link was opened, and says when last', async () => {
    const { id, token } = ok(await issue(school.teacher, first.releaseId, 'Watcher'));
    const before = { id, timesUsed: 0, lastUsedAt: null };
    expect(await list(school.teacher)).toContainEqual(expect.objectContaining(before));
    for (let n = 0; n < 2; n++) ok(await school.nobody.post('/api/watch', { token }));
    expect((await school.nobody.post('/api/watch', { token: 'x'.repeat(43) })).status).toBe(404);
    const [found] = (await list(school.teacher)).filter((one) => one.id === id);
    expect(found).toMatchObject({ timesUsed: 2, state: 'open', lesson: { id: first.lesson.id, title: '9-B Physics' } });
    expect(Date.now() - Date.parse(found.lastUsedAt)).toBeLessThan(60_000);
    // Whoever is still watching a day later was there then, though nothing was opened anew.
    const { read } = server.context.outside.database;
    await read.viewerLink.update({ where: { id }, data: { lastUsedAt: new Date(inDays(-1)) } });
    const { path, headers } = asViewer({ id, token });
    await watchToTheEnd(server, path, headers);
    const [later] = (await list(school.teacher)).filter((one) => one.id === id);
    expect(later.timesUsed).toBe(2);
    expect(Date.now() - Date.parse(later.lastUsedAt)).toBeLessThan(60_000);
    const ofRelease = ok(await school.teacher.get(`/api/releases/${first.releaseId}/links`)).items;
    expect(ofRelease).toContainEqual(expect.objectContaining({ id, timesUsed: 2 }));
  });

  test('is paged, the newest first, and tells open, over and revoked apart', async () => {
    const { releaseId } = await createReleased(server, school);
    const names = ['1', '2', '3', '4', '5'].map((n) => `Paged ${n}`);
    for (const name of names) ok(await issue(school.teacher, releaseId, name));
    const page = ok(await school.teacher.get('/api/links?limit=2'));
    expect(page.items.map((one: Answer['body']) => one.viewerName)).toEqual(['Paged 5', 'Paged 4']);
    const next = ok(await school.teacher.get(`/api/links?limit=2&cursor=${page.next}`));
    expect(next.items.map((one: Answer['body']) => one.viewerName)).toEqual(['Paged 3', 'Paged 2']);

    const { read } = server.context.outside.database;
    const past = new Date(Date.now() - 1);
    await read.viewerLink.updateMany({ where: { viewerName: 'Paged 1' }, data: { expiresAt: past } });
    await read.viewerLink.updateMany({ where: { viewerName: 'Paged 2' }, data: { revokedAt: past } });
    const state = async (of: string) => (await viewers(school.teacher, `?state=${of}`)).filter((n) => /Paged/.test(n));
    expect(await state('open')).toEqual(['Paged 3', 'Paged 4', 'Paged 5']);
    expect(await state('over')).toEqual(['Paged 1']);
    expect(await state('revoked')).toEqual(['Paged 2']);
    await read.release.update({ where: { id: releaseId }, data: { endedAt: past } });
    expect(await state('open')).toEqual([]);
    expect(await state('over')).toEqual(['Paged 1', 'Paged 3', 'Paged 4', 'Paged 5']);
    for (const one of await list(school.teacher, '?state=over'))
      expect(Date.parse(one.endsAt)).toBeLessThan(Date.now());
  });
});

describe('links are revoked', () => {
  test('all of those named or none, and each is on the log once', async () => {
    const mine = (await list(school.teacher, '?state=open')).map(({ id }) => id).slice(0, 2);
    const [foreign] = (await list(school.otherTeacher)).map(({ id }) => id);
    expect(await school.teacher.post('/api/links/revoke', { linkIds: [...mine, foreign] })).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND' },
    });
    expect((await list(school.otherTeacher, '?state=open')).map(({ id }) => id)).toEqual([foreign]);
    expect((await list(school.teacher, '?state=open')).map(({ id }) => id)).toEqual(expect.arrayContaining(mine));
    const before = await revocations();
    expect(ok(await school.teacher.post('/api/links/revoke', { linkIds: [...mine, mine[0]] }))).toEqual({ revoked: 2 });
    expect(ok(await school.teacher.post('/api/links/revoke', { linkIds: mine }))).toEqual({ revoked: 0 });
    expect(await revocations()).toBe(before + 2);
  });

  test('all open ones of a teacher are those of their lessons, also when there are very many', async () => {
    const names = Array.from({ length: 501 }, (_, n) => `Many ${n}`);
    await createLinks(server, first.releaseId, school.teacher.id, names);
    const before = await revocations();
    const { revoked } = ok(await school.teacher.post('/api/links/revoke', { allOpen: true }));
    expect(revoked).toBeGreaterThan(500);
    expect(await revocations()).toBe(before + revoked);
    expect(await list(school.teacher, '?state=open')).toEqual([]);
    expect(await viewers(school.otherTeacher, '?state=open')).toEqual(['Elsewhere']);
    expect(ok(await school.admin.post('/api/links/revoke', { allOpen: true }))).toEqual({ revoked: 1 });
  });

  test('not without saying which', async () => {
    const tooMany = Array.from({ length: 501 }, () => first.releaseId);
    for (const body of [
      {},
      { linkIds: [] },
      { allOpen: false },
      { linkIds: tooMany },
      { linkIds: [first.releaseId], allOpen: true },
    ])
      expect(await school.admin.post('/api/links/revoke', body)).toMatchObject({ status: 400 });
  });

  test('only by somebody who has just shown who they are', async () => {
    server.forward(11 * 60_000);
    expect(await school.admin.post('/api/links/revoke', { allOpen: true })).toMatchObject({
      body: { code: 'CONFIRMATION_NEEDED' },
    });
    server.forward(0);
  });
});
