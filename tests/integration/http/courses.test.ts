import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api, confirmAgain } from '../../support/api.ts';
import {
  addLessonIn,
  classNamed,
  courseOf,
  dayFromNow,
  missingIn,
  noteFor,
  noteForAll,
  noteForSite,
  openCourse,
  statesIn,
  takeInList,
} from '../../support/courses.ts';
import { createSchool, inDays, ok, type School } from '../../support/school.ts';
import { createSealedRecording } from '../../support/sealed-recording.ts';
import { arrivals, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let school: School;
beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
});
afterAll(() => server?.stop());

const keep = (lessonId: string) => createSealedRecording(server.context.outside, lessonId, school.teacher.id);
const stateOf = async (recordingId: string) => ok(await school.admin.get(`/api/recordings/${recordingId}`)).state;
const personNamed = (people: { name: string; id: string }[], name: string) => {
  const found = people.find((one) => one.name === name);
  if (!found) throw new Error(`nobody is called ${name}`);
  // biome-ignore lint/suspicious/noExplicitAny: the shape of an answer
  return found as any;
};

describe('a course with a class', () => {
  let course: Awaited<ReturnType<typeof openCourse>>;
  let past: Awaited<ReturnType<typeof addLessonIn>>;
  let next: Awaited<ReturnType<typeof addLessonIn>>;
  beforeAll(async () => {
    await takeInList(school.teacher, [
      ['701', 'Ada', 'Örnek', '7-A', 'Ayse Ornek', 'Ali Ornek'],
      ['702', 'Işıl', 'Söğüt', '7-A', 'Sevgi Sogut'],
    ]);
  });

  test('has who is in it, the words that signers read, and lessons of its own', async () => {
    course = await openCourse(school, {
      classIds: [await classNamed(school.teacher, '7-A')],
      people: [{ name: 'Tuna Teacher', kind: 'teacher', isMinor: false }],
    });
    expect(course).toMatchObject({
      isSingle: false,
      title: '7-A Physics',
      teacherId: school.teacher.id,
      from: dayFromNow(-30),
      until: dayFromNow(30),
      keptUntil: null,
      timeZone: 'Europe/Istanbul',
      purposes: ['take_part', 'record', 'keep', 'release'],
      audiences: ['class'],
      classes: [{ name: '7-A' }],
      sites: [{ name: 'Test School' }],
      participants: 3,
      lessons: 0,
    });
    expect(course.terms).toMatch(/^[0-9a-f]{64}$/);
    past = await addLessonIn(school.teacher, course.id, -1);
    next = await addLessonIn(school.teacher, course.id, 1);
    expect(past).toMatchObject({ courseId: course.id, isAlone: false, title: '7-A Physics', reason: course.reason });
    expect(past.participants.map(({ name }: { name: string }) => name).toSorted()).toEqual([
      'Ada Örnek',
      'Işıl Söğüt',
      'Tuna Teacher',
    ]);
    expect(ok(await school.teacher.get(`/api/courses/${course.id}/lessons`)).items).toMatchObject([
      { id: next.id },
      { id: past.id },
    ]);
    expect(ok(await school.teacher.get('/api/courses')).items).toMatchObject([
      { id: course.id, classes: ['7-A'], participants: 3, lessons: 2 },
    ]);
    expect((await arrivals(server, 'course.created')).at(-1)).toMatchObject({ details: { sites: 1, classes: 1 } });
  });

  test('asks nobody before anybody is asked, and says who is missing', async () => {
    expect(await statesIn(school.teacher, course.id)).toEqual({
      'Ada Örnek': 'not_asked',
      'Işıl Söğüt': 'not_asked',
      'Tuna Teacher': 'not_asked',
      'Test School': 'not_asked',
    });
    expect(await missingIn(school.teacher, next.id)).toEqual([
      'Ada Örnek: PERMISSION_MISSING',
      'Işıl Söğüt: PERMISSION_MISSING',
      'Test School: PERMISSION_MISSING',
      'Tuna Teacher: PERMISSION_MISSING',
    ]);
  });

  test('one answer, noted at one lesson, counts for every lesson of the course', async () => {
    await noteForAll(school.teacher, past.id);
    expect(await missingIn(school.teacher, past.id)).toEqual([]);
    expect(await missingIn(school.teacher, next.id)).toEqual([]);
    expect(await missingIn(school.teacher, next.id, 'class')).toEqual([]);
    // Nobody was asked to show it to families.
    expect(await missingIn(school.teacher, next.id, 'families')).toHaveLength(4);
    expect(new Set(Object.values(await statesIn(school.teacher, course.id)))).toEqual(new Set(['given']));
    const later = await addLessonIn(school.teacher, course.id, 2);
    expect(await missingIn(school.teacher, later.id)).toEqual([]);
  });

  test('an answer signed in the middle of it counts for the lessons that begin later', async () => {
    const middle = await openCourse(school, { classIds: [await classNamed(school.teacher, '7-A')] });
    const [before, after] = [
      await addLessonIn(school.teacher, middle.id, -2),
      await addLessonIn(school.teacher, middle.id, 1),
    ];
    await noteForAll(school.teacher, before.id, { signedAt: inDays(-1) });
    expect(await missingIn(school.teacher, before.id)).toEqual([
      'Ada Örnek: GRANTED_AFTER_START',
      'Işıl Söğüt: GRANTED_AFTER_START',
      'Test School: GRANTED_AFTER_START',
    ]);
    expect(await missingIn(school.teacher, after.id)).toEqual([]);
  });

  test('a no closes every lesson of it, and puts what was recorded out of reach at once', async () => {
    const recording = await keep(past.id);
    const ada = personNamed(past.participants, 'Ada Örnek');
    // The first guardian said yes.
    const [, second] = ada.guardians;
    const answer = { signerName: second.name, guardianId: second.id, signedAt: inDays(-0.1) };
    const no = await noteFor(school.teacher, next.id, ada, { ...answer, status: 'refused' });
    expect(await stateOf(recording.id)).toBe('quarantined');
    expect(await missingIn(school.teacher, past.id)).toEqual(['Ada Örnek: PERMISSION_CONFLICT']);
    expect(await missingIn(school.teacher, next.id)).toEqual(['Ada Örnek: PERMISSION_CONFLICT']);
    const { rows } = ok(await school.teacher.get(`/api/courses/${course.id}/people?state=conflict`));
    expect(rows).toMatchObject([{ name: 'Ada Örnek', className: '7-A', next: 'decide_conflict', audiences: [] }]);
    // What was never said: an administrator declares the record invalid, and nothing of it counts.
    expect((await school.teacher.post(`/api/permissions/${no.id}/invalidate`, { note: 'forged' })).status).toBe(403);
    expect(ok(await school.admin.post(`/api/permissions/${no.id}/invalidate`, { note: 'forged' }))).toMatchObject({
      status: 'invalidated',
    });
    expect((await school.admin.post(`/api/permissions/${no.id}/invalidate`, { note: 'again' })).status).toBe(409);
    expect(await missingIn(school.teacher, next.id)).toEqual([]);
    expect((await arrivals(server, 'permission.invalidated')).length).toBe(1);
  });

  test('a yes that is declared invalid counts no longer', async () => {
    const isil = personNamed(past.participants, 'Işıl Söğüt');
    const { items } = ok(await school.teacher.get(`/api/lessons/${past.id}/permissions`));
    const yes = items.find(({ participantId }: { participantId: string }) => participantId === isil.id);
    const recording = await keep(past.id);
    ok(await school.admin.post(`/api/permissions/${yes.id}/invalidate`, { note: 'the wrong child' }));
    expect(await stateOf(recording.id)).toBe('quarantined');
    expect(await missingIn(school.teacher, next.id)).toEqual(['Işıl Söğüt: PERMISSION_INVALIDATED']);
    expect(await statesIn(school.teacher, course.id)).toMatchObject({ 'Işıl Söğüt': 'invalid' });
    await noteFor(school.teacher, next.id, isil);
    expect(await missingIn(school.teacher, next.id)).toEqual([]);
  });

  test('a paper for another reason than the course’s does not count', async () => {
    const other = await openCourse(school, { classIds: [await classNamed(school.teacher, '7-A')] });
    const lesson = await addLessonIn(school.teacher, other.id, 1);
    await noteForAll(school.teacher, lesson.id, { reason: 'For a film about our school' });
    expect(await missingIn(school.teacher, lesson.id)).toEqual([
      'Ada Örnek: REASON_CHANGED',
      'Işıl Söğüt: REASON_CHANGED',
      'Test School: REASON_CHANGED',
    ]);
  });
});

