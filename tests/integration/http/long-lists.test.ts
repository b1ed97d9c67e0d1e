import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Api } from '../../support/api.ts';
import { createPermittedLesson, createSchool, ok, type School } from '../../support/school.ts';
import { createSealedRecording } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let school: School;
/** The newest first; lessons of the teacher, but the third. */
const titles = ['Işık ve İklim', 'Kırılma 10/A', 'Kirilme 10/B', 'Şiir dinletisi', 'Ölçme'];
const lessons: string[] = [];
const recordings: string[] = [];

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
  const states = ['in_review', 'sealed', 'in_review', 'released', 'quarantined'] as const;
  for (const [place, title] of titles.entries()) {
    const { id } = await createPermittedLesson(school, place === 2 ? school.otherTeacher : school.teacher);
    ok(await (place === 2 ? school.otherTeacher : school.teacher).patch(`/api/lessons/${id}`, { title }));
    const plannedStart = new Date(Date.UTC(2026, 0, 20 - place));
    await rows().lesson.update({ where: { id }, data: { plannedStart } });
    // Two at the same instant: what is at the edge of a page is neither lost nor there twice.
    const createdAt = new Date(Date.UTC(2026, 1, 20 - Math.floor(place / 2)));
    const recording = await createSealedRecording(server.context.outside, id, school.teacher.id, {
      mediaBytes: 10,
      renditionBytes: null,
    });
    const where = { recordingId: recording.id };
    await rows().finding.deleteMany({ where });
    await rows().segment.deleteMany({ where });
    await rows().recording.update({ where: { id: recording.id }, data: { state: states[place]!, createdAt } });
    lessons.push(id);
    recordings.push(recording.id);
  }
  await rows().recording.create({
    data: { lessonId: lessons[0]!, uploaderId: school.teacher.id, state: 'receiving' },
  });
});
afterAll(() => server?.stop());

const rows = () => server.context.outside.database.read;
const idsOf = (answer: { items: { id: string }[] }) => answer.items.map(({ id }) => id);
const ask = async (path: string, by: Api = school.admin) => ok(await by.get(`/api/${path}`));
/** Every page of a list, of one item each. */
async function walk(path: string, by?: Api): Promise<string[]> {
  const found: string[] = [];
  for (let cursor = ''; ; ) {
    const page = await ask(`${path}limit=1${cursor}`, by);
    expect(page.items.length).toBeLessThanOrEqual(1);
    found.push(...idsOf(page));
    if (page.next === null) return found;
    expect(found.length).toBeLessThanOrEqual(10);
    cursor = `&cursor=${page.next}`;
  }
}

