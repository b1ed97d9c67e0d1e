import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyReceipt } from '../../../src/audit/receipt.ts';
import { parseVerifierKey } from '../../../src/audit/signed-note.ts';
import { dayIn, startOfDay } from '../../../src/domain/calendar.ts';
import { Refusal } from '../../../src/domain/errors.ts';
import { takeScan } from '../../../src/pipeline/paper/take-scan.ts';
import type { Outside } from '../../../src/pipeline/ports/outside.ts';
import { makeReceipt } from '../../../src/pipeline/signing/make-receipt.ts';
import type { Answer, Api } from '../../support/api.ts';
import { handIn, paged, pagesOf, printed, scanOf, sign } from '../../support/paper.ts';
import { inked, pdfOf, tinyPdf } from '../../support/pdf.ts';
import { createSchool, inDays, ok, type School } from '../../support/school.ts';
import { arrivals, startTestServer, type TestServer } from '../../support/server.ts';
import { type Family, openCourse, takeInClass } from '../../support/signing.ts';

let server: TestServer;
let school: School;
let today: string;
beforeAll(async () => {
  // Nobody listens there: mails wait.
  server = await startTestServer({ SMTP_URL: 'smtp://127.0.0.1:9' });
  school = await createSchool(server);
  // Release to families takes ink.
  ok(await school.admin.put('/api/school/permission-rules', { preset: 'tr' }));
  const { timeZone } = ok(await school.admin.get('/api/school/permission-rules'));
  today = dayIn(new Date(), timeZone);
});
afterAll(() => server?.stop());

let made = 0;
/** A class of its own whose guardians have no address, and a course for it. */
async function course(families: readonly Family[], more: Record<string, unknown> = {}) {
  made += 1;
  const classId = await takeInClass(school, `7/${made}`, families);
  return { classId, ...(await openCourse(school, classId, more)) };
}
const family = (pupil: string, guardian: string): Family => ({ pupil, guardians: [[guardian, '', '0532 000 12 34']] });

const reading = (name: string, differing: Record<string, unknown> = {}) => ({
  answers: ['yes', 'yes', 'yes', 'no'],
  isNoted: true,
  isConsented: true,
  isSigned: true,
  name,
  writtenDate: today,
  receivedOn: today,
  wasBeforeLesson: false,
  ...differing,
});
const refusal = ({ status, body }: Answer) => [
  status,
  body.code,
  ...(body.reasons ?? []).map(({ code }: { code: string }) => code),
];
const read = (by: Api, id: string, what: object) => by.put(`/api/scan-pages/${id}/reading`, what);
const confirm = (by: Api, { id, readAt }: { id: string; readAt: string }) =>
  by.post(`/api/scan-pages/${id}/confirm`, { readAt });
const stateOf = async (courseId: string, name: string) =>
  ok(await school.teacher.get(`/api/courses/${courseId}/people`)).rows.find(
    (row: { name: string }) => row.name === name,
  ).state;
const db = () => server.context.outside.database.read;

/** One pupil, printed, scanned with ink and handed in: the course, its pages, and the last one, which is signed. */
async function signedSheet(pupil: string, guardian: string, by: Api = school.teacher) {
  const { id, classId } = await course([family(pupil, guardian)]);
  const pages = await paged(server, await printed(server, school.teacher, id), (place, picture) =>
    sign(place, picture),
  );
  const taken = ok(await handIn(by, await scanOf(pages)));
  const rows = await pagesOf(school.admin, id);
  return { id, classId, pages, taken, rows, signed: rows.at(-1) };
}

