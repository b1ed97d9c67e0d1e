import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBounceMailbox } from '../../../src/adapters/imap/bounce-mailbox.ts';
import type { ReportFlaw } from '../../../src/domain/delivery-report.ts';
import { createChores } from '../../../src/jobs/tasks.ts';
import { type BounceMailbox, mostBounceBytes } from '../../../src/pipeline/ports/bounce-mailbox.ts';
import { readBounces } from '../../../src/pipeline/signing/read-bounces.ts';
import { deliveryReport } from '../../support/delivery-reports.ts';
import { eventually } from '../../support/eventually.ts';
import { hasDovecot, startImapServer, type TestImapServer } from '../../support/imap-server.ts';
import { startMailServer } from '../../support/mail-server.ts';
import { createSchool, ok, type School } from '../../support/school.ts';
import { arrivals, startTestServer, type TestServer } from '../../support/server.ts';
import { openCourse, takeInClass } from '../../support/signing.ts';

let server: TestServer;
let school: School;
let mailServer: Awaited<ReturnType<typeof startMailServer>>;
beforeAll(async () => {
  mailServer = await startMailServer();
  server = await startTestServer({ SMTP_URL: mailServer.url, MAIL_FROM: 'okul@okul.example' });
  school = await createSchool(server);
});
afterAll(async () => {
  await server?.stop();
  await mailServer?.stop();
});

const db = () => server.context.outside.database.read;
let made = 0;
/** A guardian who was asked by mail, and the Message-ID of the mail. */
async function asked() {
  made += 1;
  const email = `veli${made}@aile.example`;
  const classId = await takeInClass(school, `8-${made}`, [
    { pupil: `Ada Deneme${made}`, guardians: [[`Gül Deneme${made}`, email, '0532 000 12 34']] },
  ]);
  const course = await openCourse(school, classId);
  ok(await school.teacher.post(`/api/courses/${course.id}/requests`));
  const { messageId } = await mailServer.next(email);
  const state = async () => (await db().delivery.findUniqueOrThrow({ where: { messageId } })).state;
  await eventually(async () => (await state()) === 'accepted', 'the mail to be settled');
  const { contactId } = await db().delivery.findUniqueOrThrow({ where: { messageId } });
  const contact = () => db().contact.findUnique({ where: { id: contactId ?? '' } });
  const tasks = async () => {
    const personId = (await contact())?.personId ?? '';
    return db().task.count({ where: { kind: 'correct_address', personId, doneAt: null } });
  };
  return { email, course, messageId, contactId, state, contact, tasks };
}

/** A mailbox in memory: it hands out what was not done. */
function memoryMailbox(...messages: (string | null)[]): BounceMailbox & { readonly left: (string | null)[] } {
  const left = [...messages];
  return {
    left,
    async each(look) {
      for (const message of [...left])
        if ((await look(message === null ? null : Buffer.from(message, 'latin1'))).isDone)
          left.splice(left.indexOf(message), 1);
    },
  };
}
async function readFrom(mailbox: BounceMailbox) {
  const flaws: ReportFlaw[] = [];
  const bounced = await readBounces(server.context.outside, mailbox, (flaw) => flaws.push(flaw));
  return { bounced, flaws };
}

