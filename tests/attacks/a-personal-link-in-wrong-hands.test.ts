import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPdfTextReader } from '../../src/adapters/pdfium/pdf-text-reader.ts';
import { FormClient } from '../../src/demo/form-client.ts';
import { mustHave } from '../../src/domain/must-have.ts';
import { makeReceipt } from '../../src/pipeline/signing/make-receipt.ts';
import { proveSecondThing } from '../../src/pipeline/signing/second-thing.ts';
import { eventually } from '../support/eventually.ts';
import { startMailServer } from '../support/mail-server.ts';
import { bufferSource } from '../support/media.ts';
import { createSchool, inDays, ok, type School } from '../support/school.ts';
import { arrivals, startTestServer, type TestServer } from '../support/server.ts';
import { type Family, fillIn, linkIn, openCourse, signAs, takeInClass } from '../support/signing.ts';

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

let made = 0;
/** A pupil with one guardian or two, a course that was asked for, and the link of each guardian. */
async function family(...guardians: readonly string[]) {
  made += 1;
  const addresses = guardians.map((_, at) => `veli.${made}.${at}@aile.example`);
  const own = guardians.map((name, at) => [name, addresses[at] ?? '', '0532 000 12 34'] as const);
  const families: Family[] = [{ pupil: `Çocuk Soy${made}`, guardians: own }];
  const course = await openCourse(school, await takeInClass(school, `9/${made}`, families), { title: `Ders ${made}` });
  ok(await school.teacher.post(`/api/courses/${course.id}/requests`));
  const links: string[] = [];
  for (const address of addresses) links.push(linkIn((await mailServer.next(address)).text));
  return { id: course.id as string, addresses, links, link: links[0] ?? '' };
}
const personOf = async (name: string) => (await read().person.findFirstOrThrow({ where: { name } })).id;
/** What a link that never was shows. */
const strange = '/s/AAAAAAAAAAAAAAAAAAAAAA';
const read = () => server.context.outside.database.read;

