import { afterAll, beforeAll, expect, test } from 'vitest';
import { alertOfAnomalies } from '../../../src/pipeline/oversight/alert-anomalies.ts';
import { confirmAgain, signedInStaff, testPassword } from '../../support/api.ts';
import { startMailServer } from '../../support/mail-server.ts';
import { createSchool, ok, type School } from '../../support/school.ts';
import { arrivals, startTestServer, type TestServer } from '../../support/server.ts';

let mail: Awaited<ReturnType<typeof startMailServer>>;
let server: TestServer;
let school: School;

beforeAll(async () => {
  mail = await startMailServer();
  server = await startTestServer({ SMTP_URL: mail.url, ANOMALY_DENIALS: '5' });
  school = await createSchool(server);
});
afterAll(async () => {
  await server?.stop();
  await mail?.stop();
});

const guess = (email: string) => school.nobody.post('/api/session', { email, password: 'not the password' });

test('whoever is locked out hears of it, once', async () => {
  for (let n = 0; n < 7; n++) await guess(school.otherTeacher.email);
  await mail.next(school.otherTeacher.email, /sign-in is closed for 15 minutes/);
  expect(mail.mails.filter(({ text }) => /sign-in is closed/.test(text))).toEqual([]);
});

test('what stands out is told to administrators and auditors, each thing once a day', async () => {
  const { outside } = server.context;
  await outside.tally.flush();
  // The worker's own clock may have been faster.
  await alertOfAnomalies(outside);
  for (const person of [school.admin, school.otherAdmin, school.auditor])
    expect((await mail.next(person.email, /At least 5 refusals or failed sign-ins/)).text).not.toContain('Ece');
  expect(await alertOfAnomalies(outside)).toBe(0);
});

test('administrators hear of another one who is invited', async () => {
  ok(
    await school.admin.post('/api/invitations', {
      email: 'x@school.example',
      name: 'Second Me',
      roles: ['administrator'],
    }),
  );
  await mail.next(school.otherAdmin.email, /Second Me was invited as an administrator/);
});

test('a forgotten password is answered alike for everybody, and mailed to who has an account, five times an hour', async () => {
  const forgetful = await signedInStaff(server, 'Forgetful One', ['teacher']);
  const ask = (email: string) => school.nobody.post('/api/password-reset', { email });
  const known = await ask(forgetful.email);
  const unknown = await ask('nobody@school.example');
  expect([known.status, known.body]).toEqual([unknown.status, unknown.body]);
  expect(known.status).toBe(202);
  const { text } = await mail.next(forgetful.email, /new-password=/);
  expect(await waitingMails(server)).not.toContain('new-password=');
  for (let n = 0; n < 6; n++) {
    await ask(forgetful.email);
    await noJob(server, 'send-password-reset');
  }
  const links = mail.mails.filter(({ text }) => text.includes('new-password='));
  expect(links.map(({ to }) => to)).toEqual(Array(4).fill(forgetful.email));
  const token = /new-password=([\w-]+)/.exec(text)![1]!;
  ok(await school.nobody.post('/api/password-reset/finish', { token, password: 'four unrelated words here' }));
  await mail.next(forgetful.email, /password of your account was changed/);
  // The other links are used up with it.
  const other = /new-password=([\w-]+)/.exec(links[0]!.text)![1]!;
  const late = await school.nobody.post('/api/password-reset/finish', {
    token: other,
    password: 'four other words here',
  });
  expect(late.status).toBe(404);
});

test('changes of what somebody signs in with are told to them', async () => {
  await confirmAgain(server, school.teacher);
  ok(await school.teacher.post('/api/second-factor/backup-codes'));
  await mail.next(school.teacher.email, /New backup codes were made/);
  const { backupCodes } = ok(await school.teacher.post('/api/second-factor/backup-codes'));
  const answer = { email: school.teacher.email, password: testPassword, code: backupCodes[0] };
  ok(await school.nobody.post('/api/session', answer));
  await mail.next(school.teacher.email, /signed in to your account with a backup code/);
  ok(await school.admin.patch(`/api/staff/${school.teacher.id}`, { roles: ['teacher', 'reviewer'] }));
  await mail.next(school.teacher.email, /roles of your account were changed/);
  expect((await arrivals(server, 'staff.backup_codes_made')).length).toBe(2);
});

async function waitingMails({ context }: TestServer): Promise<string> {
  const rows = await context.outside.database.read.$queryRaw<{ payload: unknown }[]>`
    SELECT payload FROM graphile_worker._private_jobs`;
  return JSON.stringify(rows);
}

/** Resolves when no job of that name waits or runs. */
async function noJob({ context }: TestServer, task: string): Promise<void> {
  for (;;) {
    const rows = await context.outside.database.read.$queryRaw<unknown[]>`
      SELECT 1 FROM graphile_worker.jobs WHERE task_identifier = ${task}`;
    if (rows.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