describe('the way of a sheet', () => {
  test('a class is printed, scanned, read by one and confirmed by another; the gate of the lesson opens', async () => {
    const { id } = await course([family('Ada Şıh', 'Işıl Şıh'), family('Can Öz', 'Gül Öz')], {
      sites: [{ name: 'Deneme Ortaokulu', kind: 'school', contact: 'Müdür, 0312 000 00 00' }],
    });
    const pdf = await printed(server, school.teacher, id);
    const lesson = ok(
      await school.teacher.post(`/api/courses/${id}/lessons`, { plannedStart: inDays(2), plannedEnd: inDays(2.05) }),
    );
    ok(
      await school.teacher.put(`/api/lessons/${lesson.id}/announcement`, {
        at: inDays(2),
        by: 'Tuna Teacher',
        how: 'spoken',
        second: 4,
      }),
    );
    const gate = async () =>
      ok(await school.teacher.get(`/api/lessons/${lesson.id}/gate`)).reasons.map(({ code }: { code: string }) => code);
    expect(await gate()).toEqual(['PERMISSION_MISSING', 'PERMISSION_MISSING', 'PERMISSION_MISSING']);
    expect(await stateOf(id, 'Ada Şıh')).toBe('asked');

    const pages = await paged(server, pdf, (place, picture) => sign(place, picture));
    const taken = ok(await handIn(school.teacher, await scanOf(pages.toReversed())));
    expect(taken).toMatchObject({ pages: pages.length, assigned: pages.length, unassigned: 0, again: 0 });
    const rows = await pagesOf(school.teacher, id);
    const signed = rows.filter(({ sheet }: { sheet: { page: number; pages: number } }) => sheet.page === sheet.pages);
    expect(signed.map(({ sheet }: { sheet: { subject: string } }) => sheet.subject).sort()).toEqual([
      'Ada Şıh',
      'Can Öz',
      'Deneme Ortaokulu',
    ]);
    for (const { id: pageId, sheet } of signed) {
      const asked = ok(await school.teacher.get(`/api/scan-pages/${pageId}`));
      expect(asked.questions).toHaveLength(4);
      const typed = ok(await read(school.teacher, pageId, reading(sheet.signer.toLocaleUpperCase('tr'))));
      expect(typed).toMatchObject({ state: 'read', readByName: 'Tuna Teacher', permissionId: null });
      expect(await gate()).toContain('PERMISSION_MISSING');
      expect(ok(await confirm(school.admin, typed))).toMatchObject({ state: 'confirmed' });
    }
    expect(await gate()).toEqual([]);
    expect(await stateOf(id, 'Ada Şıh')).toBe('given');
    // The other pages belong to the same answers: nothing is left to do.
    const left = (await pagesOf(school.teacher, id)).map(({ state }: { state: string }) => state);
    expect(new Set(left)).toEqual(new Set(['confirmed']));

    const row = await db().permission.findFirstOrThrow({
      where: { courseId: id, participant: { person: { name: 'Ada Şıh' } } },
      include: { request: true, evidence: true },
    });
    expect(row).toMatchObject({
      route: 'paper',
      assurance: 4,
      isDatedByDay: true,
      inHandAt: null,
      signerName: 'Işıl Şıh',
      releaseTo: ['class'],
      declinedTo: ['families'],
      request: { state: 'answered' },
    });
    expect(row.signedAt?.getTime()).toBeLessThan(Date.now());
    const { text } = (await makeReceipt(server.context.outside, row.id))!;
    const { key } = (await (await fetch(`${server.url}/.well-known/emanet-log`)).json()) as { key: string };
    const check = await verifyReceipt(Buffer.from(text), { keys: [parseVerifierKey(key)], checkpoints: [] }).next();
    expect(check).toMatchObject({
      done: true,
      value: {
        isKeyKnown: true,
        evidence: {
          act: { kind: 'paper' },
          assurance: { level: 4, checks: ['two_people'] },
          signer: { typedName: 'IŞIL ŞIH' },
          paper: {
            page: 2,
            imageSha256: row.documentSha256,
            writtenDate: today,
            receivedOn: today,
            readBy: school.teacher.id,
            confirmedBy: school.admin.id,
          },
        },
      },
    });
  });

  test('what happened to a child’s data names sheets and pages, and so does the file about who signed', async () => {
    const who = encodeURIComponent('Ada Şıh');
    const { records, entries } = ok(await school.auditor.get(`/api/audit/participant?limit=200&name=${who}`));
    const [{ sheets }] = records[0].requests;
    expect(sheets).toMatchObject([
      {
        scans: [
          { page: 1, state: 'confirmed' },
          { page: 2, state: 'confirmed' },
        ],
      },
    ]);
    const about = new Set(sheets[0].scans.map(({ id }: { id: string }) => id));
    const confirmed = entries.filter(
      ({ entry }: { entry: { action: string } }) => entry.action === 'scan.page_confirmed',
    );
    expect(confirmed).not.toEqual([]);
    for (const { entry } of confirmed) expect(about).toContain(entry.object.id);
    expect(entries.map(({ entry }: { entry: { action: string } }) => entry.action)).toContain('sheet.printed');
    const { id } = await db().person.findFirstOrThrow({ where: { name: 'Işıl Şıh' } });
    const file = ok(await school.admin.get(`/api/persons/${id}/export`));
    expect(file.sheets).toMatchObject([
      { code: sheets[0].code, scans: [{ pictureSha256: expect.stringMatching(/^[0-9a-f]{64}$/) }, {}] },
    ]);
    expect(JSON.parse(file.answers[0].evidence[0].canonical)).toMatchObject({ paper: { code: sheets[0].code } });
  });

  test('the picture is given back as it was scanned, and that it was shown is on the log', async () => {
    const { signed } = await signedSheet('Deniz Ak', 'Su Ak');
    const response = await fetch(`${server.url}/api/scan-pages/${signed.id}/picture`, {
      headers: school.teacher.headers,
    });
    expect(response.headers.get('content-type')).toBe('image/png');
    const picture = await server.context.outside.pictures.picture(
      await response.arrayBuffer().then((bytes) => ({
        bytes: bytes.byteLength,
        async *read(start: number, end: number) {
          yield new Uint8Array(bytes.slice(start, end));
        },
      })),
    );
    expect(picture.height).toBe(2_400);
    expect(JSON.stringify(await arrivals(server, 'scan.page_shown'))).toContain(signed.id);
    // Sealed: nothing of it is in the store in the clear.
    const { sealed } = await db().scanPage.findUniqueOrThrow({ where: { id: signed.id }, include: { sealed: true } });
    const stored: Buffer[] = [];
    for await (const piece of await server.context.outside.objects.get(sealed.bodyKey)) stored.push(Buffer.from(piece));
    expect(Buffer.concat(stored).includes('IHDR')).toBe(false);
  });

  test('in hand before the first lesson of its day, it counts from the beginning of that day', async () => {
    const { id, signed } = await signedSheet('Umay Su', 'Aylin Su');
    const typed = ok(await read(school.teacher, signed.id, reading('Aylin Su', { wasBeforeLesson: true })));
    ok(await confirm(school.admin, typed));
    const row = await db().permission.findFirstOrThrow({ where: { courseId: id } });
    const { timeZone } = ok(await school.admin.get('/api/school/permission-rules'));
    expect(row.inHandAt).toEqual(startOfDay(today, timeZone));
    expect(row.signedAt).toEqual(startOfDay(today, timeZone));
  });

  test('nobody gets two sheets, unless theirs went astray; who is reached by mail gets none', async () => {
    const { id, classId } = await course([
      family('Ece Nil', 'Oya Nil'),
      { pupil: 'Umut Nil', guardians: [['Filiz Nil', 'filiz.nil@aile.example', '0532']] },
    ]);
    await printed(server, school.teacher, id);
    const again = (more: object) => school.teacher.post(`/api/courses/${id}/sheets`, { office: 'Oda 3', ...more });
    expect(refusal(await again({}))).toEqual([409, 'WRONG_STATE', 'NOTHING_TO_PRINT']);
    await printed(server, school.teacher, id, { again: true, classId });
    const sheets = await db().sheet.findMany({ where: { request: { courseId: id } } });
    expect(new Set(sheets.map(({ code }) => code)).size).toBe(2);
    expect(new Set(sheets.map(({ requestId }) => requestId)).size).toBe(1);
    const reached = { request: { courseId: id, signer: { name: 'Filiz Nil' } } };
    expect(await db().sheet.count({ where: reached })).toBe(0);
    await printed(server, school.teacher, id, { everybody: true });
    expect(await db().sheet.count({ where: reached })).toBe(1);
    expect(refusal(await again({ again: true, participantId: school.channelId }))).toEqual([
      409,
      'WRONG_STATE',
      'NOTHING_TO_PRINT',
    ]);
  });

  test('a name that cannot be printed is told, and nobody is asked', async () => {
    const { id } = await course([family('小明 Deneme', 'Su Deneme')]);
    expect(refusal(await school.teacher.post(`/api/courses/${id}/sheets`, { office: 'Oda 3' }))).toEqual([
      422,
      'NOT_PRINTABLE',
      'NAME_NOT_PRINTABLE',
    ]);
    expect(await db().request.count({ where: { courseId: id } })).toBe(0);
  });
});