describe('a mail that comes back', () => {
  test('makes its address undeliverable, with a task and an entry of the log, once', async () => {
    const one = await asked();
    const mailbox = memoryMailbox(deliveryReport({ messageId: one.messageId }));
    expect(await readFrom(mailbox)).toEqual({ bounced: 1, flaws: [] });
    expect(mailbox.left).toEqual([]);
    expect(await one.state()).toBe('bounced');
    expect(await one.contact()).toMatchObject({
      undeliverableAt: expect.any(Date),
      undeliverableWhy: '5.1.1 smtp; 550 5.1.1 <…>: no such mailbox',
    });
    expect(await one.tasks()).toBe(1);
    const { rows } = ok(await school.teacher.get(`/api/courses/${one.course.id}/people`));
    expect(rows[0]).toMatchObject({ state: 'undeliverable', signers: [{ delivery: 'bounced' }] });
    const before = (await arrivals(server, 'mail.bounced')).length;
    // The same again, and by two workers at once.
    const again = await Promise.all(
      [1, 2].map(() => readFrom(memoryMailbox(deliveryReport({ messageId: one.messageId })))),
    );
    expect(again).toEqual([
      { bounced: 0, flaws: [] },
      { bounced: 0, flaws: [] },
    ]);
    expect((await arrivals(server, 'mail.bounced')).length).toBe(before);
    expect(await one.tasks()).toBe(1);
  });

  test('is settled once by two workers at the same moment', async () => {
    const one = await asked();
    const both = await Promise.all(
      [1, 2].map(() => readFrom(memoryMailbox(deliveryReport({ messageId: one.messageId })))),
    );
    expect(both.map(({ bounced }) => bounced).toSorted()).toEqual([0, 1]);
    expect(await one.tasks()).toBe(1);
  });

  test('says nothing of a family if the sender does not know the Message-ID of a mail of ours', async () => {
    const one = await asked();
    const [id = '', host = ''] = one.messageId.slice(1, -1).split('@');
    const guesses = [
      deliveryReport({ to: one.email, says: `smtp; 550 5.1.1 <${one.email}>` }),
      deliveryReport({ messageId: `<${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}@${host}>` }),
      deliveryReport({ messageId: `<${id}@elsewhere.example>` }),
      deliveryReport({ messageId: '<%@%>' }),
      // The right name, but not of the mail that came back.
      deliveryReport({ says: `smtp; 550 5.1.1 ${one.messageId}` }),
    ];
    expect(await readFrom(memoryMailbox(...guesses))).toEqual({ bounced: 0, flaws: guesses.map(() => 'not_ours') });
    expect(await one.state()).toBe('accepted');
    expect(await one.contact()).toMatchObject({ undeliverableAt: null });
    expect(await one.tasks()).toBe(0);
  });

  test('for a while, or for a rule of a server, blames no address', async () => {
    const one = await asked();
    const { messageId } = one;
    const reports = [
      deliveryReport({ messageId, action: 'delayed', status: '4.4.1' }),
      deliveryReport({ messageId, status: '5.7.1' }),
    ];
    expect(await readFrom(memoryMailbox(...reports))).toEqual({ bounced: 0, flaws: ['not_final', 'of_rules'] });
    expect(await one.contact()).toMatchObject({ undeliverableAt: null });
  });

  test('before the sending is settled waits, and is looked at again', async () => {
    const one = await asked();
    const where = { messageId: one.messageId };
    await db().delivery.update({ where, data: { state: 'queued', settledAt: null } });
    const mailbox = memoryMailbox(deliveryReport({ messageId: one.messageId }));
    expect(await readFrom(mailbox)).toEqual({ bounced: 0, flaws: ['early'] });
    expect(mailbox.left).toHaveLength(1);
    await db().delivery.update({ where, data: { state: 'accepted' } });
    expect(await readFrom(mailbox)).toEqual({ bounced: 1, flaws: [] });
    expect(mailbox.left).toEqual([]);
  });

  test('to an address that was taken off the record meanwhile is noted, and makes no task', async () => {
    const one = await asked();
    const { personId = '' } = (await one.contact()) ?? {};
    await db().contact.delete({ where: { id: one.contactId ?? '' } });
    expect(await readFrom(memoryMailbox(deliveryReport({ messageId: one.messageId })))).toMatchObject({ bounced: 1 });
    expect(await one.state()).toBe('bounced');
    expect(await db().task.count({ where: { kind: 'correct_address', personId } })).toBe(0);
  });

  test('behind hostile ones is read all the same', async () => {
    const one = await asked();
    const good = deliveryReport({ messageId: one.messageId });
    const half = good.slice(0, good.indexOf('Undelivered Message Headers'));
    const nested = 'Content-Type: multipart/report; report-type=delivery-status; boundary=a\r\n\r\n--a\r\n'.repeat(
      5_000,
    );
    const mailbox = memoryMailbox(null, half, nested, 'Subject: Merhaba\r\n\r\nMerhaba', '', good);
    expect(await readFrom(mailbox)).toEqual({
      bounced: 1,
      flaws: ['too_large', 'broken', 'broken', 'no_report', 'no_report'],
    });
    expect(mailbox.left).toEqual([]);
  });
});

