import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { foldForSearch } from '../../../src/domain/person.ts';
import { mostFoundOfKind } from '../../../src/domain/search.ts';
import { type Api, signedInStaff } from '../../support/api.ts';
import { addLessonIn, classNamed, openCourse, takeInList } from '../../support/courses.ts';
import { createPermittedLesson, createSchool, ok, type School } from '../../support/school.ts';
import { createSealedRecording } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let school: School;
let lessonId: string;
let recordingId: string;
let courseId: string;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
  lessonId = (await createPermittedLesson(school)).id;
  recordingId = (await createSealedRecording(server.context.outside, lessonId, school.teacher.id)).id;
  const { read } = server.context.outside.database;
  await read.recording.update({ where: { id: recordingId }, data: { fileName: 'Işıklı_Ders (2).MP4' } });
  await takeInList(school.admin, [['0012', 'Işıl', 'İnce', '10/İ', 'Gül İnce']]);
  courseId = (
    await openCourse(school, { title: 'Kimya İleri Düzey', classIds: [await classNamed(school.admin, '10/İ')] })
  ).id;
  await addLessonIn(school.teacher, courseId, 3);
});
afterAll(() => server?.stop());

const find = async (
  by: Api,
  text: string,
): Promise<{ kind: string; id: string; title: string; detail: string | null }[]> =>
  ok(await by.get(`/api/search?text=${encodeURIComponent(text)}`)).items;
const kinds = async (by: Api, text: string) => (await find(by, text)).map(({ kind }) => kind);

describe('a search', () => {
  test('finds a lesson and its recording by the beginnings of words, in any order', async () => {
    expect(await find(school.teacher, 'phy 9')).toMatchObject([
      { kind: 'lesson', id: lessonId, title: '9-B Physics', detail: null },
      { kind: 'recording', id: recordingId, title: '9-B Physics', detail: 'Işıklı_Ders (2).MP4' },
    ]);
    expect(await find(school.teacher, 'hysics')).toEqual([]);
    expect(await find(school.teacher, '9-b chemistry')).toEqual([]);
  });

  test.each(['ışıklı', 'ISIKLI', 'isik', 'mp4 IŞIK'])('finds a file by “%s”', async (text) => {
    expect(await find(school.teacher, text)).toMatchObject([{ kind: 'recording', id: recordingId }]);
  });

  test.each(['ileri', 'İLERİ', 'ILERI duzey', 'kımya'])('finds a course by “%s”, and its lessons', async (text) => {
    expect(await find(school.teacher, text)).toMatchObject([
      { kind: 'course', id: courseId, detail: '10/İ' },
      { kind: 'lesson', title: 'Kimya İleri Düzey', detail: 'Kimya İleri Düzey' },
    ]);
  });

  test.each(['isil ince', 'IŞIL', 'nce'])('finds a person by “%s”', async (text) => {
    expect(await find(school.admin, text)).toContainEqual(
      expect.objectContaining({ kind: 'person', title: 'Işıl İnce', detail: '10/İ' }),
    );
  });

  test('shows a teacher only their own, a reviewer no people, and an auditor nothing', async () => {
    for (const text of ['physics', 'kimya', 'ışıklı']) expect(await find(school.otherTeacher, text)).toEqual([]);
    expect(await kinds(school.otherTeacher, 'işıl')).toEqual(['person']);
    expect(await kinds(school.reviewer, 'physics')).toEqual(['lesson', 'recording']);
    expect(await kinds(school.reviewer, 'kimya')).toEqual(['course', 'lesson']);
    expect(await kinds(school.reviewer, 'işıl')).toEqual([]);
    expect((await school.auditor.get('/api/search?text=physics')).status).toBe(403);
    const both = await signedInStaff(server, 'Two Hats', ['teacher', 'reviewer']);
    expect(await kinds(both, 'physics')).toEqual(['lesson', 'recording']);
    expect(await kinds(both, 'işıl')).toEqual(['person']);
  });

  test('does not find a recording that is still arriving', async () => {
    const { read } = server.context.outside.database;
    const arriving = await read.recording.create({
      data: { lessonId, uploaderId: school.teacher.id, state: 'receiving', fileName: 'halfway.mp4' },
    });
    expect(await find(school.admin, 'halfway')).toEqual([]);
    await read.recording.update({ where: { id: arriving.id }, data: { state: 'erased' } });
    expect(await kinds(school.admin, 'halfway')).toEqual(['recording']);
  });

  test('puts first what begins with the text, and tells no more than so many of a kind', async () => {
    const { courseId: id } = await server.context.outside.database.read.lesson.findUniqueOrThrow({
      where: { id: lessonId },
    });
    const titles = [...Array.from({ length: 9 }, (_, i) => `Old sewing ${i}`), 'Sewing'];
    const { read } = server.context.outside.database;
    for (const [i, title] of titles.entries())
      await read.lesson.create({
        data: {
          title,
          courseId: id,
          teacherId: school.teacher.id,
          plannedStart: new Date(2026, 0, 28 - i),
          plannedEnd: new Date(2026, 0, 29 - i),
        },
      });
    const found = await find(school.teacher, 'sew');
    expect(found).toHaveLength(mostFoundOfKind);
    expect(found.map(({ title }) => title).slice(0, 3)).toEqual(['Sewing', 'Old sewing 0', 'Old sewing 1']);
  });

  test('takes signs and what looks like a query as text, and refuses what is too short or too long', async () => {
    for (const text of ["' | x", '!!', '--', 'a:* & b', "\\'", '((', '%', 'ﷺ'.repeat(200).slice(0, 200)]) {
      const { status } = await school.teacher.get(`/api/search?text=${encodeURIComponent(`${text}  x!`)}`);
      expect({ text, status }).toEqual({ text, status: text.length > 190 ? 400 : 200 });
    }
    expect(await find(school.teacher, '--')).toEqual([]);
    for (const text of ['', 'a', ' a ', 'x'.repeat(201), 'a\0b'])
      expect((await school.teacher.get(`/api/search?text=${encodeURIComponent(text)}`)).status).toBe(400);
  });

  test('does not stand in the way of a title, however it is written', async () => {
    const title = 'ﷺ'.repeat(200);
    ok(await school.teacher.patch(`/api/lessons/${lessonId}`, { title }));
    ok(await school.teacher.patch(`/api/lessons/${lessonId}`, { title: '9-B Physics' }));
  });
});

test('the database folds as people are searched for', async () => {
  const { read } = server.context.outside.database;
  const names = [
    'IŞIL İnce',
    'ılgın',
    'Çağrı ÖZGÜR',
    'Ünsal ŞÂKİR',
    'Zoë Dvořák',
    'Łukasz ŻÓŁĆ',
    'ÆØÅ',
    'ﬁlm',
    'Ωμέγα ΣΑΣ',
  ];
  names.push('Ёлка ЖЮЩ', 'i\u0307zmir', 'STRAẞE', 'Nguyễn Văn Á', '½ Ⅷ', '10/İ', 'PHẠM', 'ĐẶNG');
  for (const name of names) {
    const [row] = await read.$queryRaw<{ folded: string }[]>`SELECT search_fold(${name}) AS folded`;
    expect(row?.folded).toBe(foldForSearch(name).replaceAll('ς', 'σ'));
  }
});