describe('who takes part', () => {
  const inClass = (name: string, ...more: string[]) =>
    more.map((given, i) => [`${name}${i}`, given, 'Deneme', name, `Veli ${given}`] as const);

  test('joins with the class by a later import: from then on, and not before', async () => {
    await takeInList(school.teacher, inClass('8-A', 'Bora', 'Cem'));
    const course = await openCourse(school, { classIds: [await classNamed(school.teacher, '8-A')] });
    const [before, after] = [
      await addLessonIn(school.teacher, course.id, -1),
      await addLessonIn(school.teacher, course.id, 1),
    ];
    await noteForAll(school.teacher, before.id);
    const recording = await keep(before.id);
    await takeInList(school.teacher, inClass('8-A', 'Bora', 'Cem', 'Deniz'));
    expect(await missingIn(school.teacher, before.id)).toEqual([]);
    expect(await stateOf(recording.id)).toBe('in_review');
    expect(await missingIn(school.teacher, after.id)).toEqual(['Deniz Deneme: PERMISSION_MISSING']);
    const namesIn = async (id: string) =>
      ok(await school.teacher.get(`/api/lessons/${id}`))
        .participants.map(({ name }: { name: string }) => name)
        .toSorted();
    expect(await namesIn(before.id)).toEqual(['Bora Deneme', 'Cem Deneme']);
    expect(await namesIn(after.id)).toEqual(['Bora Deneme', 'Cem Deneme', 'Deniz Deneme']);
  });

  test('leaves with the class, and is not asked any more', async () => {
    await takeInList(school.teacher, inClass('8-B', 'Ece', 'Fikret'));
    const course = await openCourse(school, { classIds: [await classNamed(school.teacher, '8-B')] });
    const [before, after] = [
      await addLessonIn(school.teacher, course.id, -1),
      await addLessonIn(school.teacher, course.id, 1),
    ];
    expect(ok(await school.teacher.post(`/api/courses/${course.id}/requests`))).toMatchObject({ requests: 3 });
    await takeInList(school.teacher, inClass('8-B', 'Ece'));
    expect(await statesIn(school.teacher, course.id)).toEqual({ 'Ece Deneme': 'asked', 'Test School': 'asked' });
    expect(await missingIn(school.teacher, after.id)).not.toContain('Fikret Deneme: PERMISSION_MISSING');
    // In the lesson that was held they did take part.
    expect(await missingIn(school.teacher, before.id)).toContain('Fikret Deneme: PERMISSION_MISSING');
    expect(ok(await school.teacher.get(`/api/courses/${course.id}`)).participants).toBe(1);
    const { read } = server.context.outside.database;
    expect(await read.request.count({ where: { courseId: course.id, state: 'cancelled' } })).toBe(1);
  });

  test('stays away once taken out by the teacher, whatever the next list says, until they join the class again', async () => {
    await takeInList(school.teacher, inClass('8-C', 'Gaye', 'Hale'));
    const course = await openCourse(school, { classIds: [await classNamed(school.teacher, '8-C')] });
    const { rows } = ok(await school.teacher.get(`/api/courses/${course.id}/people`));
    const { id } = personNamed(rows, 'Gaye Deneme');
    expect((await school.teacher.delete(`/api/courses/${course.id}/people/${id}`)).status).toBe(204);
    expect((await school.teacher.delete(`/api/courses/${course.id}/people/${id}`)).status).toBe(404);
    await takeInList(school.teacher, inClass('8-C', 'Gaye', 'Hale', 'Irmak'));
    expect(Object.keys(await statesIn(school.teacher, course.id)).toSorted()).toEqual([
      'Hale Deneme',
      'Irmak Deneme',
      'Test School',
    ]);
    await takeInList(
      school.teacher,
      inClass('8-C', 'Hale', 'Irmak').map((row) => row),
    );
    await takeInList(school.teacher, inClass('8-C', 'Gaye', 'Hale', 'Irmak'));
    expect(Object.keys(await statesIn(school.teacher, course.id))).toContain('Gaye Deneme');
  });

  test('is seen, and asked, before a course begins', async () => {
    await takeInList(school.teacher, inClass('8-D', 'Jale'));
    const course = await openCourse(school, {
      classIds: [await classNamed(school.teacher, '8-D')],
      from: dayFromNow(7),
    });
    expect(await statesIn(school.teacher, course.id)).toEqual({
      'Jale Deneme': 'not_asked',
      'Test School': 'not_asked',
    });
    expect(ok(await school.teacher.post(`/api/courses/${course.id}/requests`))).toMatchObject({ requests: 2 });
    const added = await school.teacher.post(`/api/courses/${course.id}/people`, {
      people: [{ name: 'Later Guest', kind: 'guest', isMinor: false }],
      from: inDays(20),
    });
    expect(ok(added)).toEqual({ added: 1 });
    expect(await statesIn(school.teacher, course.id)).toMatchObject({ 'Later Guest': 'not_asked' });
    const lesson = await addLessonIn(school.teacher, course.id, 9);
    expect(await missingIn(school.teacher, lesson.id)).not.toContain('Later Guest: PERMISSION_MISSING');
  });

  test('from a day before a course is changed to begin: nobody of it is forgotten', async () => {
    await takeInList(school.teacher, inClass('8-E', 'Kaya'));
    const course = await openCourse(school, {
      classIds: [await classNamed(school.teacher, '8-E')],
      from: dayFromNow(7),
    });
    ok(await school.teacher.patch(`/api/courses/${course.id}`, { from: dayFromNow(-7) }));
    const lesson = await addLessonIn(school.teacher, course.id, 1);
    ok(
      await school.teacher.post(`/api/lessons/${lesson.id}/participants`, {
        name: 'Guest Of Today',
        kind: 'guest',
        isMinor: false,
      }),
    );
    expect(await missingIn(school.teacher, lesson.id)).toEqual([
      'Guest Of Today: PERMISSION_MISSING',
      'Kaya Deneme: PERMISSION_MISSING',
      'Test School: PERMISSION_MISSING',
    ]);
  });

  test('twice is once: with their class and by themselves, and by themselves again', async () => {
    await takeInList(school.teacher, inClass('8-F', 'Lale'));
    const [lale] = ok(await school.teacher.get('/api/persons?search=lale')).items;
    const course = await openCourse(school, {
      classIds: [await classNamed(school.teacher, '8-F')],
      personIds: [lale.id],
    });
    const path = `/api/courses/${course.id}/people`;
    expect(ok(await school.teacher.post(path, { personIds: [lale.id, lale.id] }))).toEqual({ added: 0 });
    const lesson = await addLessonIn(school.teacher, course.id, 1);
    expect(lesson.participants).toHaveLength(1);
    await noteForAll(school.teacher, lesson.id);
    expect(await missingIn(school.teacher, lesson.id)).toEqual([]);
    expect(ok(await school.teacher.get(path)).counts).toMatchObject({ given: 2 });
    // Who is taken out is out, however often they were put in.
    const { rows } = ok(await school.teacher.get(path));
    expect((await school.teacher.delete(`${path}/${personNamed(rows, 'Lale Deneme').id}`)).status).toBe(204);
    expect(await statesIn(school.teacher, course.id)).toEqual({ 'Test School': 'given' });
  });

  test('from a day in the past: what was recorded since goes out of reach', async () => {
    await takeInList(school.teacher, inClass('8-G', 'Mine'));
    const course = await openCourse(school, { classIds: [await classNamed(school.teacher, '8-G')] });
    const lesson = await addLessonIn(school.teacher, course.id, -1);
    await noteForAll(school.teacher, lesson.id);
    const recording = await keep(lesson.id);
    const people = [{ name: 'Was There', kind: 'guest', isMinor: false }];
    ok(await school.teacher.post(`/api/courses/${course.id}/people`, { people }));
    expect(await stateOf(recording.id)).toBe('in_review');
    ok(
      await school.teacher.post(`/api/courses/${course.id}/people`, {
        people: [{ name: 'Was There Too', kind: 'guest', isMinor: false }],
        from: inDays(-2),
      }),
    );
    expect(await stateOf(recording.id)).toBe('quarantined');
  });
});

