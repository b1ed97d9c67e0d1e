import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer, Api } from '../../support/api.ts';
import {
  addLessonIn,
  classNamed,
  missingIn,
  noteFor,
  noteForAll,
  openCourse,
  statesIn,
  takeInList,
} from '../../support/courses.ts';
import { dumpOf, linesWith } from '../../support/dump.ts';
import { createSchool, eraseBy, ok, type School } from '../../support/school.ts';
import { createSealedRecording } from '../../support/sealed-recording.ts';
import { arrivals, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let school: School;
let classId: string;
beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
  await takeInList(school.teacher, [
    ['301', 'Ada', 'Örnek', '3-A', 'Ayşe Örnek'],
    ['302', 'Ege', 'Deneme', '3-A', 'Esra Deneme'],
  ]);
  classId = await classNamed(school.teacher, '3-A');
});
afterAll(() => server?.stop());

const idOf = async (name: string): Promise<string> =>
  ok(await school.teacher.get(`/api/persons?search=${encodeURIComponent(name)}`)).items[0].id;
const create = (body: object, by: Api = school.teacher) => by.post('/api/persons', { roles: ['pupil'], ...body });
const refusal = ({ status, body }: Answer) => [
  status,
  ...(body.reasons ?? []).map(({ code }: { code: string }) => code),
];
const stateOf = async (id: string) => ok(await school.admin.get(`/api/recordings/${id}`)).state;

