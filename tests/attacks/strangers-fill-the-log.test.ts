import { afterAll, beforeAll, expect, test } from 'vitest';
import { Api } from '../support/api.ts';
import { createPermittedLesson, createSchool, ok, type School } from '../support/school.ts';
import { createSealedRecording } from '../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let school: School;
beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false', TRUST_PROXY: '1' });
  school = await createSchool(server);
});
afterAll(() => server?.stop());

const arrivals = async () => {
  await server.context.outside.tally?.flush();
  const rows = await server.context.outside.database.read.$queryRaw<{ count: bigint }[]>`
    SELECT count(*) AS count FROM audit_arrival`;
  return Number(rows[0]!.count);
};
const from = (address: string, headers: Record<string, string> = {}) =>
  new Api(server.url, { 'x-forwarded-for': address, ...headers });
/** Like the address of a personal link. */
const junk = (at: number) => `019ac000-0000-7000-8000-${at.toString().padStart(12, '0')}`;
const readRefused = async () =>
  ok(await school.auditor.get('/api/audit?action=request.refused&limit=100')).entries as {
    address: string | null;
    entry: {
      actor: { kind: string };
      details: { code: string; route: string; times?: { count: number; more?: true } };
    };
  }[];

test('a hundred junk links of one address are one entry, with their count', async () => {
  const before = await arrivals();
  for (let at = 0; at < 60; at++) expect((await from('192.0.2.1').get(`/media/${junk(at)}`)).status).toBe(404);
  await Promise.all(Array.from({ length: 40 }, (_, at) => from('192.0.2.1').get(`/media/${junk(at)}/outline`)));
  expect((await arrivals()) - before).toBe(1);
  const entries = (await readRefused()).filter(({ address }) => address === '192.0.2.1');
  expect(entries).toHaveLength(1);
  expect(entries[0]!.entry).toMatchObject({
    actor: { kind: 'nobody' },
    details: { code: 'LINK_NOT_VALID', route: 'various', times: { count: 100 } },
  });
});

test('addresses of one IPv6 network are one address', async () => {
  for (let at = 1; at <= 30; at++) await from(`2001:db8:7::${at.toString(16)}`).get(`/media/${junk(0)}`);
  const entries = (await readRefused()).filter(({ address }) => address?.startsWith('2001:'));
  expect(entries.map(({ address, entry }) => [address, entry.details.times?.count])).toEqual([
    ['2001:db8:7:0::/64', 30],
  ]);
});

test('any number of addresses makes a bounded number of entries', async () => {
  const before = await arrivals();
  const addresses = Array.from({ length: 400 }, (_, at) => `198.51.${at >> 8}.${at & 255}`);
  for (let at = 0; at < addresses.length; at += 20)
    await Promise.all(addresses.slice(at, at + 20).map((address) => from(address).get(`/media/${junk(0)}`)));
  expect((await arrivals()) - before).toBe(51);
  const more = (await readRefused()).filter(({ entry }) => entry.details.times?.more);
  expect(more).toHaveLength(1);
  expect(more[0]).toMatchObject({ address: null, entry: { details: { times: { count: 350 } } } });
});

test('invitations that are none are counted too', async () => {
  const before = await arrivals();
  for (let at = 0; at < 3; at++)
    expect(
      await from('203.0.113.9').post('/api/invitations/accept', {
        token: `no-such-token-${at}-${'a'.repeat(30)}`,
        password: 'correct horse battery staple 1',
        language: 'en',
      }),
    ).toMatchObject({ status: 404 });
  expect((await arrivals()) - before).toBe(1);
});

test('a stolen token that hammers refusals writes ten of them singly and has the rest counted', async () => {
  const { token } = ok(await school.teacher.post('/api/tokens', { name: 'stolen', scopes: ['read'], days: 1 }));
  const thief = from('203.0.113.7', { authorization: `Bearer ${token}` });
  const before = await arrivals();
  for (let at = 0; at < 200; at++)
    await thief.get(`/api/lessons/019ac000-0000-7000-8000-${at.toString().padStart(12, '0')}${at % 2 ? '' : '/gate'}`);
  expect((await arrivals()) - before).toBe(11);
  const entries = (await readRefused()).filter(({ address }) => address === '203.0.113.7');
  expect(entries[0]!.entry.details).toMatchObject({ code: 'NOT_FOUND', times: { count: 190 } });
});

test('ranges of one byte, asked for again and again, make a bounded number of entries', async () => {
  const { outside } = server.context;
  const lesson = await createPermittedLesson(school);
  const recording = await createSealedRecording(outside, lesson.id, school.teacher.id, { mediaBytes: 10_000 });
  await outside.database.read.recording.update({ where: { id: recording.id }, data: { state: 'in_review' } });
  const before = await arrivals();
  for (let at = 0; at < 150; at++)
    expect(
      await school.reviewer.get(`/api/recordings/${recording.id}/media`, { range: `bytes=${at}-${at}` }),
    ).toMatchObject({ status: 206 });
  // Sixty ranges with two entries each, and one that announces the whole.
  expect((await arrivals()) - before).toBe(121);
});

test('what was counted is written when the process ends', async () => {
  const last = await startTestServer({ WORKER: 'false' });
  await new Api(last.url).get(`/media/${junk(0)}`);
  const { database } = last.context.outside;
  const written: unknown[] = [];
  const transact = database.transact.bind(database);
  Object.assign(database, {
    transact: async (caller: Parameters<typeof transact>[0], work: Parameters<typeof transact>[1]) => {
      written.push(caller.actor);
      return transact(caller, work);
    },
  });
  await last.stop();
  expect(written).toEqual([{ kind: 'nobody' }]);
});

test('rows of failed sign-ins go after a day', async () => {
  const { pruneSignInFailures } = await import('../../src/pipeline/staff/prune-sign-in-failures.ts');
  const { database, clock } = server.context.outside;
  const hours = (n: number) => new Date(clock().getTime() + n * 60 * 60_000);
  await database.read.signInFailure.createMany({
    data: [
      { emailDigest: 'old', failures: 3, lastAt: hours(-25) },
      { emailDigest: 'old and locked', failures: 5, lastAt: hours(-25), lockedUntil: hours(1) },
      { emailDigest: 'fresh', failures: 1, lastAt: hours(-1) },
    ],
  });
  expect(await pruneSignInFailures({ database, clock })).toBe(1);
  expect(await database.read.signInFailure.findUnique({ where: { emailDigest: 'old' } })).toBeNull();
});

test('lines of the server’s own log are bounded too', async () => {
  const { LineBudget } = await import('../../src/assembly/line-budget.ts');
  const leftOut: [string, number][] = [];
  const lines = new LineBudget(60, (kind, count) => leftOut.push([kind, count]));
  const written = Array.from({ length: 5_000 }, () => lines.admits('GET /media/:linkId 404')).filter(Boolean);
  expect(lines.admits('GET /api/session 401')).toBe(true);
  lines.flush();
  expect([written.length, leftOut]).toEqual([60, [['GET /media/:linkId 404', 4_940]]]);
});