describe('one lesson of a course', () => {
  let course: Awaited<ReturnType<typeof openCourse>>;
  let first: Awaited<ReturnType<typeof addLessonIn>>;
  let second: Awaited<ReturnType<typeof addLessonIn>>;
  beforeAll(async () => {
    await takeInList(school.teacher, [
      ['601', 'Naz', 'Kurgu', '6-A', 'Nur Kurgu'],
      ['602', 'Oya', 'Kurgu', '6-A', 'Ozan Kurgu'],
    ]);
    course = await openCourse(school, { classIds: [await classNamed(school.teacher, '6-A')] });
    first = await addLessonIn(school.teacher, course.id, -1);
    second = await addLessonIn(school.teacher, course.id, 1);
    await noteForAll(school.teacher, first.id);
  });

  test('has guests of one day, who answer for themselves and for that day', async () => {
    const guest = ok(
      await school.teacher.post(`/api/lessons/${first.id}/participants`, {
        name: 'Guest Of One Day',
        kind: 'guest',
        isMinor: false,
      }),
    );
    expect(await missingIn(school.teacher, first.id)).toEqual(['Guest Of One Day: PERMISSION_MISSING']);
    expect(await missingIn(school.teacher, second.id)).toEqual([]);
    expect(Object.keys(await statesIn(school.teacher, course.id))).not.toContain('Guest Of One Day');
    await noteFor(school.teacher, first.id, { ...guest, guardians: [] });
    expect(await missingIn(school.teacher, first.id)).toEqual([]);
    expect(ok(await school.teacher.get(`/api/courses/${course.id}`)).participants).toBe(2);
  });

  test('has a seat that is not recorded, which needs leave to take part and no more', async () => {
    const oya = personNamed(second.participants, 'Oya Kurgu');
    const seat = `/api/lessons/${second.id}/seats/${oya.id}`;
    // She may take part and not be recorded.
    await noteFor(school.teacher, second.id, oya, { status: 'refused', signedAt: inDays(-0.1) });
    expect(await missingIn(school.teacher, second.id)).toEqual(['Oya Kurgu: PERMISSION_REFUSED']);
    await noteFor(school.teacher, second.id, oya, {
      purposes: ['take_part'],
      releaseTo: [],
      signedAt: new Date(Date.now() + 60_000).toISOString(),
    });
    server.forward(120_000);
    expect(await missingIn(school.teacher, second.id)).toEqual(['Oya Kurgu: PURPOSE_NOT_COVERED']);
    expect((await school.teacher.put(seat, { unrecorded: true })).status).toBe(204);
    expect(await missingIn(school.teacher, second.id)).toEqual([]);
    // In that lesson alone.
    const third = await addLessonIn(school.teacher, course.id, 2);
    expect(await missingIn(school.teacher, third.id)).toEqual(['Oya Kurgu: PURPOSE_NOT_COVERED']);
    expect((await school.teacher.put(seat, { unrecorded: false })).status).toBe(204);
    expect(await missingIn(school.teacher, second.id)).toEqual(['Oya Kurgu: PURPOSE_NOT_COVERED']);
    expect(
      (await school.teacher.put(`/api/lessons/${second.id}/seats/${randomUUID()}`, { unrecorded: true })).status,
    ).toBe(404);
    expect((await arrivals(server, 'lesson.seat_marked')).map(({ details }) => details)).toMatchObject([
      { unrecorded: true },
      { unrecorded: false },
    ]);
  });

  test('does not decide what the course decides', async () => {
    for (const change of [{ reason: 'Another' }, { supervisorName: 'Somebody Else' }])
      expect(await school.teacher.patch(`/api/lessons/${second.id}`, change)).toMatchObject({
        status: 409,
        body: { reasons: [{ code: 'COURSE_DECIDES' }] },
      });
    const site = { name: 'Elsewhere', contact: 'elsewhere@school.example' };
    expect((await school.teacher.post(`/api/lessons/${second.id}/sites`, site)).status).toBe(409);
    expect(ok(await school.teacher.patch(`/api/lessons/${second.id}`, { title: 'Optics' })).title).toBe('Optics');
  });

  test('is within the course', async () => {
    for (const [start, end] of [
      [-31, -31],
      [31, 31],
    ] as const) {
      const plannedStart = inDays(start - 0.5);
      const plannedEnd = inDays(end + 0.5);
      expect(
        await school.teacher.post(`/api/courses/${course.id}/lessons`, { plannedStart, plannedEnd }),
      ).toMatchObject({
        status: 400,
        body: { reasons: [{ code: 'OUTSIDE_COURSE', subject: { id: 'plannedStart' } }] },
      });
    }
    // Nor is a course made shorter than its lessons.
    expect(await school.teacher.patch(`/api/courses/${course.id}`, { until: dayFromNow(0) })).toMatchObject({
      status: 400,
      body: { reasons: [{ code: 'OUTSIDE_COURSE', subject: { id: 'until' } }] },
    });
  });

  test('that stands alone is no course to work with', async () => {
    const { id, courseId } = ok(
      await school.teacher.post('/api/lessons', {
        title: 'Alone',
        reason: 'For pupils who were ill',
        plannedStart: inDays(-1),
        plannedEnd: inDays(-0.9),
        supervisorName: 'Tuna Teacher',
        channelId: school.channelId,
      }),
    );
    expect(ok(await school.teacher.get(`/api/lessons/${id}`)).isAlone).toBe(true);
    const alone = { status: 409, body: { reasons: [{ code: 'LESSON_STANDS_ALONE' }] } };
    const times = { plannedStart: inDays(1), plannedEnd: inDays(1.1) };
    expect(await school.teacher.post(`/api/courses/${courseId}/lessons`, times)).toMatchObject(alone);
    expect(await school.teacher.post(`/api/courses/${courseId}/people`, {})).toMatchObject(alone);
    expect(await school.teacher.patch(`/api/courses/${courseId}`, { title: 'x' })).toMatchObject(alone);
    const path = `/api/courses/${courseId}/people/${randomUUID()}`;
    expect(await school.teacher.delete(path)).toMatchObject(alone);
  });
});