test('the clock reads the mailbox if there is one', () => {
  const of = (bounces: BounceMailbox | null) =>
    Object.keys(createChores(server.context.outside, { addressDays: 1, bounces, noteFlaw: () => {} }));
  expect(of(memoryMailbox())).toContain('read-bounces');
  expect(of(null)).not.toContain('read-bounces');
});

describe.skipIf(!hasDovecot)('a real mailbox, by IMAP', () => {
  let imap: TestImapServer;
  beforeAll(async () => {
    imap = await startImapServer();
  });
  afterAll(() => imap?.stop());
  const open = (differing: { url?: string; needsTls?: boolean; ca?: string } = {}) =>
    createBounceMailbox({ url: imap.url, needsTls: true, ca: imap.ca, ...differing });

  test('what came back is found behind hostile messages; all are marked and none is deleted', async () => {
    const one = await asked();
    const good = deliveryReport({ messageId: one.messageId });
    await imap.deliver(Buffer.concat([Buffer.from(good), Buffer.alloc(10 * 1024 ** 2, 'x')]));
    await imap.deliver(good.slice(0, good.indexOf('Undelivered Message Headers')));
    await imap.deliver(
      Buffer.from(good.replace('us-ascii', 'utf-16').replace('Reporting', '\u00ff\u00fe\u0000'), 'latin1').subarray(
        0,
        900,
      ),
    );
    await imap.deliver('Subject: Merhaba\r\n\r\nMerhaba');
    await imap.deliver(good);
    const early = await asked();
    await db().delivery.update({ where: { messageId: early.messageId }, data: { state: 'queued', settledAt: null } });
    await imap.deliver(deliveryReport({ messageId: early.messageId }));
    expect(await readFrom(open())).toEqual({
      bounced: 1,
      flaws: ['too_large', 'broken', 'broken', 'no_report', 'early'],
    });
    expect(await one.state()).toBe('bounced');
    // A keyword, which Dovecot writes as a small letter; nothing is seen for those who read the mailbox.
    expect(await imap.flags()).toEqual(['a', 'a', 'a', 'a', 'a', '']);
    await db().delivery.update({ where: { messageId: early.messageId }, data: { state: 'accepted' } });
    expect(await readFrom(open())).toEqual({ bounced: 1, flaws: [] });
    expect(await readFrom(open())).toEqual({ bounced: 0, flaws: [] });
    expect(await imap.flags()).toEqual(['a', 'a', 'a', 'a', 'a', 'a']);
  });

  test('STARTTLS is good enough, and a server that cannot prove its name gets no password', async () => {
    expect(await readFrom(open({ url: imap.plainUrl }))).toEqual({ bounced: 0, flaws: [] });
    for (const url of [imap.url, imap.plainUrl])
      await expect(readFrom(createBounceMailbox({ url, needsTls: true }))).rejects.toThrow(/certificate/);
    await expect(readFrom(open({ url: imap.url.replace('geheim', 'falsch') }))).rejects.toThrow(/could not be read/);
    await expect(readFrom(open({ url: `${imap.url}/Yok` }))).rejects.toThrow(/could not be read/);
  });

  test('a fault in the middle leaves what was not looked at for the next time', async () => {
    const one = await asked();
    await imap.deliver('Subject: Merhaba\r\n\r\nMerhaba');
    await imap.deliver(deliveryReport({ messageId: one.messageId }));
    let looks = 0;
    const looking = open().each(async () => {
      looks += 1;
      if (looks === 2) throw new Error('the database is away');
      return { isDone: true };
    });
    await expect(looking).rejects.toThrow('the database is away');
    expect(await readFrom(open())).toEqual({ bounced: 1, flaws: [] });
  });

  test('the largest message that is opened is one of a mail of ours with room to spare', async () => {
    await imap.deliver(`Subject: Merhaba\r\n\r\n${'x'.repeat(mostBounceBytes + 1)}`);
    const messages: (Uint8Array | null)[] = [];
    await open().each(async (message) => {
      messages.push(message);
      return { isDone: true };
    });
    expect(messages).toEqual([null]);
  });
});
