import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FormClient } from '../../src/demo/form-client.ts';
import { makeReceipt } from '../../src/pipeline/signing/make-receipt.ts';
import { proveSecondThing } from '../../src/pipeline/signing/second-thing.ts';
import { startMailServer } from '../support/mail-server.ts';
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
  return { id: course.id as string, links, link: links[0] ?? '' };
}
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
    ok(await school.admin.patch(`/api/guardianships/${id}`, { end: true }));
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