describe('a change of a course', () => {
  let course: Awaited<ReturnType<typeof openCourse>>;
  let next: Awaited<ReturnType<typeof addLessonIn>>;
  const change = async (body: object) => ok(await school.teacher.patch(`/api/courses/${course.id}`, body));
  const shown = async () => ok(await school.teacher.get(`/api/courses/${course.id}`));
  beforeAll(async () => {
    await takeInList(school.teacher, [['501', 'Peri', 'Kurgu', '5-A', 'Pelin Kurgu']]);
    course = await openCourse(school, { classIds: [await classNamed(school.teacher, '5-A')] });
    next = await addLessonIn(school.teacher, course.id, 1);
  });

  test('is saved at once while nobody has answered', async () => {
    const outcome = await change({ title: '7-A Optics' });
    expect(outcome).toMatchObject({ saved: true, changes: ['course'], voids: [] });
    expect(await shown()).toMatchObject({ title: '7-A Optics', terms: outcome.terms });
  });

  test('that no signer reads is saved at once and voids nothing', async () => {
    await noteForAll(school.teacher, next.id);
    const { terms } = await shown();
    expect(await change({ supervisorName: 'Tuna Teacher-Example' })).toEqual({
      saved: true,
      changes: [],
      voids: [],
      terms,
    });
    expect(await shown()).toMatchObject({ supervisorName: 'Tuna Teacher-Example', terms });
    expect(await missingIn(school.teacher, next.id)).toEqual([]);
  });

  test('that signers read says what it would void and whose, and waits for a yes to exactly that', async () => {
    const before = await shown();
    const asked = await change({ reason: 'For a film about our school' });
    expect(asked).toMatchObject({
      saved: false,
      changes: ['reason'],
      voids: [
        { subject: 'Peri Kurgu', signer: 'Pelin Kurgu' },
        { subject: 'Test School', signer: 'Head' },
      ],
    });
    expect(await shown()).toEqual(before);
    expect(await missingIn(school.teacher, next.id)).toEqual([]);
    // A yes to something else is none.
    expect(await change({ reason: 'For another film', confirm: asked.terms })).toMatchObject({ saved: false });
    expect(await shown()).toEqual(before);
    const logged = (await arrivals(server, 'course.changed')).length;
    const saved = await change({ reason: 'For a film about our school', confirm: asked.terms });
    expect(saved).toEqual({ ...asked, saved: true });
    expect((await arrivals(server, 'course.changed')).length).toBe(logged + 1);
    expect(await shown()).toMatchObject({ reason: 'For a film about our school', terms: saved.terms });
    expect(await missingIn(school.teacher, next.id)).toEqual([
      'Peri Kurgu: REASON_CHANGED',
      'Test School: REASON_CHANGED',
    ]);
    expect(await statesIn(school.teacher, course.id)).toEqual({
      'Peri Kurgu': 'incomplete',
      'Test School': 'incomplete',
    });
  });

  test('back to the earlier words makes the earlier answers count again', async () => {
    const back = await change({ reason: course.reason });
    expect(back).toMatchObject({ saved: true, changes: ['reason'], voids: [] });
    expect(await missingIn(school.teacher, next.id)).toEqual([]);
  });

  test('counts for the lessons that begin later: one that was held keeps its words and its recording', async () => {
    course = await openCourse(school, { classIds: [await classNamed(school.teacher, '5-A')] });
    const held = await addLessonIn(school.teacher, course.id, -1);
    next = await addLessonIn(school.teacher, course.id, 1);
    await noteForAll(school.teacher, held.id);
    const recording = await keep(held.id);
    const asked = await change({ audiences: ['class', 'families'] });
    expect(asked).toMatchObject({ saved: false, changes: ['audiences'] });
    await change({ audiences: ['class', 'families'], confirm: asked.terms });
    expect(await missingIn(school.teacher, held.id)).toEqual([]);
    expect(await stateOf(recording.id)).toBe('in_review');
    expect(await missingIn(school.teacher, next.id)).toEqual([
      'Peri Kurgu: TERMS_CHANGED',
      'Test School: TERMS_CHANGED',
    ]);
    const back = await change({ audiences: ['class'] });
    expect(back).toMatchObject({ saved: true });
    expect(await missingIn(school.teacher, next.id)).toEqual([]);
  });

  test('adds a site: every signer reads it, and the site answers too', async () => {
    const addSites = [{ name: 'Partner School', contact: 'partner@school.example' }];
    const asked = await change({ addSites });
    expect(asked).toMatchObject({ saved: false, changes: ['sites'] });
    expect(ok(await school.teacher.get(`/api/courses/${course.id}`)).sites).toHaveLength(1);
    await change({ addSites, confirm: asked.terms });
    expect(await missingIn(school.teacher, next.id)).toEqual([
      'Partner School: PERMISSION_MISSING',
      'Peri Kurgu: TERMS_CHANGED',
      'Test School: TERMS_CHANGED',
    ]);
  });

  test('adds no more sites than a lesson may have', async () => {
    const addSites = Array.from({ length: 200 }, (_, i) => ({ name: `Site ${i}`, contact: 'x' }));
    expect(await school.teacher.patch(`/api/courses/${course.id}`, { addSites })).toMatchObject({
      status: 400,
      body: { reasons: [{ code: 'TOO_MANY' }] },
    });
  });

  test.each([
    ['to a day that there is not', { from: '2026-02-30' }],
    ['to begin after its end', { from: dayFromNow(40) }],
    ['to be longer than a year', { until: dayFromNow(400) }],
    ['to keep nothing that it records', { keptUntil: dayFromNow(-40) }],
    ['to another channel than there is', { channelId: randomUUID() }],
    ['with a yes to nothing', { confirm: 'x' }],
    ['to have no title', { title: '' }],
  ])('%s is refused', async (_, body) => {
    const before = await shown();
    expect((await school.teacher.patch(`/api/courses/${course.id}`, body)).status).toBe(400);
    expect(await shown()).toEqual(before);
  });
});