describe('what is sent to a link', () => {
  test('a drawing that is none is refused as fast as it came', async () => {
    const { id, link } = await family('Ada Bir');
    const form = await fillIn(server, link);
    const started = performance.now();
    await form.press('to', 'sign', { typedName: 'Ada Bir', responsible: 'yes', strokes: `[[${'1'.repeat(40)}x` });
    // It took minutes, and everybody else waited.
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(form.text).toContain('Thank you');
    expect((await read().permission.findFirstOrThrow({ where: { courseId: id } })).status).toBe('granted');
  }, 60_000);

  test.each([
    ['half a character where a name is cut', `${'a'.repeat(199)}😀`],
    ['a name with NUL', 'Ada\u0000Bir'],
    ['a name with half a character in other octets', 'Ada\uFFFDBir'],
  ])('%s is an answer and no fault', async (_, typedName) => {
    const { id, link } = await family('Ada İki');
    const form = await fillIn(server, link);
    await form.press('to', 'sign', { typedName, responsible: 'yes' });
    expect(form.status).toBe(200);
    expect(form.text).toContain('Thank you');
    const evidence = await read().evidence.findFirstOrThrow({ where: { permission: { courseId: id } } });
    expect((await makeReceipt(server.context.outside, evidence.id))?.evidence.signer.typedName?.isWellFormed()).toBe(
      true,
    );
  });

  test.each(['\u0000\u0000', '\u200b\u200b\u200b', '..', '- -', '12'])('%j is nobody’s name', async (typedName) => {
    const { id, link } = await family('Ada Üç');
    const form = await fillIn(server, link);
    await form.press('to', 'sign', { typedName, responsible: 'yes' });
    expect(form.text).toContain('Type your name.');
    expect(await read().permission.count({ where: { courseId: id } })).toBe(0);
  });

  test('bodies of every wrong kind are refused, and never a fault', async () => {
    const { id, link } = await family('Ada Dört');
    const [path = ''] = (await new FormClient(server.url).get(link)).links(/\/requests\//);
    const kind = 'application/x-www-form-urlencoded';
    const sent: readonly (readonly [string, Record<string, string>, string | Buffer])[] = [
      ['a million fields', { 'content-type': kind }, 'a=1&'.repeat(30_000)],
      ['many fields', { 'content-type': kind }, 'a=1&'.repeat(1_000)],
      ['a million characters', { 'content-type': kind }, `typedName=${'x'.repeat(1_000_000)}`],
      ['lists', { 'content-type': kind }, 'to=sign&to=sign&from=check&q0=yes&q0=yes&noted=yes&noted=yes'],
      ['depth', { 'content-type': kind }, `to=sign&${'q0[a]'.repeat(500)}=yes&__proto__=1&constructor=2&toString=3`],
      ['broken escapes', { 'content-type': kind }, 'to=%E0%A4%A&typedName=%ED%A0%80&after=%00'],
      ['JSON', { 'content-type': 'application/json' }, '{"to":"sign","noted":"yes"}'],
      ['no kind', {}, 'to=sign'],
      ['no body', { 'content-type': kind }, ''],
      ['a wrong encoding', { 'content-type': kind, 'content-encoding': 'gzip' }, 'to=sign'],
      ['an unknown encoding', { 'content-type': kind, 'content-encoding': 'x-none' }, 'to=sign'],
      ['a wrong alphabet', { 'content-type': `${kind}; charset=utf-16` }, 'to=sign'],
      ['another alphabet', { 'content-type': `${kind}; charset=iso-8859-1` }, 'to=sign&typedName=%ff%fe'],
      ['parts', { 'content-type': 'multipart/form-data; boundary=x' }, '--x\r\n\r\nto\r\n--x--'],
      ['noise', { 'content-type': kind }, Buffer.from([0, 255, 38, 61, 0, 37, 37, 200])],
    ];
    for (const target of [path, `${link}/language`, `${link}/answers/${id}/withdraw`, `/s/${'x'.repeat(22)}/language`])
      for (const [what, headers, body] of sent)
        expect([what, target, await statusOf(target, headers, body)]).toEqual([what, target, expect.any(Number)]);
    for (const odd of ['/s/%E0%A4%A', '/s/%00', `${link}/requests/%00`, `${link}/receipts/%ff.pdf`, `${link}/done/%`])
      expect([odd, await statusOf(odd, {}, null)]).toEqual([odd, expect.any(Number)]);
    expect(await read().permission.count({ where: { courseId: id } })).toBe(0);
  });

  /** The status of an answer; a fault fails the test. */
  async function statusOf(path: string, headers: Record<string, string>, body: string | Buffer | null) {
    const status = await new Promise<number>((resolve, reject) => {
      const { hostname, port } = new URL(server.url);
      const sent = httpRequest(
        { hostname, port, path, method: body === null ? 'GET' : 'POST', headers, agent: false },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        },
      );
      sent.on('error', reject);
      sent.end(body ?? undefined);
    });
    expect([path, headers, status, status < 500]).toEqual([path, headers, status, true]);
    return status;
  }
});