describe('somebody who is added by hand', () => {
  test('has addresses that are locked, a class, and takes part in its courses', async () => {
    const course = await openCourse(school, { classIds: [classId] });
    const added = ok(
      await create({
        name: '  Yağmur  Elle ',
        schoolNumber: '0099',
        language: 'en',
        contacts: ['yagmur@elle.example', '0532 990 00 99', 'yagmur@elle.example'],
        classIds: [classId],
      }),
    );
    expect(added).toMatchObject({
      name: 'Yağmur Elle',
      roles: ['pupil'],
      schoolNumber: '0099',
      language: 'en',
      contacts: [
        { kind: 'email', value: 'yagmur@elle.example', from: null },
        { kind: 'phone', value: '0532 990 00 99' },
      ],
      classes: [{ name: '3-A', until: null }],
      namesakes: [],
    });
    expect(await statesIn(school.teacher, course.id)).toHaveProperty('Yağmur Elle');
    expect(linesWith(await dumpOf(server), ['yagmur@elle.example', '0532 990 00 99'])).toEqual([]);
    const [entry] = await arrivals(server, 'person.created');
    expect(entry).toMatchObject({ details: { roles: ['pupil'], contacts: 3, classes: 1 } });
    expect(JSON.stringify(entry)).not.toContain(added.id);
  });

  test('with the name of another is taken in, and the others are told', async () => {
    const first = await idOf('Ada Örnek');
    const second = ok(await create({ name: 'ADA ÖRNEK' }));
    expect(second.namesakes).toEqual([{ id: first, name: 'Ada Örnek', roles: ['pupil'], classes: ['3-A'] }]);
    expect(second.id).not.toBe(first);
  });

  test('with the number of another is not; nor both of two at the same moment', async () => {
    expect(refusal(await create({ name: 'Kimlik Alan', schoolNumber: '301' }))).toEqual([409, 'SCHOOL_NUMBER_TAKEN']);
    const names = Array.from({ length: 12 }, (_, at) => `Elle ${at}`);
    const answers = await Promise.all(names.map((name) => create({ name, schoolNumber: '0777' })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(11);
  });

  test('signs alone from a day that an administrator says', async () => {
    expect(refusal(await create({ name: 'Ergin Elle', adultFrom: '2026-01-01' }))).toEqual([
      403,
      'ADULT_BY_ADMINISTRATOR',
    ]);
    expect(await server.context.outside.database.read.person.count({ where: { name: 'Ergin Elle' } })).toBe(0);
    expect(ok(await create({ name: 'Ergin Elle', adultFrom: '2026-01-01' }, school.admin)).adultFrom).toBe(
      '2026-01-01',
    );
  });

  test.each([
    { name: '' },
    { name: 'x', roles: [] },
    { name: 'x', roles: ['headmaster'] },
    { name: 'x', classIds: [randomUUID()] },
    { name: 'x', classIds: ['3-A'] },
    { name: 'x', contacts: Array.from({ length: 21 }, (_, at) => `${at}@elle.example`) },
    { name: 'x\0' },
  ])('is refused as %j', async (body) => {
    expect((await create(body)).status).toBe(400);
  });
});

describe('a guardian who is added by hand', () => {
  test('may sign at once when an administrator says so: what rests on all guardians goes out of reach', async () => {
    await takeInList(school.teacher, [['401', 'Nil', 'Örnek', '4-A', 'Nesrin Örnek']]);
    const course = await openCourse(school, { classIds: [await classNamed(school.teacher, '4-A')] });
    const lesson = await addLessonIn(school.teacher, course.id, -1);
    await noteForAll(school.teacher, lesson.id);
    ok(await school.admin.patch('/api/school', { requireAllGuardians: true }));
    expect(await missingIn(school.teacher, lesson.id)).toEqual([]);
    const recording = await createSealedRecording(server.context.outside, lesson.id, school.teacher.id);
    const [pupilId, guardian] = [await idOf('Nil Örnek'), ok(await create({ name: 'Osman Örnek', roles: ['guest'] }))];
    const added = ok(
      await school.admin.post(`/api/persons/${pupilId}/guardianships`, {
        guardianId: guardian.id,
        relation: 'father',
        authority: 'may_sign',
      }),
    );
    expect(added).toMatchObject({
      pupil: { name: 'Nil Örnek' },
      guardian: { name: 'Osman Örnek' },
      authority: 'may_sign',
    });
    expect(await stateOf(recording.id)).toBe('quarantined');
    expect(await missingIn(school.teacher, lesson.id)).toEqual(['Nil Örnek: GUARDIAN_SIGNATURE_MISSING']);
    expect(ok(await school.admin.get(`/api/persons/${guardian.id}`)).roles).toEqual(['guest', 'guardian']);
    expect((await arrivals(server, 'guardianship.added')).at(-1)).toMatchObject({ details: { authority: 'may_sign' } });
    ok(await school.admin.patch('/api/school', { requireAllGuardians: false }));
  });

  test('may not sign before an administrator says so, when a teacher adds them', async () => {
    const pupilId = await idOf('Ege Deneme');
    const guardian = ok(
      await create({ name: 'Erol Deneme', roles: ['guest'], contacts: ['tuna.teacher@school.example'] }),
    );
    const body = { guardianId: guardian.id, relation: 'father', authority: 'may_sign' };
    expect(ok(await school.teacher.post(`/api/persons/${pupilId}/guardianships`, body)).authority).toBe('none');
    expect(ok(await school.teacher.get('/api/tasks')).items).toMatchObject([
      { kind: 'decide_guardianship', person: { name: 'Ege Deneme' }, other: { name: 'Erol Deneme' } },
    ]);
    const course = await openCourse(school, { classIds: [classId] });
    const { rows } = ok(await school.teacher.get(`/api/courses/${course.id}/people`));
    const ege = rows.find(({ name }: { name: string }) => name === 'Ege Deneme');
    expect(ege.signers.map(({ name }: { name: string }) => name)).toEqual(['Esra Deneme']);
    const again = await Promise.all([1, 2].map(() => school.admin.post(`/api/persons/${pupilId}/guardianships`, body)));
    expect(again.map(refusal)).toEqual([
      [409, 'GUARDIANSHIP_EXISTS'],
      [409, 'GUARDIANSHIP_EXISTS'],
    ]);
  });

  test('is nobody’s own, nobody unknown, and never “other” who signs', async () => {
    const pupilId = await idOf('Ege Deneme');
    const guardianId = await idOf('Ayşe Örnek');
    const add = (id: string, body: object) =>
      school.admin.post(`/api/persons/${id}/guardianships`, { relation: 'mother', authority: 'none', ...body });
    expect(refusal(await add(pupilId, { guardianId: pupilId }))).toEqual([400, 'GUARDIAN_OF_THEMSELVES']);
    expect(refusal(await add(pupilId, { guardianId: randomUUID() }))).toEqual([400, 'PERSON_UNKNOWN']);
    expect((await add(randomUUID(), { guardianId })).status).toBe(404);
    expect(refusal(await add(pupilId, { guardianId, relation: 'other', authority: 'may_sign' }))).toEqual([
      400,
      'MAY_SIGN_AS_OTHER',
    ]);
  });

  test('ends with what that rests on, which is kept and not on the log', async () => {
    const { guardianships } = ok(await school.admin.get(`/api/persons/${await idOf('Ayşe Örnek')}`));
    const path = `/api/guardianships/${guardianships[0].id}`;
    expect(refusal(await school.admin.patch(path, { end: true }))).toEqual([400, 'END_WITHOUT_WHY']);
    ok(await school.admin.patch(path, { end: true, why: 'Mahkeme kararı 2026/5, TEST' }));
    const row = await server.context.outside.database.read.guardianship.findUniqueOrThrow({
      where: { id: guardianships[0].id },
    });
    expect(row).toMatchObject({ endedWhy: 'Mahkeme kararı 2026/5, TEST', until: expect.any(Date) });
    expect(JSON.stringify(await arrivals(server, 'guardianship'))).not.toContain('Mahkeme');
  });
});

describe('a class', () => {
  test('is joined and left, and with it its courses', async () => {
    const personId = ok(await create({ name: 'Gezgin Elle' })).id;
    const course = await openCourse(school, { classIds: [classId] });
    const path = `/api/persons/${personId}/classes/${classId}`;
    ok(await school.teacher.put(path, {}));
    expect(await statesIn(school.teacher, course.id)).toMatchObject({ 'Gezgin Elle': 'not_asked' });
    const twice = await Promise.all([1, 2].map(() => school.teacher.put(path, {})));
    expect(twice.map(({ status }) => status)).toEqual([204, 204]);
    expect(await arrivals(server, 'class.joined')).toHaveLength(1);
    ok(await school.teacher.delete(path));
    expect(await statesIn(school.teacher, course.id)).not.toHaveProperty('Gezgin Elle');
    expect((await school.teacher.delete(path)).status).toBe(404);
    expect((await school.teacher.put(`/api/persons/${randomUUID()}/classes/${classId}`, {})).status).toBe(404);
    expect((await school.teacher.put(`/api/persons/${personId}/classes/${randomUUID()}`, {})).status).toBe(404);
  });
});

describe('who may add people by hand', () => {
  test('those who may import a roster, with a session; reviewers, auditors and tokens may not', async () => {
    const id = await idOf('Ege Deneme');
    const { token } = ok(await school.teacher.post('/api/tokens', { name: 'x', scopes: ['read', 'write'], days: 1 }));
    const headers = { cookie: '', authorization: `Bearer ${token}` };
    const guardian = { guardianId: await idOf('Esra Deneme'), relation: 'mother', authority: 'none' };
    const calls: (readonly [string, string, object | undefined])[] = [
      ['POST', '/api/persons', { name: 'Kimse', roles: ['pupil'] }],
      ['POST', `/api/persons/${id}/guardianships`, guardian],
      ['PUT', `/api/persons/${id}/classes/${classId}`, {}],
      ['DELETE', `/api/persons/${id}/classes/${classId}`, undefined],
    ];
    for (const [method, path, body] of calls) {
      for (const stranger of [school.reviewer, school.auditor])
        expect((await stranger.request(method, path, body)).status).toBe(403);
      expect((await school.nobody.request(method, path, body)).status).toBe(401);
      expect((await school.nobody.request(method, path, body, headers)).status).toBe(403);
    }
    server.forward(11 * 60_000);
    expect(await school.teacher.post(`/api/persons/${id}/guardianships`, guardian)).toMatchObject({
      status: 403,
      body: { code: 'CONFIRMATION_NEEDED' },
    });
    server.forward(-11 * 60_000);
  });
});

describe('a guest of one day', () => {
  const guestIn = async (lessonId: string, name: string) =>
    ok(await school.teacher.post(`/api/lessons/${lessonId}/participants`, { name, kind: 'guest', isMinor: false }));

  test('is taken out of their lesson: the gate asks for them no longer, and they cannot come back by that', async () => {
    const course = await openCourse(school, {
      people: [{ name: 'Konuşan Öğretmen', kind: 'teacher', isMinor: false }],
    });
    const lesson = await addLessonIn(school.teacher, course.id, 1);
    await noteForAll(school.teacher, lesson.id);
    const guest = await guestIn(lesson.id, 'Gelmeyen Konuk');
    expect(await missingIn(school.teacher, lesson.id)).toEqual(['Gelmeyen Konuk: PERMISSION_MISSING']);
    const path = `/api/courses/${course.id}/people/${guest.id}`;
    expect((await school.otherTeacher.delete(path)).status).toBe(404);
    const twice = await Promise.all([1, 2].map(() => school.teacher.delete(path)));
    expect(twice.map(({ status }) => status).sort()).toEqual([204, 404]);
    expect(await missingIn(school.teacher, lesson.id)).toEqual([]);
    const { participants } = ok(await school.teacher.get(`/api/lessons/${lesson.id}`));
    expect(participants.map(({ name }: { name: string }) => name)).toEqual(['Konuşan Öğretmen']);
    expect(await arrivals(server, 'course.participant_removed')).toHaveLength(1);
  });

  test('stays, once the lesson is recorded: nobody opens the gate by taking them out', async () => {
    const course = await openCourse(school, {
      people: [{ name: 'Kayıtlı Öğretmen', kind: 'teacher', isMinor: false }],
    });
    const lesson = await addLessonIn(school.teacher, course.id, -1);
    await noteForAll(school.teacher, lesson.id);
    const recording = await createSealedRecording(server.context.outside, lesson.id, school.teacher.id);
    const guest = await guestIn(lesson.id, 'Görünen Konuk');
    expect(await stateOf(recording.id)).toBe('quarantined');
    const path = `/api/courses/${course.id}/people/${guest.id}`;
    for (const by of [school.teacher, school.admin])
      expect(refusal(await by.delete(path))).toEqual([409, 'GUEST_RECORDED']);
    // Not from a seat that is not recorded either: no list of attendance says that they kept to it.
    ok(await school.teacher.put(`/api/lessons/${lesson.id}/seats/${guest.id}`, { unrecorded: true }));
    expect(refusal(await school.teacher.delete(path))).toEqual([409, 'GUEST_RECORDED']);
    ok(await eraseBy(school, recording.id));
    // A film may wait to be uploaded: the teacher who has it does not say who is in it.
    expect(refusal(await school.teacher.delete(path))).toEqual([409, 'GUEST_WAS_DUE']);
    expect((await school.admin.delete(path)).status).toBe(204);
  });

  test('stays while an upload is on its way', async () => {
    const course = await openCourse(school, {
      people: [{ name: 'Yükleyen Öğretmen', kind: 'teacher', isMinor: false }],
    });
    const lesson = await addLessonIn(school.teacher, course.id, -1);
    const guest = await guestIn(lesson.id, 'Yoldaki Konuk');
    await noteForAll(school.teacher, lesson.id);
    await noteFor(school.teacher, lesson.id, { ...guest, guardians: [] });
    await server.context.outside.database.read.recording.create({
      data: {
        lessonId: lesson.id,
        uploaderId: school.teacher.id,
        state: 'receiving',
        leaseUntil: new Date(Date.now() + 60_000),
      },
    });
    expect(refusal(await school.teacher.delete(`/api/courses/${course.id}/people/${guest.id}`))).toEqual([
      409,
      'GUEST_RECORDED',
    ]);
  });
});