describe('texts of the school', () => {
  const putText = async (body: object) => {
    await confirmAgain(server, school.admin);
    return school.admin.put('/api/school/texts', body);
  };

  test('are shown with where they come from, and changed by an administrator', async () => {
    const shipped = ok(await school.teacher.get('/api/school/texts')).items;
    expect(
      shipped.map(({ kind, language, version, isOwn }: Record<string, unknown>) => [kind, language, version, isOwn]),
    ).toEqual([
      ['notice', 'tr', 1, false],
      ['consent', 'tr', 1, false],
      ['notice', 'en', 1, false],
      ['consent', 'en', 1, false],
    ]);
    const own = { kind: 'notice', language: 'tr', text: 'Okulumuzun bilgilendirme metni.' };
    expect((await school.teacher.put('/api/school/texts', own)).status).toBe(403);
    expect(ok(await putText(own))).toEqual({ ...own, version: 2, isOwn: true });
    expect((await putText({ ...own, language: 'xx' })).status).toBe(400);
    expect((await putText({ ...own, text: 'x'.repeat(20_001) })).status).toBe(400);
  });

  test('leave a course that was answered alone, until what signers read of it is changed', async () => {
    await takeInList(school.teacher, [['401', 'Rüya', 'Kurgu', '4-A', 'Rana Kurgu']]);
    const course = await openCourse(school, { classIds: [await classNamed(school.teacher, '4-A')] });
    const next = await addLessonIn(school.teacher, course.id, 1);
    await noteForAll(school.teacher, next.id);
    ok(await putText({ kind: 'consent', language: 'en', text: 'Words that nobody of this course has read.' }));
    const unchanged = ok(await school.teacher.patch(`/api/courses/${course.id}`, { supervisorName: 'Somebody Else' }));
    expect(unchanged).toEqual({ saved: true, changes: [], voids: [], terms: course.terms });
    // Somebody new is asked in the words that the others read: asking voids nothing.
    await takeInList(school.teacher, [
      ['401', 'Rüya', 'Kurgu', '4-A', 'Rana Kurgu'],
      ['402', 'Selin', 'Kurgu', '4-A', 'Sema Kurgu'],
    ]);
    expect(ok(await school.teacher.post(`/api/courses/${course.id}/requests`))).toMatchObject({ requests: 1 });
    expect(ok(await school.teacher.get(`/api/courses/${course.id}`)).terms).toBe(course.terms);
    expect(await missingIn(school.teacher, next.id)).toEqual(['Selin Kurgu: PERMISSION_MISSING']);
    const asked = ok(await school.teacher.patch(`/api/courses/${course.id}`, { title: 'Another' }));
    expect(asked).toMatchObject({ saved: false, changes: ['course', 'consent'] });
    const taking = ok(await school.teacher.patch(`/api/courses/${course.id}`, { takeTexts: true }));
    expect(taking).toMatchObject({ saved: false, changes: ['consent'] });
    ok(await school.teacher.patch(`/api/courses/${course.id}`, { takeTexts: true, confirm: taking.terms }));
    expect(await missingIn(school.teacher, next.id)).toContain('Rüya Kurgu: TERMS_CHANGED');
  });
});

describe('rules of the school', () => {
  const put = async (body: object) => {
    await confirmAgain(server, school.admin);
    return school.admin.put('/api/school/permission-rules', body);
  };
  test('of Turkey: what staff noted is not sure enough, and what rests on it goes out of reach', async () => {
    await takeInList(school.teacher, [['301', 'Tan', 'Kurgu', '3-A', 'Tijen Kurgu']]);
    const course = await openCourse(school, { classIds: [await classNamed(school.teacher, '3-A')] });
    const lesson = await addLessonIn(school.teacher, course.id, -1);
    await noteForAll(school.teacher, lesson.id);
    const recording = await keep(lesson.id);
    expect((await school.teacher.put('/api/school/permission-rules', { preset: 'tr' })).status).toBe(403);
    expect(ok(await put({ preset: 'tr' }))).toMatchObject({
      preset: 'tr',
      leastAssurance: { record: 3, release: { class: 3, families: 4 } },
      timeZone: 'Europe/Istanbul',
    });
    expect(await stateOf(recording.id)).toBe('quarantined');
    expect(await missingIn(school.teacher, lesson.id)).toEqual([
      'Tan Kurgu: ASSURANCE_TOO_LOW',
      'Test School: ASSURANCE_TOO_LOW',
    ]);
    const { reasons } = ok(await school.teacher.get(`/api/lessons/${lesson.id}/gate`));
    expect(reasons[0]).toMatchObject({ params: { level: 1, least: 3 } });
    expect(await statesIn(school.teacher, course.id)).toEqual({
      'Tan Kurgu': 'incomplete',
      'Test School': 'incomplete',
    });
    expect(ok(await put({ leastAssurance: { take_part: 1, record: 1, keep: 1 } }))).toMatchObject({ preset: 'own' });
    expect(await missingIn(school.teacher, lesson.id)).toEqual([]);
    expect(await missingIn(school.teacher, lesson.id, 'class')).toHaveLength(2);
    const release = { class: 1, school: 1, sites: 1, families: 1 };
    ok(await put({ leastAssurance: { release } }));
    expect(await missingIn(school.teacher, lesson.id, 'class')).toEqual([]);
    expect(ok(await school.reviewer.get('/api/school/permission-rules'))).toMatchObject({ preset: 'own' });
  });

  test.each([
    { mailFromHour: 20, mailUntilHour: 8 },
    { mailFromHour: 8, mailUntilHour: 8 },
    { timeZone: 'Mars/Olympus' },
    { leastAssurance: { record: 6 } },
    { leastAssurance: { record: 0 } },
    { preset: 'own' },
    { answerDays: 0 },
    { mostReminders: 21 },
  ])('%j is refused and changes nothing', async (body) => {
    const before = ok(await school.admin.get('/api/school/permission-rules'));
    expect((await put(body)).status).toBe(400);
    expect(ok(await school.admin.get('/api/school/permission-rules'))).toEqual(before);
  });

  test('another time zone leaves courses on their days, and answers in force', async () => {
    await takeInList(school.teacher, [['302', 'Umut', 'Kurgu', '3-B', 'Ufuk Kurgu']]);
    const course = await openCourse(school, {
      classIds: [await classNamed(school.teacher, '3-B')],
      keptUntil: dayFromNow(60),
    });
    const lesson = await addLessonIn(school.teacher, course.id, 1);
    await noteForAll(school.teacher, lesson.id);
    for (const timeZone of ['Europe/London', 'Asia/Tokyo', 'Europe/Istanbul']) {
      ok(await put({ timeZone }));
      const { from, until, keptUntil, terms } = ok(await school.teacher.get(`/api/courses/${course.id}`));
      expect({ timeZone, from, until, keptUntil, terms }).toEqual({
        timeZone,
        from: course.from,
        until: course.until,
        keptUntil: course.keptUntil,
        terms: course.terms,
      });
      const outcome = ok(await school.teacher.patch(`/api/courses/${course.id}`, { until: course.until }));
      expect(outcome).toMatchObject({ saved: true, changes: [], terms: course.terms });
    }
    expect(await missingIn(school.teacher, lesson.id)).toEqual([]);
  });
});