describe('the second thing', () => {
  beforeAll(async () => {
    ok(await school.admin.put('/api/school/permission-rules', { preset: 'tr' }));
  });
  afterAll(async () => {
    ok(await school.admin.put('/api/school/permission-rules', { preset: 'uk' }));
  });

  test('of fifty guesses at the same instant no more than five are looked at, and the lock is on the log once', async () => {
    const { id, link } = await family('Gizem Ak');
    const form = await fillIn(server, link);
    const locks = async () => (await arrivals(server, 'signer.locked_out')).length;
    const before = await locks();
    const guesses = Array.from({ length: 50 }, (_, at) => {
      const one = Object.assign(new FormClient(server.url), { page: form.page, path: form.path });
      const digits = at === 49 ? '1234' : String(at).padStart(4, '0');
      return one.press('to', 'sign', { typedName: 'Gizem Ak', responsible: 'yes', digits });
    });
    const said = (await Promise.all(guesses)).map(({ text }) => text);
    const wrong = said.filter((text) => text.includes('These are not the last four digits')).length;
    const right = said.filter((text) => text.includes('Thank you')).length;
    const locked = said.filter((text) => text.includes('too many wrong tries')).length;
    // The right one was looked at only if it came before the lock.
    expect(wrong).toBeLessThanOrEqual(right === 1 ? 8 : 4);
    expect(wrong + right + locked).toBe(50);
    expect(await read().permission.count({ where: { courseId: id } })).toBe(right);
    expect((await locks()) - before).toBe(1);
  });

  test('a lock ends after an hour, and only then', async () => {
    const { link } = await family('Saat Ak');
    const signer = await read().signerLink.findFirstOrThrow({ where: { person: { name: 'Saat Ak' } } });
    const { outside } = server.context;
    const at = (minutes: number) => ({ ...outside, clock: () => new Date(Date.now() + minutes * 60_000) });
    const holder = {
      linkId: signer.id,
      tokenDigest: signer.tokenDigest,
      isReplaced: false,
      personId: signer.personId,
      siteId: null,
      name: 'Saat Ak',
      language: null,
    };
    const guess = (minutes: number, digits: string) =>
      proveSecondThing(at(minutes), holder, { actor: { kind: 'signer', id: signer.id } }, digits);
    for (let i = 0; i < 5; i++) await expect(guess(0, '0000')).rejects.toThrow();
    await expect(guess(59, '1234')).rejects.toMatchObject({ reasons: [{ code: 'SECOND_THING_LOCKED' }] });
    expect(await guess(61, '1234')).toMatchObject({ checks: ['phone_digits'] });
    expect(link).toMatch(/^\/s\//);
  });
});

describe('a link that a newer one replaced', () => {
  test('answers nothing and still takes back and objects', async () => {
    const { id, link } = await family('Eski Bağ');
    await signAs(server, link, 'Eski Bağ');
    const form = await fillIn(server, link, { record: 'no', release: 'no' });
    const lesson = ok(
      await school.teacher.post(`/api/courses/${id}/lessons`, { plannedStart: inDays(1), plannedEnd: inDays(1.05) }),
    );
    await read().signerLink.updateMany({
      where: { person: { name: 'Eski Bağ' } },
      data: { replacedAt: new Date() },
    });
    await form.press('to', 'sign', {});
    expect(form.text).not.toContain('is recorded');
    expect(await read().permission.count({ where: { courseId: id } })).toBe(1);
    const client = await new FormClient(server.url).get(link);
    expect(client.links(/\/requests\//)).toEqual([]);
    const [answer = ''] = client.links(/\/answers\/[^/]+$/);
    await client.get(answer);
    await client.press('do', 'object');
    expect(client.text).toContain('Your objection is recorded');
    expect(await read().objection.count({ where: { lessonId: lesson.id, liftedAt: null } })).toBe(1);
    await client.get(`${answer}/withdraw`);
    await client.press('', '');
    expect(client.text).toContain('It is taken back');
    expect((await read().permission.findFirstOrThrow({ where: { courseId: id } })).status).toBe('withdrawn');
  });
});

describe('a link that is revoked', () => {
  test('is like one that never was, and the newer one goes to the address on record', async () => {
    const { id, link, addresses } = await family('Yitik Bağ');
    const personId = await personOf('Yitik Bağ');
    await signAs(server, link, 'Yitik Bağ');
    const [answer = ''] = (await new FormClient(server.url).get(link)).links(/\/answers\/[^/]+$/);
    const form = await fillIn(server, link, { record: 'no', release: 'no' });
    const withdrawing = await new FormClient(server.url).get(`${answer}/withdraw`);
    const revoked = ok(await school.admin.post(`/api/persons/${personId}/revoke-link`));
    expect(revoked).toMatchObject({ links: 1, mailed: true });
    expect(revoked.answers).toMatchObject([{ course: `Ders ${made}`, subject: `Çocuk Soy${made}`, status: 'granted' }]);
    const never = await new FormClient(server.url).get(strange);
    for (const path of [link, answer, `${answer}/withdraw`]) {
      const client = await new FormClient(server.url).get(path);
      expect([path, client.status, client.text]).toEqual([path, 404, never.text]);
    }
    await form.press('to', 'sign', {});
    expect(form.status).toBe(404);
    await withdrawing.press('', '');
    expect(withdrawing.status).toBe(404);
    expect(await read().permission.findMany({ where: { courseId: id }, select: { status: true } })).toEqual([
      { status: 'granted' },
    ]);
    const letter = await mailServer.next(addresses[0] ?? '', /no longer work/);
    const newer = linkIn(letter.text);
    expect(newer).not.toBe(link);
    const own = await new FormClient(server.url).get(newer);
    expect(own.links(/\/answers\/[^/]+$/)).toHaveLength(1);
    expect(ok(await school.admin.post(`/api/persons/${personId}/revoke-link`))).toMatchObject({ links: 1 });
    expect((await own.get(newer)).status).toBe(404);
    expect(await arrivals(server, 'signer.link_revoked')).toHaveLength(2);
  });

  test('answers nothing at the very moment', async () => {
    const { id, link } = await family('Aynı An');
    const personId = await personOf('Aynı An');
    const form = await fillIn(server, link);
    const [, revoked] = await Promise.all([
      form.press('to', 'sign', { typedName: 'Aynı An', responsible: 'yes' }),
      school.admin.post(`/api/persons/${personId}/revoke-link`),
    ]);
    // Whichever came first: an answer that counts is one that the administrator was told of.
    const kept = await read().permission.count({ where: { courseId: id } });
    expect(ok(revoked).answers).toHaveLength(kept);
    expect(form.text.includes('Thank you') || form.status === 404).toBe(true);
  });

  test('went to an address that is taken away: the right one gets a link of its own', async () => {
    const { link, addresses } = await family('Yanlış Adres');
    const personId = await personOf('Yanlış Adres');
    const { contacts } = ok(await school.admin.get(`/api/persons/${personId}`));
    const wrong = contacts.find(({ value }: { value: string }) => value === addresses[0]);
    const right = `dogru.${made}@aile.example`;
    const { link: became } = ok(
      await school.admin.patch(`/api/persons/${personId}`, { addContact: right, removeContactId: wrong.id }),
    );
    expect(became).toEqual({ links: 1, mailed: true, answers: [] });
    expect((await new FormClient(server.url).get(link)).status).toBe(404);
    const newer = linkIn((await mailServer.next(right)).text);
    expect((await new FormClient(server.url).get(newer)).links(/\/requests\//)).toHaveLength(1);
  });

  test('is none where nothing went to the address, or it came back', async () => {
    const { link } = await family('Sağlam Bağ');
    const personId = await personOf('Sağlam Bağ');
    const added = ok(await school.admin.patch(`/api/persons/${personId}`, { addContact: 'hic.yok@aile.example' }));
    const { id: removeContactId } = added.contacts.find(({ value }: { value: string }) => value.startsWith('hic'));
    expect(ok(await school.admin.patch(`/api/persons/${personId}`, { removeContactId })).link).toBeNull();
    expect((await new FormClient(server.url).get(link)).status).toBe(200);
  });

  test('went to an address that was typed again since, and is revoked with it; the next address brings another', async () => {
    const { link, addresses } = await family('Yine Yazılan');
    const personId = await personOf('Yine Yazılan');
    ok(await school.admin.patch(`/api/persons/${personId}`, { addContact: addresses[0] }));
    const { contacts } = ok(await school.admin.get(`/api/persons/${personId}`));
    const { id: removeContactId } = contacts.find(({ value }: { value: string }) => value === addresses[0]);
    const { link: became } = ok(await school.admin.patch(`/api/persons/${personId}`, { removeContactId }));
    expect(became).toMatchObject({ links: 1, mailed: false });
    expect((await new FormClient(server.url).get(link)).status).toBe(404);
    const right = `sonra.${made}@aile.example`;
    expect(ok(await school.admin.patch(`/api/persons/${personId}`, { addContact: right })).link).toMatchObject({
      links: 0,
      mailed: true,
    });
    const newer = linkIn((await mailServer.next(right)).text);
    expect((await new FormClient(server.url).get(newer)).links(/\/requests\//)).toHaveLength(1);
  });

  test('mail that waits with it is not sent', async () => {
    const { id, addresses } = await family('Bekleyen Posta');
    const personId = await personOf('Bekleyen Posta');
    mailServer.setBusy(true);
    try {
      const { id: linkId } = await read().signerLink.findFirstOrThrow({ where: { personId } });
      await read().delivery.updateMany({ where: { linkId }, data: { queuedAt: new Date(0) } });
      expect(ok(await school.teacher.post(`/api/courses/${id}/reminders`, {})).mailed).toBe(1);
      await eventually(() => mailServer.turnedAway.has(addresses[0] ?? ''), 'the reminder to be turned away');
      ok(await school.admin.post(`/api/persons/${personId}/revoke-link`));
    } finally {
      mailServer.setBusy(false);
    }
    const letter = await mailServer.next(addresses[0] ?? '', /no longer work/);
    expect(linkIn(letter.text)).toMatch(/^\/s\//);
    await eventually(
      async () =>
        (await read().delivery.count({ where: { link: { personId, revokedAt: { not: null } }, state: 'queued' } })) ===
        0,
      'the mail that waited to be taken back',
    );
    expect(mailServer.mails.filter(({ to, text }) => to === addresses[0] && /has no answer/.test(text))).toEqual([]);
  });

  test('an answer that was forged takes its link with it', async () => {
    const { id, link } = await family('Sahte İmza');
    await signAs(server, link, 'Sahte İmza');
    const { id: permissionId } = await read().permission.findFirstOrThrow({ where: { courseId: id } });
    ok(await school.admin.post(`/api/permissions/${permissionId}/invalidate`, { note: 'Anne imzalamadığını söyledi' }));
    expect((await new FormClient(server.url).get(link)).status).toBe(404);
  });

  test('of a place goes with who represented it', async () => {
    const classId = await takeInClass(school, '12/Y', [{ pupil: 'Yer Çocuğu', guardians: [] }]);
    const site = { name: 'Müze', kind: 'other', contact: 'Eski Kişi <eski@muze.example>' };
    const { id } = await openCourse(school, classId, { sites: [site], title: 'Müze dersi' });
    ok(await school.teacher.post(`/api/courses/${id}/requests`));
    const old = linkIn((await mailServer.next('eski@muze.example')).text);
    const { sites } = ok(await school.teacher.get(`/api/courses/${id}`));
    const changed = ok(
      await school.teacher.patch(`/api/courses/${id}`, {
        changeSites: [{ id: sites[0].id, contact: 'Yeni Kişi <yeni@muze.example>' }],
      }),
    );
    expect(changed).toMatchObject({ saved: true, voids: [] });
    expect((await new FormClient(server.url).get(old)).status).toBe(404);
    const newer = linkIn((await mailServer.next('yeni@muze.example')).text);
    expect((await new FormClient(server.url).get(newer)).links(/\/requests\//)).toHaveLength(1);
    const other = await openCourse(school, classId, { title: 'Başka ders' });
    const foreign = { changeSites: [{ id: sites[0].id, contact: 'x@muze.example' }] };
    expect((await school.teacher.patch(`/api/courses/${other.id}`, foreign)).status).toBe(404);
  });

  test('is revoked by an administrator alone', async () => {
    await family('Korunan Bağ');
    const path = `/api/persons/${await personOf('Korunan Bağ')}/revoke-link`;
    expect((await school.teacher.post(path)).status).toBe(403);
    expect((await school.auditor.post(path)).status).toBe(403);
    expect((await school.admin.post('/api/persons/01890000-0000-7000-8000-000000000000/revoke-link')).status).toBe(404);
    await school.admin.post(path);
    expect((await school.admin.post(path)).body).toMatchObject({ links: 1 });
  });
});

describe('what comes too late', () => {
  test('an answer after its time, though nobody wrote that down yet', async () => {
    const { id, link } = await family('Geç Kalan');
    const form = await fillIn(server, link);
    await read().request.updateMany({ where: { courseId: id }, data: { answerBy: new Date() } });
    await form.press('to', 'sign', { typedName: 'Geç Kalan', responsible: 'yes' });
    expect(form.text).not.toContain('Thank you');
    expect(await read().permission.count({ where: { courseId: id } })).toBe(0);
    const home = await new FormClient(server.url).get(link);
    expect(home.text).toContain('The time to answer is over');
    expect(home.links(/\/requests\//)).toEqual([]);
  });

  test('another answer in terms that are not in force any more', async () => {
    const { id, link } = await family('Eski Koşul');
    await signAs(server, link, 'Eski Koşul');
    const form = await fillIn(server, link, { record: 'no', release: 'no' });
    const tried = ok(await school.teacher.patch(`/api/courses/${id}`, { reason: 'Başka bir neden' }));
    ok(await school.teacher.patch(`/api/courses/${id}`, { reason: 'Başka bir neden', confirm: tried.terms }));
    await form.press('to', 'sign', {});
    expect(form.text).not.toContain('is recorded');
    expect(await read().permission.count({ where: { courseId: id } })).toBe(1);
    const home = await new FormClient(server.url).get(link);
    expect(home.links(/\/requests\//)).toEqual([]);
    // Taking it back has no end.
    const [answer = ''] = home.links(/\/answers\/[^/]+$/);
    await home.get(`${answer}/withdraw`);
    await home.press('', '');
    expect(home.text).toContain('It is taken back');
  });

  test('a second press on “take back” says what the first did', async () => {
    const { id, link } = await family('Çift Basan');
    await signAs(server, link, 'Çift Basan');
    const client = await new FormClient(server.url).get(link);
    const [answer = ''] = client.links(/\/answers\/[^/]+$/);
    const once = await new FormClient(server.url).get(`${answer}/withdraw`);
    const twice = await new FormClient(server.url).get(`${answer}/withdraw`);
    await once.press('', '');
    await twice.press('', '');
    expect([once.text, twice.status]).toEqual([twice.text, 200]);
    expect(await read().evidence.count({ where: { permission: { courseId: id }, event: 'withdrawn' } })).toBe(1);
  });

  test('a withdrawal beside a record that was declared invalid leaves it invalid', async () => {
    const { id, link } = await family('Geçersiz Yanıt');
    await signAs(server, link, 'Geçersiz Yanıt');
    const first = await read().permission.findFirstOrThrow({ where: { courseId: id } });
    ok(await school.admin.post(`/api/permissions/${first.id}/invalidate`, { note: 'Yanlış çocuk' }));
    ok(await school.teacher.post(`/api/courses/${id}/reminders`, {}));
    await read().delivery.updateMany({ data: { queuedAt: new Date(0) } });
    ok(await school.teacher.post(`/api/courses/${id}/reminders`, {}));
    const newer = linkIn((await mailServer.next(`veli.${made}.0@aile.example`)).text);
    await signAs(server, newer, 'Geçersiz Yanıt');
    const client = await new FormClient(server.url).get(`${newer}/answers/${first.id}/withdraw`);
    await client.press('', '');
    expect(client.text).toContain('It is taken back');
    const rows = await read().permission.findMany({ where: { courseId: id }, orderBy: { createdAt: 'asc' } });
    expect(rows.map(({ status }) => status)).toEqual(['invalidated', 'withdrawn']);
  });

  test('a mail that tells of an answer goes to nobody who no longer stands for the child', async () => {
    const { links, addresses } = await family('Söyleyen Ak', 'Duymayan Ak');
    const { outside } = server.context;
    mailServer.setBusy(true);
    try {
      await signAs(server, links[0] ?? '', 'Söyleyen Ak');
      await eventually(() => mailServer.turnedAway.has(addresses[1] ?? ''), 'the mail to be turned away');
      const where = { guardian: { name: 'Duymayan Ak' }, until: null };
      await read().guardianship.updateMany({ where, data: { until: outside.clock() } });
    } finally {
      mailServer.setBusy(false);
    }
    await eventually(
      async () =>
        (await read().delivery.count({ where: { kind: 'told', link: { person: { name: 'Duymayan Ak' } } } })) === 0,
      'the mail to be taken back',
    );
    expect(mailServer.mails.filter(({ to }) => to === addresses[1])).toEqual([]);
  });
});

describe('receipts', () => {
  test('of an answer, an objection and a withdrawal are of their signer alone', async () => {
    const { id, links } = await family('Anne Ak', 'Baba Ak');
    const [hers = '', his = ''] = links;
    const lesson = ok(
      await school.teacher.post(`/api/courses/${id}/lessons`, { plannedStart: inDays(1), plannedEnd: inDays(1.05) }),
    );
    await signAs(server, hers, 'Anne Ak');
    await signAs(server, his, 'Baba Ak');
    const client = await new FormClient(server.url).get(hers);
    const [answer = ''] = client.links(/\/answers\/[^/]+$/);
    await client.get(answer);
    await client.press('do', 'object');
    await client.get(`${answer}/withdraw`);
    await client.press('', '');
    const evidence = await read().evidence.findMany({
      where: { permission: { courseId: id, signerName: 'Anne Ak' } },
      orderBy: { createdAt: 'asc' },
    });
    expect(evidence.map(({ event }) => event)).toEqual(['answered', 'objected', 'withdrawn']);
    for (const { id: evidenceId } of evidence) {
      for (const path of [`receipts/${evidenceId}.json`, `receipts/${evidenceId}.pdf`, `done/${evidenceId}`]) {
        expect([path, (await new FormClient(server.url).get(`${his}/${path}`)).status]).toEqual([path, 404]);
        expect([path, (await new FormClient(server.url).get(`${hers}/${path}`)).status]).toEqual([path, 200]);
      }
    }
    // The receipt of an objection says to which lesson.
    const objected = mustHave(evidence[1], 'evidence of the objection');
    const pdf = await fetch(`${server.url}${hers}/receipts/${objected.id}.pdf`);
    const { pages } = await createPdfTextReader().read(bufferSource(Buffer.from(await pdf.arrayBuffer()), 4_000));
    const words = pages.flatMap((page) => page.lines.flatMap((line) => line.words.map(({ text }) => text))).join(' ');
    expect(words).toContain(`İtiraz edilen ders saati Ders ${made}, `);
    // Her page of the lesson does not say what he did, and his not what she did.
    const other = await new FormClient(server.url).get(his);
    await other.get(other.links(/\/answers\/[^/]+$/)[0] ?? '');
    expect(other.text).not.toContain('Anne Ak');
    expect(other.links(/\.json$/)).toHaveLength(1);
    const mine = await read().permission.findFirstOrThrow({ where: { courseId: id, signerName: 'Anne Ak' } });
    for (const path of [`answers/${mine.id}`, `answers/${mine.id}/withdraw`])
      expect((await new FormClient(server.url).get(`${his}/${path}`)).status).toBe(404);
    const posted = await new FormClient(server.url).post(
      `${his}/answers/${mine.id}/lessons/${lesson.id}`,
      new URLSearchParams({ do: 'lift' }),
    );
    expect(posted.status).toBe(404);
    expect(await read().objection.count({ where: { lessonId: lesson.id, liftedAt: null } })).toBe(1);
  });
});

describe('a guardian who no longer stands for a child', () => {
  /** Ends that a guardian stands for their pupil. */
  async function end(name: string) {
    const { id } = await read().guardianship.findFirstOrThrow({ where: { guardian: { name }, until: null } });
    ok(await school.admin.patch(`/api/guardianships/${id}`, { end: true, why: 'TEST document, 2026-11-02' }));
  }

  test('is asked no more, answers nothing, and sees of the lessons nothing', async () => {
    const { id, links } = await family('Kalan Ak', 'Giden Ak');
    const [, his = ''] = links;
    const form = await fillIn(server, his);
    await end('Giden Ak');
    await form.press('to', 'sign', { typedName: 'Giden Ak', responsible: 'yes' });
    expect(form.text).not.toContain('Thank you');
    expect(await read().permission.count({ where: { courseId: id } })).toBe(0);
    const open = await read().request.findMany({ where: { courseId: id, state: 'open' }, include: { signer: true } });
    expect(open.map(({ signer }) => signer?.name)).toEqual(['Kalan Ak']);
    expect((await new FormClient(server.url).get(his)).links(/\/requests\//)).toEqual([]);
  });

  test('objected to a lesson: with them the objection goes', async () => {
    const { id, links } = await family('İtiraz Etmeyen', 'İtiraz Eden');
    const [hers = '', his = ''] = links;
    await signAs(server, hers, 'İtiraz Etmeyen');
    await signAs(server, his, 'İtiraz Eden');
    const { id: lessonId } = ok(
      await school.teacher.post(`/api/courses/${id}/lessons`, { plannedStart: inDays(1), plannedEnd: inDays(1.05) }),
    );
    const client = await new FormClient(server.url).get(his);
    await client.get(client.links(/\/answers\/[^/]+$/)[0] ?? '');
    await client.press('do', 'object');
    const codes = async () =>
      ok(await school.teacher.get(`/api/lessons/${lessonId}/gate`)).reasons.map(({ code }: { code: string }) => code);
    expect(await codes()).toContain('OBJECTED');
    await end('İtiraz Eden');
    expect(await codes()).not.toContain('OBJECTED');
  });

  test('takes back what they gave, and sees no lesson of the child', async () => {
    const { id, links } = await family('Duran Ak', 'Ayrılan Ak');
    const [, his = ''] = links;
    await signAs(server, his, 'Ayrılan Ak');
    ok(
      await school.teacher.post(`/api/courses/${id}/lessons`, {
        title: 'Yarınki ders',
        plannedStart: inDays(1),
        plannedEnd: inDays(1.05),
      }),
    );
    const client = await new FormClient(server.url).get(his);
    const [answer = ''] = client.links(/\/answers\/[^/]+$/);
    expect((await client.get(answer)).links(/\/lessons\//)).toHaveLength(1);
    await end('Ayrılan Ak');
    expect((await client.get(answer)).links(/\/lessons\//)).toEqual([]);
    expect(client.text).not.toContain('Yarınki ders');
    await client.get(`${answer}/withdraw`);
    expect(client.text).not.toContain('Yarınki ders');
    await client.press('', '');
    expect(client.text).toContain('It is taken back');
  });
});
