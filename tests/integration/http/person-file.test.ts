import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyReceipt } from '../../../src/audit/receipt.ts';
import { parseVerifierKey } from '../../../src/audit/signed-note.ts';
import { personExport } from '../../../src/contract/person-export.ts';
import { openContactBook } from '../../../src/pipeline/core/people-key.ts';
import { ownKey } from '../../../src/pipeline/oversight/note-reading.ts';
import { makeReceipt } from '../../../src/pipeline/signing/make-receipt.ts';
import type { Answer } from '../../support/api.ts';
import { addLessonIn } from '../../support/courses.ts';
import { eventually } from '../../support/eventually.ts';
import { startMailServer } from '../../support/mail-server.ts';
import { createSchool, ok, type School } from '../../support/school.ts';
import { createSealedRecording } from '../../support/sealed-recording.ts';
import { arrivals, startTestServer, type TestServer } from '../../support/server.ts';
import { askedLink, openCourse, signAs, takeInClass } from '../../support/signing.ts';

const mother = 'nur.ornekkaya@aile.example';
const father = 'hakan.ornekkaya@aile.example';

let server: TestServer;
let school: School;
let mailServer: Awaited<ReturnType<typeof startMailServer>>;
let courseId: string;
let lessonId: string;
beforeAll(async () => {
  mailServer = await startMailServer();
  server = await startTestServer({ SMTP_URL: mailServer.url, MAIL_FROM: 'okul@okul.example' });
  school = await createSchool(server);
  const classId = await takeInClass(school, '9/İ', [
    {
      pupil: 'Ilgaz Örnekkaya',
      guardians: [
        ['Nur Örnekkaya', mother, '0532 000 12 34'],
        ['Hakan Örnekkaya', father, '0532 000 56 78'],
      ],
    },
    { pupil: 'Başka Çocuk', guardians: [['Başka Veli', 'baska@aile.example', '0532 111 11 11']] },
  ]);
  courseId = (await openCourse(school, classId)).id;
  const link = await askedLink(school, mailServer, courseId, mother);
  const { read } = server.context.outside.database;
  await eventually(async () => (await read.delivery.count({ where: { state: 'queued' } })) === 0, 'every mail is sent');
  await signAs(server, link, 'Nur Örnekkaya');
  lessonId = (await addLessonIn(school.teacher, courseId, 0)).id;
  await createSealedRecording(server.context.outside, lessonId, school.teacher.id);
});
afterAll(async () => {
  await server?.stop();
  await mailServer?.stop();
});

const idOf = async (name: string): Promise<string> =>
  ok(await school.teacher.get(`/api/persons?search=${encodeURIComponent(name)}`)).items[0].id;
const fileOf = async (name: string): Promise<Answer['body']> =>
  ok(await school.admin.get(`/api/persons/${await idOf(name)}/export`));