describe('recordings', () => {
  test('come a page at a time, each once, in the order of the whole list', async () => {
    const whole = await ask('recordings');
    expect(whole.next).toBeNull();
    expect(idsOf(whole).toSorted()).toEqual(recordings.toSorted());
    expect(await walk('recordings?')).toEqual(idsOf(whole));
    expect(await walk('recordings?', school.otherTeacher)).toEqual([recordings[2]]);
  });
  test('by states, by lesson and by words of its title, however they are written', async () => {
    const of = async (query: string) => idsOf(await ask(`recordings?${query}`)).toSorted();
    const some = (...places: number[]) => places.map((place) => recordings[place]).toSorted();
    expect(await of('state=sealed')).toEqual(some(1));
    expect(await of('state=sealed,released')).toEqual(some(1, 3));
    expect(await of('state=receiving')).toEqual([]);
    expect(await of('state=receiving,sealed')).toEqual(some(1));
    expect(await of(`lessonId=${lessons[4]}`)).toEqual(some(4));
    for (const words of ['ISIK', 'ışık', 'iklim isik', 'IKLIM'])
      expect(await of(`words=${encodeURIComponent(words)}`)).toEqual(some(0));
    expect(await of('words=kiril')).toEqual(some(1, 2));
    expect(await of('words=kiril%2010/b&state=in_review')).toEqual(some(2));
    expect(await of('words=%25')).toEqual([]);
    expect(await of('words=_')).toEqual([]);
    expect(idsOf(await ask('recordings?words=kiril', school.teacher))).toEqual(some(1));
  });
  test('only those with a segment that waits', async () => {
    const [recordingId = ''] = recordings;
    const finding = { recordingId, source: 'declared', startMs: 0, endMs: 9, confidence: 1, evidence: {} } as const;
    for (const key of ['a', 'b'])
      await rows().segment.create({
        data: { recordingId, startMs: 0, endMs: 9, findings: { create: { ...finding, key } } },
      });
    const [first, second] = ok(await school.reviewer.get(`/api/recordings/${recordingId}`)).segments;
    const open = async () => (await ask('recordings?open=true')).items;
    expect(await open()).toMatchObject([{ id: recordingId, openSegments: 2 }]);
    ok(await school.reviewer.post(`/api/segments/${first.id}/decisions`, { kind: 'mute' }));
    expect(await open()).toMatchObject([{ id: recordingId, openSegments: 1 }]);
    ok(await school.reviewer.post(`/api/segments/${second.id}/decisions`, { kind: 'mute' }));
    expect(await open()).toEqual([]);
    ok(await school.reviewer.delete(`/api/segments/${second.id}/decisions`));
    expect(await open()).toMatchObject([{ id: recordingId, openSegments: 1 }]);
    expect((await ask('recordings?open=false')).items).toHaveLength(5);
  });
});

describe('lessons', () => {
  test('come a page at a time, by their planned start', async () => {
    expect(idsOf(await ask('lessons'))).toEqual(lessons);
    expect(await walk('lessons?')).toEqual(lessons);
    expect(await walk('lessons?', school.teacher)).toEqual(lessons.filter((_, place) => place !== 2));
  });
  test('by words and by time', async () => {
    const of = async (query: string) => idsOf(await ask(`lessons?${query}`));
    expect(await of('words=SIIR')).toEqual([lessons[3]]);
    expect(await of('words=olcme')).toEqual([lessons[4]]);
    expect(await of('from=2026-01-18T00:00:00Z')).toEqual(lessons.slice(0, 3));
    expect(await of('until=2026-01-18T00:00:00Z')).toEqual(lessons.slice(3));
    expect(await of('from=2026-01-18T00:00:00Z&until=2026-01-19T00:00:00Z&words=kirilme')).toEqual([lessons[2]]);
  });
  test('are found by their new title once it is changed', async () => {
    const [id = ''] = lessons;
    ok(await school.teacher.patch(`/api/lessons/${id}`, { title: 'Gölgeler' }));
    expect(idsOf(await ask('lessons?words=golge'))).toEqual([id]);
    ok(await school.teacher.patch(`/api/lessons/${id}`, { title: titles[0] }));
    expect(idsOf(await ask('lessons?words=golge'))).toEqual([]);
  });
});

test.each(['recordings', 'lessons'])('%s: what is no cursor of ours, and what has no end, is refused', async (list) => {
  const cursorOf = (place: unknown) => Buffer.from(JSON.stringify(place)).toString('base64url');
  const wrong = [
    'limit=0',
    'limit=201',
    'limit=x',
    `words=${'x'.repeat(201)}`,
    'cursor=x',
    ...[
      ['x', randomUUID()],
      ['2026-01-01', randomUUID()],
      [new Date().toISOString(), 'x'.repeat(36)],
      [new Date().toISOString(), '-'.repeat(36)],
      [1, randomUUID()],
    ].map((place) => `cursor=${cursorOf(place)}`),
    ...(list === 'recordings' ? ['state=x', 'state=sealed,x', 'open=1'] : ['from=x', 'until=2026-01-01']),
  ];
  for (const query of wrong)
    expect({ query, ...(await school.admin.get(`/api/${list}?${query}`)) }).toMatchObject({ query, status: 400 });
});