describe('a guardian', () => {
  test('whose guardianship an administrator ends is counted no longer, from then on', async () => {
    await takeInList(school.teacher, [['201', 'Vera', 'Kurgu', '2-A', 'Vildan Kurgu', 'Volkan Kurgu']]);
    const course = await openCourse(school, { classIds: [await classNamed(school.teacher, '2-A')] });
    const [held, next] = [
      await addLessonIn(school.teacher, course.id, -1),
      await addLessonIn(school.teacher, course.id, 1),
    ];
    await noteForAll(school.teacher, held.id);
    const vera = personNamed(held.participants, 'Vera Kurgu');
    const [mother, father] = ['Vildan Kurgu', 'Volkan Kurgu'].map((name) => personNamed(vera.guardians, name));
    // The mother said yes. The father says no: conflict.
    const recording = await keep(held.id);
    await noteFor(school.teacher, held.id, vera, { guardianId: mother.id, signerName: mother.name });
    await noteFor(school.teacher, held.id, vera, {
      guardianId: father.id,
      signerName: father.name,
      status: 'refused',
      signedAt: inDays(-0.1),
    });
    expect(await stateOf(recording.id)).toBe('quarantined');
    expect(await statesIn(school.teacher, course.id)).toMatchObject({ 'Vera Kurgu': 'conflict' });
    const endOf = async (guardianId: string) => {
      const [{ id }] = ok(await school.teacher.get('/api/persons?search=vera')).items;
      const { guardianships } = ok(await school.admin.get(`/api/persons/${id}`));
      const found = guardianships.find(({ guardian }: { guardian: { id: string } }) => guardian.id === guardianId);
      ok(await school.admin.patch(`/api/guardianships/${found.id}`, { end: true, why: 'TEST document, 2026-11-02' }));
    };
    await endOf(father.id);
    expect(await statesIn(school.teacher, course.id)).toMatchObject({ 'Vera Kurgu': 'given' });
    expect(await missingIn(school.teacher, next.id)).toEqual([]);
    // What the mother gave while she stood for the child stays good for what was held then.
    const kept = await keep(held.id);
    await endOf(mother.id);
    expect(await stateOf(kept.id)).toBe('in_review');
    expect(await missingIn(school.teacher, held.id)).toEqual([]);
    expect(await missingIn(school.teacher, next.id)).toEqual(['Vera Kurgu: GUARDIAN_UNKNOWN']);
    const { rows } = ok(await school.teacher.get(`/api/courses/${course.id}/people`));
    expect(personNamed(rows, 'Vera Kurgu')).toMatchObject({ next: 'add_guardian', signers: [] });
  });

  test('whose authority is taken away was never one who may sign: what rests on it goes out of reach', async () => {
    await takeInList(school.teacher, [['202', 'Yaz', 'Kurgu', '2-B', 'Yonca Kurgu']]);
    const course = await openCourse(school, { classIds: [await classNamed(school.teacher, '2-B')] });
    const held = await addLessonIn(school.teacher, course.id, -1);
    await noteForAll(school.teacher, held.id);
    const recording = await keep(held.id);
    const [{ id }] = ok(await school.teacher.get('/api/persons?search=yaz')).items;
    const [{ id: guardianshipId }] = ok(await school.admin.get(`/api/persons/${id}`)).guardianships;
    ok(await school.admin.patch(`/api/guardianships/${guardianshipId}`, { authority: 'none' }));
    expect(await stateOf(recording.id)).toBe('quarantined');
  });
});