describe('the file about a person', () => {
  test('of a guardian has addresses with their line, mails, and what she signed with a receipt that proves it', async () => {
    const { read } = server.context.outside.database;
    const evidence = await read.evidence.findFirstOrThrow();
    await makeReceipt(server.context.outside, evidence.id);
    const file = await fileOf('Nur Örnekkaya');
    expect(personExport.parse(file)).toEqual(file);
    expect(file).toMatchObject({
      format: 'emanet-person',
      v: 1,
      person: { name: 'Nur Örnekkaya', roles: ['guardian'] },
      contacts: [
        { kind: 'email', value: mother, from: { line: 2 } },
        { kind: 'phone', value: '0532 000 12 34', from: { line: 2 } },
      ],
      guardianships: [{ as: 'guardian', other: 'Ilgaz Örnekkaya', relation: 'mother', authority: 'may_sign' }],
      imports: [{ fileName: 'liste.csv', format: 'table' }],
      requests: [{ as: 'signer', other: 'Ilgaz Örnekkaya', course: 'Fizik 10/A', state: 'answered' }],
      mails: [{ to: 'self', kind: 'asked', state: 'accepted', reply: expect.stringContaining('250') }],
      answers: [{ as: 'signer', other: 'Ilgaz Örnekkaya', status: 'granted', capacity: 'guardian' }],
      recordings: [],
      gaps: [],
    });
    expect(file.mails[0].addressMask).not.toContain('ornekkaya@');
    const [{ evidence: own }] = file.answers;
    expect(JSON.parse(own[0].canonical)).toMatchObject({ event: 'answered', signer: { typedName: 'Nur Örnekkaya' } });
    const keys = [parseVerifierKey(ownKey(server.context.outside))];
    const check = verifyReceipt(Buffer.from(own[0].receipt), { keys, checkpoints: [] });
    expect(await check.next()).toMatchObject({ done: true, value: { isKeyKnown: true } });
    expect(file.log.entries.map(({ action }: { action: string }) => action)).toEqual(
      expect.arrayContaining(['permission.granted', 'mail.accepted']),
    );
    expect(file.log.entries.find(({ action }: { action: string }) => action === 'permission.granted').isByThem).toBe(
      true,
    );
  });

  test('of a child has the recordings with them and how long, and of how others signed nothing', async () => {
    const file = await fileOf('Ilgaz Örnekkaya');
    expect(file).toMatchObject({
      person: { schoolNumber: '1000', roles: ['pupil'] },
      classes: [{ name: '9/İ', importId: file.imports[0].id }],
      courses: [{ title: 'Fizik 10/A', kind: 'pupil', isMinor: true, className: '9/İ' }],
      recordings: [{ lessonId, state: 'in_review' }],
      requests: expect.arrayContaining([
        expect.objectContaining({ as: 'subject', other: 'Nur Örnekkaya', state: 'answered' }),
        expect.objectContaining({ as: 'subject', other: 'Hakan Örnekkaya', state: 'open' }),
      ]),
      answers: [{ as: 'subject', other: 'Nur Örnekkaya', status: 'granted', evidence: [] }],
    });
    expect(file.mails.map(({ to, addressMask, reply }: Answer['body']) => [to, addressMask, reply])).toContainEqual([
      'other',
      null,
      null,
    ]);
    const text = JSON.stringify(file);
    for (const hidden of [mother, father, '0532', 'Başka', 'baska@']) expect(text).not.toContain(hidden);
  });

  test('says in words what is not in it', async () => {
    const path = `/api/persons/${await idOf('Ilgaz Örnekkaya')}/export`;
    const turkish = ok(await school.admin.get(path, { 'accept-language': 'tr' }));
    expect(turkish.notIncluded.map(({ code }: { code: string }) => code)).toContain('staff_notes');
    expect(turkish.notIncluded[0].text).toMatch(/okul/);
    const answer = await school.admin.get(path);
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="emanet-person-.*\.json"$/);
    expect(answer.headers.get('cache-control')).toContain('no-store');
  });

  test('keeps back the name of a child from a guardian who no longer stands for them', async () => {
    const { guardianships } = ok(await school.admin.get(`/api/persons/${await idOf('Hakan Örnekkaya')}`));
    ok(await school.admin.patch(`/api/guardianships/${guardianships[0].id}`, { authority: 'none' }));
    const file = await fileOf('Hakan Örnekkaya');
    expect(file.guardianships).toMatchObject([{ as: 'guardian', other: null, authority: 'none' }]);
    expect(file.requests).toMatchObject([{ as: 'signer', other: null }]);
    expect(JSON.stringify(file)).not.toContain('Ilgaz');
    expect((await fileOf('Ilgaz Örnekkaya')).guardianships.map(({ other }: { other: string }) => other)).toEqual(
      expect.arrayContaining(['Nur Örnekkaya', null]),
    );
    ok(await school.admin.patch(`/api/guardianships/${guardianships[0].id}`, { authority: 'may_sign' }));
  });

  test('names what cannot be opened', async () => {
    const { read } = server.context.outside.database;
    const personId = await idOf('Başka Veli');
    const broken = await read.contact.findFirstOrThrow({ where: { personId, kind: 'email' } });
    await read.contact.update({ where: { id: broken.id }, data: { locked: Buffer.alloc(40, 1) } });
    const file = await fileOf('Başka Veli');
    expect(file.contacts).toMatchObject([
      { id: broken.id, value: null },
      { kind: 'phone', value: '0532 111 11 11' },
    ]);
    expect(file.gaps).toEqual([{ what: 'contact', id: broken.id, why: 'cannot_be_opened' }]);
  });

  test('has an end: evidence that is too large for one file is named', async () => {
    const { outside } = server.context;
    const { read } = outside.database;
    const kept = await read.evidence.findFirstOrThrow();
    const book = await openContactBook(outside, read);
    const huge = book.lock(kept.id, JSON.stringify({ canonical: 'x'.repeat(33 * 2 ** 20), strokes: null }));
    book.close();
    await read.evidence.update({ where: { id: kept.id }, data: { locked: huge } });
    const file = await fileOf('Nur Örnekkaya');
    expect(file.answers[0].evidence).toMatchObject([{ id: kept.id, canonical: null, sha256: kept.sha256 }]);
    expect(file.gaps).toContainEqual({ what: 'evidence', id: kept.id, why: 'too_large' });
    await read.evidence.update({ where: { id: kept.id }, data: { locked: kept.locked } });
    expect((await fileOf('Nur Örnekkaya')).gaps).toEqual([]);
  });

  test('is on the log, once for each time, without a name', async () => {
    const before = (await arrivals(server, 'person.exported')).length;
    const id = await idOf('Nur Örnekkaya');
    await Promise.all([1, 2].map(() => school.admin.get(`/api/persons/${id}/export`)));
    const entries = await arrivals(server, 'person.exported');
    expect(entries).toHaveLength(before + 2);
    expect(entries.at(-1)).toMatchObject({ outcome: 'done', details: { contacts: 2, answers: 1, gaps: 0 } });
    for (const hidden of [id, 'Nur', mother]) expect(JSON.stringify(entries)).not.toContain(hidden);
  });
});

