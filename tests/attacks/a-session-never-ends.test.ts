import { afterAll, beforeAll, expect, test } from 'vitest';
import { signedInStaff } from '../support/api.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const minute = 60_000;
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false', SESSION_IDLE_MINUTES: '30', SESSION_HOURS: '8' });
});
afterAll(() => server?.stop());

test('a session ends at its absolute end, however often it is used', async () => {
  const busy = await signedInStaff(server, 'Busy Bee', ['teacher']);
  for (let minutes = 0; minutes < 8 * 60 - 20; minutes += 20) {
    expect((await busy.get('/api/session')).status, `after ${minutes} minutes`).toBe(200);
    server.forward(20 * minute);
  }
  server.forward(21 * minute);
  expect((await busy.get('/api/session')).status).toBe(401);
});

test('a session that is not used ends sooner', async () => {
  const idle = await signedInStaff(server, 'Idle Hands', ['teacher']);
  server.forward(31 * minute);
  expect((await idle.get('/api/session')).status).toBe(401);
});

test('the database keeps no token, and lets no session outlive its absolute end', async () => {
  const { read } = server.context.outside.database;
  const person = await signedInStaff(server, 'Careful Keeper', ['teacher']);
  const row = await read.session.findFirstOrThrow({ where: { userId: person.id } });
  expect(person.headers.cookie).not.toContain(row.tokenDigest);
  await expect(
    read.session.update({ where: { id: row.id }, data: { expiresAt: new Date(row.endsAt.getTime() + 1) } }),
  ).rejects.toThrow();
});