describe('the view of a course', () => {
  let course: Awaited<ReturnType<typeof openCourse>>;
  const path = () => `/api/courses/${course.id}/people`;
  beforeAll(async () => {
    await takeInList(school.teacher, [
      ['101', 'Asked', 'Kurgu', '1-A', 'Asked Guardian'],
      ['102', 'Given', 'Kurgu', '1-A', 'Given Guardian'],
      ['103', 'Refused', 'Kurgu', '1-A', 'Refused Guardian'],
      ['104', 'Withdrawn', 'Kurgu', '1-A', 'Withdrawn Guardian'],
      ['105', 'Conflict', 'Kurgu', '1-A', 'Conflict Mother', 'Conflict Father'],
      ['106', 'Pupil', 'Kurgu', '1-B', 'Pupil Guardian'],
      ['107', 'Invalid', 'Kurgu', '1-B', 'Invalid Guardian'],
      ['108', 'Opened', 'Kurgu', '1-B', 'Opened Guardian'],
      ['109', 'Bounced', 'Kurgu', '1-B', 'Bounced Guardian'],
      ['110', 'Incomplete', 'Kurgu', '1-B', 'Incomplete Guardian'],
      ['111', 'Alone', 'Kurgu', '1-B'],
    ]);
    course = await openCourse(school, {
      classIds: [await classNamed(school.teacher, '1-A'), await classNamed(school.teacher, '1-B')],
      people: [{ name: '=HYPERLINK("https://evil.example","x")', kind: 'guest', isMinor: false }],
    });
  });

  test('reaches every state', async () => {
    ok(await school.teacher.post(`/api/courses/${course.id}/requests`));
    // Asked once, asked for ever: nobody is asked twice.
    expect(ok(await school.teacher.post(`/api/courses/${course.id}/requests`))).toMatchObject({
      requests: 0,
      mailed: 0,
    });
    const lesson = await addLessonIn(school.teacher, course.id, 1);
    const of = (given: string) => personNamed(lesson.participants, `${given} Kurgu`);
    const noted = (given: string, more: object = {}) => noteFor(school.teacher, lesson.id, of(given), more);
    await noted('Given');
    await noted('Refused', { status: 'refused' });
    const { id: withdrawn } = await noted('Withdrawn');
    ok(await school.teacher.post(`/api/permissions/${withdrawn}/withdraw`, {}));
    const [mother, father] = of('Conflict').guardians;
    await noted('Conflict', { guardianId: mother.id, signerName: mother.name });
    await noted('Conflict', { guardianId: father.id, signerName: father.name, status: 'refused' });
    await noted('Pupil');
    await noted('Pupil', {
      signerCapacity: 'self',
      signerName: 'Pupil Kurgu',
      guardianId: undefined,
      status: 'refused',
    });
    const { id: invalid } = await noted('Invalid');
    ok(await school.admin.post(`/api/permissions/${invalid}/invalidate`, { note: 'forged' }));
    await noted('Incomplete', { purposes: ['take_part', 'record'], releaseTo: [] });
    // What mail servers and the signer's page write.
    const { read } = server.context.outside.database;
    const requestFor = (given: string) =>
      read.request.findFirstOrThrow({ where: { participantId: of(given).id }, include: { deliveries: true } });
    await read.request.update({ where: { id: (await requestFor('Opened')).id }, data: { openedAt: new Date() } });
    const bounced = await requestFor('Bounced');
    const link = await read.signerLink.create({
      data: { personId: bounced.signerId, tokenDigest: randomUUID(), createdAt: new Date() },
    });
    await read.delivery.create({
      data: {
        linkId: link.id,
        state: 'bounced',
        kind: 'asked',
        addressDigest: new Uint8Array([1]),
        addressMask: 'b…@posta.example',
        queuedAt: new Date(),
        requests: { create: { requestId: bounced.id } },
      },
    });
    const { counts, rows } = ok(await school.teacher.get(path()));
    expect(
      Object.fromEntries(rows.map(({ name, state, next }: Record<string, string>) => [name, [state, next]])),
    ).toEqual({
      'Alone Kurgu': ['not_asked', 'add_guardian'],
      'Asked Kurgu': ['asked', 'print'],
      'Bounced Kurgu': ['undeliverable', 'correct_address'],
      'Conflict Kurgu': ['conflict', 'decide_conflict'],
      'Given Kurgu': ['given', null],
      'Incomplete Kurgu': ['incomplete', 'print'],
      'Invalid Kurgu': ['invalid', 'print'],
      'Opened Kurgu': ['opened', 'print'],
      'Pupil Kurgu': ['pupil_refused', null],
      'Refused Kurgu': ['refused', null],
      'Test School': ['asked', 'print'],
      'Withdrawn Kurgu': ['withdrawn', null],
      '=HYPERLINK("https://evil.example","x")': ['asked', 'print'],
    });
    expect(counts).toEqual({
      pupil_refused: 1,
      withdrawn: 1,
      conflict: 1,
      refused: 1,
      invalid: 1,
      incomplete: 1,
      given: 1,
      undeliverable: 1,
      opened: 1,
      asked: 3,
      not_asked: 1,
    });
    expect(personNamed(rows, 'Asked Kurgu')).toMatchObject({
      className: '1-A',
      stateText: expect.any(String),
      nextText: expect.any(String),
      reasons: [{ code: 'PERMISSION_MISSING', text: expect.stringContaining('Asked Kurgu') }],
      audiences: [],
      signers: [{ name: 'Asked Guardian', hasAddress: true, request: 'open', reminders: 0 }],
    });
    expect(personNamed(rows, 'Given Kurgu').audiences).toEqual(['class']);
  });

  test('counts all, and shows one class, one state, or both', async () => {
    const classId = await classNamed(school.teacher, '1-B');
    const ofClass = ok(await school.teacher.get(`${path()}?classId=${classId}`));
    expect(ofClass.rows).toHaveLength(6);
    expect(ofClass.counts.given).toBe(1);
    expect(await statesIn(school.teacher, course.id, '?state=asked')).toEqual({
      '=HYPERLINK("https://evil.example","x")': 'asked',
      'Asked Kurgu': 'asked',
      'Test School': 'asked',
    });
    expect(await statesIn(school.teacher, course.id, `?state=invalid&classId=${classId}`)).toEqual({
      'Invalid Kurgu': 'invalid',
    });
    expect((await school.teacher.get(`${path()}?state=happy`)).status).toBe(400);
  });

  test('is a file for a spreadsheet: names and states, no address, and nothing that runs', async () => {
    const answer = await school.teacher.get(`/api/courses/${course.id}/people.csv`);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const lines = String(answer.body).trim().split('\r\n');
    expect(lines[0]).toBe('Name,Class,Permission');
    expect(lines).toHaveLength(14);
    expect(answer.body).not.toContain('@posta');
    expect(answer.body).toContain(`"'=HYPERLINK(""https://evil.example"",""x"")"`);
    for (const line of lines.slice(1)) expect(line).not.toMatch(/^"?[=+\-@]/);
    const turkish = await school.teacher.get(`/api/courses/${course.id}/people.csv?state=given`, {
      'accept-language': 'tr',
    });
    expect(String(turkish.body).trim().split('\r\n')[1]).toMatch(/^Given Kurgu,1-A,/);
  });
});

describe('what a course cannot be', () => {
  const refused = async (more: object) => {
    const answer = await school.teacher.post('/api/courses', { ...courseOf(school), ...more });
    return [answer.status, answer.body.reasons?.[0]?.code, answer.body.reasons?.[0]?.subject?.id];
  };
  test('longer than a school year, or over before it begins', async () => {
    expect(await refused({ from: '2026-09-01', until: '2027-09-02' })).toEqual([400, 'COURSE_TOO_LONG', 'until']);
    expect(await refused({ from: '2026-09-02', until: '2026-09-01' })).toEqual([400, 'ENDS_BEFORE_START', 'until']);
    expect(await refused({ keptUntil: dayFromNow(-31) })).toEqual([400, 'ENDS_BEFORE_START', 'keptUntil']);
    // A school year of 366 days, and a course of one day, are fine.
    ok(await school.teacher.post('/api/courses', { ...courseOf(school), from: '2027-09-01', until: '2028-08-31' }));
    ok(await school.teacher.post('/api/courses', { ...courseOf(school), from: '2026-09-01', until: '2026-09-01' }));
  });

  test('of a class, a person or a channel that there is not', async () => {
    const nobody = randomUUID();
    expect(await refused({ classIds: [nobody] })).toEqual([400, 'CLASS_UNKNOWN', 'classIds']);
    expect(await refused({ personIds: [nobody] })).toEqual([400, 'PERSON_UNKNOWN', 'personIds']);
    expect(await refused({ channelId: nobody })).toEqual([400, 'CHANNEL_UNKNOWN', 'channelId']);
  });

  test('of more people than the gate can read at every playback', async () => {
    const before = ok(await school.teacher.get('/api/courses?limit=200')).items.length;
    const people = Array.from({ length: 501 }, (_, i) => ({ name: `P ${i}`, kind: 'guest', isMinor: false }));
    expect((await refused({ people }))[0]).toBe(400);
    const course = await openCourse(school, { people: people.slice(0, 400) });
    const more = await school.teacher.post(`/api/courses/${course.id}/people`, { people: people.slice(0, 101) });
    expect(more).toMatchObject({ status: 400, body: { reasons: [{ code: 'TOO_MANY', params: { most: 500 } }] } });
    expect(ok(await school.teacher.get('/api/courses?limit=200')).items).toHaveLength(before + 1);
    expect(ok(await school.teacher.get(`/api/courses/${course.id}`)).participants).toBe(400);
  });

  test('made of a million ids', async () => {
    const id = randomUUID();
    const course = await openCourse(school);
    const million = { personIds: Array.from({ length: 1_000_000 }, () => id) };
    expect((await school.teacher.post('/api/courses', { ...courseOf(school), ...million })).status).toBe(413);
    expect((await school.teacher.post(`/api/courses/${course.id}/people`, million)).status).toBe(413);
    const many = Array.from({ length: 501 }, () => id);
    expect((await refused({ personIds: many }))[0]).toBe(400);
    expect((await refused({ classIds: many }))[0]).toBe(400);
  });

  test('lost between two pages of the list', async () => {
    const seen: string[] = [];
    let cursor = '';
    do {
      const { items, next } = ok(await school.teacher.get(`/api/courses?limit=3${cursor && `&cursor=${cursor}`}`));
      seen.push(...items.map(({ id }: { id: string }) => id));
      cursor = next ?? '';
    } while (cursor);
    const { read } = server.context.outside.database;
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength(await read.course.count({ where: { isSingle: false } }));
    expect((await school.teacher.get('/api/courses?cursor=x')).status).toBe(400);
  });
});

describe('who may', () => {
  let courseId: string;
  let participantId: string;
  beforeAll(async () => {
    const course = await openCourse(school, { people: [{ name: 'Adult Example', kind: 'guest', isMinor: false }] });
    courseId = course.id;
    const { rows } = ok(await school.teacher.get(`/api/courses/${courseId}/people`));
    participantId = personNamed(rows, 'Adult Example').id;
  });
  const reading = () => [
    `/api/courses/${courseId}`,
    `/api/courses/${courseId}/people`,
    `/api/courses/${courseId}/lessons`,
  ];
  const writing = (): [string, string, object?][] => [
    ['PATCH', `/api/courses/${courseId}`, { title: 'Mine' }],
    ['POST', `/api/courses/${courseId}/people`, {}],
    ['DELETE', `/api/courses/${courseId}/people/${participantId}`],
    ['POST', `/api/courses/${courseId}/lessons`, { plannedStart: inDays(1), plannedEnd: inDays(1.1) }],
    ['POST', `/api/courses/${courseId}/requests`, {}],
    ['POST', `/api/courses/${courseId}/reminders`, {}],
  ];

  test('another teacher finds nothing', async () => {
    for (const path of [...reading(), `/api/courses/${courseId}/people.csv`])
      expect((await school.otherTeacher.get(path)).status).toBe(404);
    for (const [method, path, body] of writing())
      expect([path, (await school.otherTeacher.request(method, path, body)).status]).toEqual([path, 404]);
    expect(ok(await school.otherTeacher.get('/api/courses')).items).toEqual([]);
  });

  test('a reviewer reads and does not write, and takes no list away', async () => {
    for (const path of reading()) expect((await school.reviewer.get(path)).status).toBe(200);
    for (const [method, path, body] of writing())
      expect([path, (await school.reviewer.request(method, path, body)).status]).toEqual([path, 403]);
    expect((await school.reviewer.get(`/api/courses/${courseId}/people.csv`)).status).toBe(403);
  });

  test('an auditor sees no course, and nobody signed in none', async () => {
    for (const path of reading()) {
      expect((await school.auditor.get(path)).status).toBe(403);
      expect((await school.nobody.get(path)).status).toBe(401);
    }
  });

  test('a token reads or writes as its scopes say, takes no list away and writes to no family', async () => {
    const token = async (scopes: string[]) => {
      const issued = ok(await school.teacher.post('/api/tokens', { name: scopes.join(), scopes, days: 1 }));
      return new Api(server.url, { authorization: `Bearer ${issued.token}` });
    };
    const [reader, writer] = [await token(['read']), await token(['write'])];
    expect((await reader.get(`/api/courses/${courseId}`)).status).toBe(200);
    expect((await reader.patch(`/api/courses/${courseId}`, { title: 'x' })).status).toBe(403);
    expect((await writer.get(`/api/courses/${courseId}`)).status).toBe(403);
    expect((await writer.patch(`/api/courses/${courseId}`, { title: 'By token' })).status).toBe(200);
    for (const api of [reader, writer]) {
      expect((await api.get(`/api/courses/${courseId}/people.csv`)).status).toBe(403);
      expect((await api.post(`/api/courses/${courseId}/requests`)).status).toBe(403);
      expect((await api.post(`/api/courses/${courseId}/reminders`)).status).toBe(403);
    }
  });

  test('a participant of another course is not in this one', async () => {
    const other = await openCourse(school);
    expect((await school.teacher.delete(`/api/courses/${other.id}/people/${participantId}`)).status).toBe(404);
    const lesson = await addLessonIn(school.teacher, other.id, 1);
    const answer = await school.teacher.post(`/api/lessons/${lesson.id}/permissions`, {
      participantId,
      status: 'granted',
      signerName: 'Adult Example',
      signerCapacity: 'self',
      signedAt: inDays(-1),
    });
    expect(answer).toMatchObject({ status: 400, body: { reasons: [{ code: 'PARTICIPANT_NOT_OF_LESSON' }] } });
    expect(
      (await school.teacher.put(`/api/lessons/${lesson.id}/seats/${participantId}`, { unrecorded: true })).status,
    ).toBe(404);
  });

  test('the site of a course answers once for all its lessons', async () => {
    const course = await openCourse(school);
    const lesson = await addLessonIn(school.teacher, course.id, 1);
    await noteForSite(school.teacher, lesson.id, course.sites[0].id);
    expect(await statesIn(school.teacher, course.id)).toEqual({ 'Test School': 'given' });
    // And a course in which nobody takes part is none.
    expect(await missingIn(school.teacher, lesson.id)).toEqual([': NO_PARTICIPANTS']);
  });
});