describe('a no', () => {
  test('is taken from one page, without name or date, and is a refusal', async () => {
    const { id } = await course([family('Mert Su', 'Esra Su')]);
    const pages = await paged(server, await printed(server, school.teacher, id));
    ok(await handIn(school.teacher, pages.at(-1)!));
    const [page] = await pagesOf(school.teacher, id);
    const yes = reading('Esra Su');
    expect(refusal(await read(school.teacher, page.id, yes))).toEqual([400, 'INVALID_REQUEST', 'SHEET_PAGES_MISSING']);
    const no = { ...yes, answers: ['no', 'no', 'none', 'no'], name: '', isNoted: false, writtenDate: null };
    ok(await confirm(school.admin, ok(await read(school.teacher, page.id, no))));
    expect(await stateOf(id, 'Mert Su')).toBe('refused');
  });
});

describe('what must not happen', () => {
  test('one person alone: neither confirms nor rejects what they read; typed again, it is looked at again', async () => {
    const { id, signed } = await signedSheet('Efe Kar', 'Nur Kar');
    const typed = ok(await read(school.teacher, signed.id, reading('Nur Kar')));
    expect(refusal(await confirm(school.teacher, typed))).toEqual([403, 'SAME_PERSON', 'SECOND_READER']);
    const put = await school.teacher.post(`/api/scan-pages/${signed.id}/reject`, { note: 'yok' });
    expect(refusal(put)).toEqual([403, 'SAME_PERSON', 'SECOND_READER']);
    const later = ok(await read(school.admin, signed.id, reading('Nur Kar', { answers: ['yes', 'yes', 'no', 'no'] })));
    expect(refusal(await confirm(school.admin, later))).toEqual([403, 'SAME_PERSON', 'SECOND_READER']);
    expect(refusal(await confirm(school.teacher, typed))).toEqual([409, 'STATE_CHANGED']);
    expect(await stateOf(id, 'Efe Kar')).toBe('asked');
    expect(await db().permission.count({ where: { courseId: id } })).toBe(0);
    ok(await confirm(school.teacher, later));
  });

  test('another teacher sees, reads and assigns nothing of it', async () => {
    const { id, signed } = await signedSheet('Nil Öz', 'Ayşe Öz');
    const path = `/api/scan-pages/${signed.id}`;
    const all = [
      await school.otherTeacher.get(path),
      await school.otherTeacher.get(`${path}/picture`),
      await read(school.otherTeacher, signed.id, reading('Ayşe Öz')),
      await confirm(school.otherTeacher, { id: signed.id, readAt: new Date().toISOString() }),
      await school.otherTeacher.post(`${path}/reject`, { note: 'x' }),
      await school.otherTeacher.post(`/api/courses/${id}/sheets`, { office: 'x' }),
    ];
    expect(all.map(refusal)).toEqual(all.map(() => [404, 'NOT_FOUND']));
    expect(await pagesOf(school.otherTeacher, id)).toEqual([]);
    // A page without a code, which the other teacher brings: it goes to no sheet of somebody else.
    ok(await handIn(school.otherTeacher, await pdfOf([inked(11)])));
    const [loose] = await pagesOf(school.otherTeacher);
    const to = { code: signed.sheet.code, page: 1 };
    expect(refusal(await school.otherTeacher.put(`/api/scan-pages/${loose.id}/sheet`, to))).toEqual([
      404,
      'NOT_FOUND',
      'SHEET_UNKNOWN',
    ]);
    expect(await pagesOf(school.teacher)).toEqual([]);
  });

  test('a page that another teacher brings finds its sheet, and is theirs no longer', async () => {
    const { id, taken } = await signedSheet('Arda Mor', 'Ali Mor', school.otherTeacher);
    expect(taken).toMatchObject({ assigned: 2, unassigned: 0 });
    expect(await pagesOf(school.otherTeacher, id)).toEqual([]);
    expect(await pagesOf(school.teacher, id)).toHaveLength(2);
  });

  test('a page of another school, of nobody, or of two is not guessed; letters bring it home, a wrong letter nowhere', async () => {
    const { id, classId } = await course([family('Ela Ak', 'Sema Ak')]);
    const pdf = await printed(server, school.teacher, id, { classId });
    const sheet = await db().sheet.findFirstOrThrow({ where: { request: { courseId: id } } });
    // The code of a sheet that was never printed here.
    const other = sheet.code;
    const foreign = await paged(server, pdf, (place, picture) => sign(place + 10, picture));
    await db().sheet.update({ where: { id: sheet.id }, data: { code: '00000000000000000' } });
    expect(ok(await handIn(school.teacher, foreign[0]!))).toMatchObject({ pages: 1, assigned: 0, unassigned: 1 });
    await db().sheet.update({ where: { id: sheet.id }, data: { code: other } });
    ok(await handIn(school.teacher, await pdfOf([inked(12)])));
    const two = (pdf: PDFKit.PDFDocument) =>
      void pdf.image(foreign[0]!, 0, 0, { width: 290 }).image(foreign[1]!, 300, 0, { width: 290 });
    ok(await handIn(school.teacher, await pdfOf([two])));
    const loose = await pagesOf(school.teacher);
    expect(loose.map(({ found }: { found: string }) => found)).toEqual(['unknown', 'none', 'several']);
    expect(refusal(await read(school.teacher, loose[1].id, reading('Sema Ak')))).toEqual([
      409,
      'WRONG_STATE',
      'SCAN_PAGE_NOT_ASSIGNED',
    ]);
    const assign = (code: string, page: number) =>
      school.teacher.put(`/api/scan-pages/${loose[1].id}/sheet`, { code, page });
    const wrong = `${other.slice(0, 5)}${other[5] === 'A' ? 'B' : 'A'}${other.slice(6)}`;
    expect(refusal(await assign(wrong, 1))).toEqual([400, 'INVALID_REQUEST', 'SHEET_CODE_WRONG']);
    expect(refusal(await assign(other, 3))).toEqual([400, 'INVALID_REQUEST', 'SHEET_PAGE_UNKNOWN']);
    const shown = other.toLowerCase().replace(/(.{4})(.{4})(.{4})(.{5})/, '$1-$2-$3-$4');
    expect(ok(await assign(shown, 2))).toMatchObject({ sheet: { subject: 'Ela Ak', page: 2 }, state: 'seen' });
    expect(refusal(await assign(other, 1))).toEqual([409, 'WRONG_STATE', 'SCAN_PAGE_ASSIGNED']);
  });

  test('the same scan twice is noticed, at the same time too; rejected, it may come again', async () => {
    const { id, pages, signed, rows } = await signedSheet('Bora Işık', 'Filiz Işık');
    const file = await scanOf(pages);
    expect(ok(await handIn(school.admin, file))).toMatchObject({ pages: 2, assigned: 0, again: 2 });
    const other = await paged(server, file, (place, picture) => sign(place + 20, picture));
    const both = await Promise.all([1, 2].map(async () => ok(await handIn(school.teacher, await scanOf(other)))));
    expect(both.map(({ again }) => again).sort()).toEqual([0, 2]);
    expect(await pagesOf(school.teacher, id)).toHaveLength(4);
    ok(await school.teacher.post(`/api/scan-pages/${signed.id}/reject`, { note: 'bulanık' }));
    expect(ok(await handIn(school.teacher, file))).toMatchObject({ assigned: 1, again: 1 });
    // Scanned twice, a sheet is answered once.
    const again = await pagesOf(school.teacher, id);
    const waiting = again.filter(({ state, sheet }: Answer['body']) => state === 'seen' && sheet.page === 2);
    expect(waiting).toHaveLength(2);
    const typed = ok(await read(school.teacher, waiting[0].id, reading('Filiz Işık')));
    expect(refusal(await read(school.admin, waiting[1].id, reading('Filiz Işık')))).toEqual([
      409,
      'WRONG_STATE',
      'SHEET_BEING_READ',
    ]);
    ok(await confirm(school.admin, typed));
    expect(refusal(await read(school.teacher, rows[0].id, reading('Filiz Işık')))).toEqual([
      409,
      'WRONG_STATE',
      'SCAN_PAGE_DONE',
    ]);
    ok(await handIn(school.teacher, (await paged(server, file, (place, picture) => sign(place + 30, picture)))[1]!));
    const late = (await pagesOf(school.teacher, id)).find(({ state }: { state: string }) => state === 'seen');
    expect(refusal(await read(school.teacher, late.id, reading('Filiz Işık')))).toEqual([
      409,
      'WRONG_STATE',
      'SHEET_ANSWERED',
    ]);
    expect(await db().permission.count({ where: { courseId: id } })).toBe(1);
  });

  test('a sheet of terms that changed is no yes any more, though it was read before; a no it still is', async () => {
    const { id, signed } = await signedSheet('Ege Ak', 'Pınar Ak');
    const typed = ok(await read(school.teacher, signed.id, reading('Pınar Ak')));
    const change = { reason: 'Başka bir amaç' };
    const { terms } = ok(await school.teacher.patch(`/api/courses/${id}`, change));
    await school.teacher.patch(`/api/courses/${id}`, { ...change, confirm: terms });
    expect(refusal(await confirm(school.admin, typed))).toEqual([409, 'WRONG_STATE', 'SHEET_TERMS_CHANGED']);
    expect(refusal(await read(school.teacher, signed.id, reading('Pınar Ak')))).toEqual([
      409,
      'WRONG_STATE',
      'SHEET_TERMS_CHANGED',
    ]);
    const no = reading('Pınar Ak', { answers: ['no', 'no', 'no', 'no'] });
    ok(await confirm(school.admin, ok(await read(school.teacher, signed.id, no))));
    expect(await stateOf(id, 'Ege Ak')).toBe('refused');
  });

  test('a guardian who no longer stands for the child says no yes on paper either', async () => {
    const { signed } = await signedSheet('Suna Ak', 'Zeki Ak');
    const typed = ok(await read(school.teacher, signed.id, reading('Zeki Ak')));
    const guardianship = await db().guardianship.findFirstOrThrow({ where: { guardian: { name: 'Zeki Ak' } } });
    ok(
      await school.admin.patch(`/api/guardianships/${guardianship.id}`, {
        end: true,
        why: 'TEST document, 2026-11-02',
      }),
    );
    expect(refusal(await confirm(school.admin, typed))).toEqual([409, 'WRONG_STATE', 'SHEET_SIGNER_ENDED']);
  });

  test('another name, no signature, or a date that cannot be is no answer', async () => {
    const { signed } = await signedSheet('Lale Ak', 'Hale Ak');
    const typed = (differing: object) => read(school.teacher, signed.id, { ...reading('Hale Ak'), ...differing });
    expect(refusal(await typed({ name: 'Başka Biri' }))).toEqual([400, 'INVALID_REQUEST', 'PAPER_NAME_DIFFERS']);
    expect(refusal(await typed({ isSigned: false, isNoted: false, writtenDate: '2020-01-01' }))).toEqual([
      400,
      'INVALID_REQUEST',
      'PAPER_DATE_IMPOSSIBLE',
      'PAPER_NOT_NOTED',
      'PAPER_NOT_SIGNED',
    ]);
    expect(refusal(await typed({ answers: ['yes'] }))).toEqual([400, 'INVALID_REQUEST', 'PAPER_ANSWERS']);
    ok(await typed({ name: 'H. Ak', acceptsName: true }));
  });

  test('a hostile file leaves nothing behind, whatever page it breaks at', async () => {
    const before = await db().scanPage.count();
    const good = await pdfOf([inked(21), inked(22)]);
    const files = [
      Buffer.from('<html><script>alert(1)</script></html>'),
      Buffer.concat([Buffer.from('%PDF-1.7\n'), good.subarray(500, 1_500)]),
      tinyPdf(201),
    ];
    const refused = [];
    for (const file of files) refused.push(refusal(await handIn(school.teacher, file)).slice(0, 2));
    expect(refused).toEqual([
      [422, 'NOT_DOCUMENT'],
      [422, 'NOT_MEDIA'],
      [415, 'MEDIA_NOT_ALLOWED'],
    ]);
    expect(refusal(await handIn(school.teacher, good, { receivedOn: '2199-01-01' }))).toEqual([
      400,
      'INVALID_REQUEST',
      'SCAN_FROM_FUTURE',
    ]);
    expect(await db().scanPage.count()).toBe(before);
    const { outside } = server.context;
    let looked = 0;
    const codes: Outside['codes'] = {
      async read(picture, options) {
        if (++looked > 2) throw new Refusal('MEDIA_NOT_ALLOWED');
        return outside.codes.read(picture, options);
      },
    };
    const actor = { kind: 'staff', id: school.teacher.id!, roles: ['teacher'], scopes: null } as const;
    const broken = { bytes: Readable.from([good]), signal: new AbortController().signal };
    await expect(takeScan({ ...outside, codes }, { actor }, broken)).rejects.toMatchObject({
      code: 'MEDIA_NOT_ALLOWED',
      reasons: [{ code: 'SCAN_NOT_READ', params: { page: 2 } }],
    });
    const { objects } = outside;
    const kept: string[] = [];
    for await (const { key } of objects.list('documents/')) if (key.endsWith('/body')) kept.push(key);
    expect(kept).toHaveLength(await db().sealedObject.count({ where: { bodyKey: { startsWith: 'documents/' } } }));
  });
});