describe('who may have the file about a person', () => {
  test('administrators alone, who have just confirmed who they are', async () => {
    const path = `/api/persons/${await idOf('Nur Örnekkaya')}/export`;
    for (const stranger of [school.teacher, school.reviewer, school.auditor])
      expect((await stranger.get(path)).status).toBe(403);
    expect((await school.nobody.get(path)).status).toBe(401);
    const before = (await arrivals(server, 'person.exported')).length;
    server.forward(11 * 60_000);
    expect(await school.admin.get(path)).toMatchObject({ status: 403, body: { code: 'CONFIRMATION_NEEDED' } });
    server.forward(-11 * 60_000);
    expect(await arrivals(server, 'person.exported')).toHaveLength(before);
  });

  test('nobody, of somebody who is not there', async () => {
    expect((await school.admin.get(`/api/persons/${randomUUID()}/export`)).status).toBe(404);
    expect((await school.admin.get('/api/persons/x/export')).status).toBe(400);
  });
});

describe('"What happened to this child’s data?"', () => {
  const trail = async (query: string) => ok(await school.auditor.get(`/api/audit/participant?limit=200&${query}`));

  test('says from which line it came, who was asked by which mail, and which receipts there are', async () => {
    const answer = await trail(`name=${encodeURIComponent('ılgaz örnekkaya')}`);
    expect(answer.participants).toMatchObject([{ name: 'Ilgaz Örnekkaya', lessons: [{ id: lessonId }] }]);
    const [record] = answer.records;
    expect(record).toMatchObject({
      name: 'Ilgaz Örnekkaya',
      imports: expect.arrayContaining([
        expect.objectContaining({ what: 'guardianship', fileName: 'liste.csv', line: 2 }),
        expect.objectContaining({ what: 'class', fileName: 'liste.csv' }),
      ]),
      receipts: [{ event: 'answered', isMade: true, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }],
    });
    expect(record.requests.map(({ signer, state }: Answer['body']) => [signer, state]).toSorted()).toEqual([
      // He stood for the child no longer for a while.
      ['Hakan Örnekkaya', 'cancelled'],
      ['Nur Örnekkaya', 'answered'],
    ]);
    for (const { mails } of record.requests) expect(mails).toContainEqual(expect.objectContaining({ kind: 'asked' }));
    // The answer is told to the other one: that mail is about the same request.
    expect(JSON.stringify(record)).not.toContain(mother);
    const actions = answer.entries.map(({ entry }: { entry: { action: string } }) => entry.action);
    for (const action of ['roster.imported', 'course.asked', 'permission.granted']) expect(actions).toContain(action);
    expect(JSON.stringify(answer.records)).not.toContain('Başka');
  });

  test('is answered for a guardian, and for somebody who takes part in nothing', async () => {
    const guardian = await trail(`name=${encodeURIComponent('Hakan Örnekkaya')}`);
    expect(guardian.participants).toEqual([]);
    expect(guardian.records).toMatchObject([
      { roles: ['guardian'], requests: [{ subject: 'Ilgaz Örnekkaya' }], imports: expect.any(Array) },
    ]);
    expect(guardian.records[0].imports.map(({ what }: { what: string }) => what)).toContain('contact');
    const alone = await server.context.outside.database.read.person.create({
      data: { name: 'Yalnız Kişi', folded: 'yalniz kisi', roles: ['guest'] },
    });
    expect((await trail(`id=${alone.id}`)).records).toMatchObject([{ personId: alone.id, imports: [], requests: [] }]);
    expect((await school.auditor.get(`/api/audit/evidence/participant/${alone.id}`)).status).toBe(404);
    expect((await school.auditor.get(`/api/audit/participant?id=${randomUUID()}`)).status).toBe(404);
  });

  test('is for auditors alone', async () => {
    for (const stranger of [school.teacher, school.reviewer, school.admin])
      expect((await stranger.get('/api/audit/participant?name=Ilgaz')).status).toBe(403);
  });
});
