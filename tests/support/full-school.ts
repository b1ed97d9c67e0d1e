import { type Attended, sendReport, zoomReport } from './attendance-reports.ts';
import { openCourse as openBareCourse } from './courses.ts';
import { shortLesson } from './media.ts';
import { handIn, paged, pagesOf, printed, scanOf, sign } from './paper.ts';
import { createPermittedLesson, inDays, ok, type School, until } from './school.ts';
import { createSealedRecording } from './sealed-recording.ts';
import type { TestServer } from './server.ts';
import { openCourse, takeInClass } from './signing.ts';

/** Something of everything that a page can show, and beside it one of each kind with as little in it as there can be. */
export async function fillSchool(server: TestServer, school: School) {
  const { teacher, reviewer, admin } = school;
  const classId = await takeInClass(school, '7-A', [
    { pupil: 'Ada Şıh', guardians: [['Işıl Şıh', '', '0532 000 12 34']] },
    { pupil: 'Can Öz', guardians: [['Gül Öz', 'gul@aile.example', '0532 000 12 35']] },
    {
      pupil: 'Muhammed Abdurrahman Karaosmanoğlu-Yılmaztürk',
      guardians: [['Nur Karaosmanoğlu', '', '0532 000 12 36']],
    },
    { pupil: 'Yalnız Kimsesiz', guardians: [] },
  ]);
  const course = await openCourse(school, classId);
  ok(await teacher.post(`/api/courses/${course.id}/lessons`, { plannedStart: inDays(1), plannedEnd: inDays(1.02) }));
  const pages = await paged(server, await printed(server, teacher, course.id), sign);
  ok(await handIn(teacher, await scanOf(pages)));
  const [scanPage] = await pagesOf(teacher, course.id);
  const bareCourse = await openBareCourse(school, { title: 'Boş' });
  const bareLesson = ok(
    await teacher.post(`/api/courses/${bareCourse.id}/lessons`, {
      plannedStart: inDays(2),
      plannedEnd: inDays(2.02),
    }),
  );

  const attended = await createPermittedLesson(school);
  const rows: Attended[] = [
    ['Tuna Teacher', -2, 41],
    ['ada example', 1, 38],
    ['iPad (3)', 5, 9],
  ];
  ok(await sendReport(teacher, attended.id, zoomReport(attended.lesson.plannedStart, rows)));
  const lesson = await createPermittedLesson(school);
  const upload = async (name: string) => ok(await teacher.upload(lesson.id, shortLesson(), { name })).id as string;
  const releasedId = await upload('released.mp4');
  const inReviewId = await upload('in-review.mp4');
  const { segments } = await until(reviewer, releasedId, ({ state }) => state === 'in_review');
  for (const { id } of segments)
    ok(await reviewer.post(`/api/segments/${id}/decisions`, { kind: 'permitted', ground: 'checked' }));
  ok(await reviewer.post(`/api/recordings/${releasedId}/clear`));
  ok(await admin.post(`/api/recordings/${releasedId}/approve`));
  await until(admin, releasedId, ({ rendition }) => rendition?.state === 'ready', 90_000);
  const release = ok(
    await admin.post(`/api/recordings/${releasedId}/releases`, { audience: 'class', endsAt: inDays(9) }),
  );
  const link = ok(await teacher.post(`/api/releases/${release.id}/links`, { viewerName: 'Ege' }));
  await until(reviewer, inReviewId, ({ state }) => state === 'in_review');
  ok(
    await teacher.post(`/api/recordings/${inReviewId}/segments`, {
      startMs: 2_000,
      endMs: 4_000,
      title: 'A song',
    }),
  );
  const { read } = server.context.outside.database;
  const bare = await createSealedRecording(server.context.outside, lesson.id, teacher.id, {
    mediaBytes: 100,
    renditionBytes: null,
  });
  await read.finding.deleteMany({ where: { recordingId: bare.id } });
  await read.segment.deleteMany({ where: { recordingId: bare.id } });

  const { items: people } = ok(await teacher.get('/api/persons'));
  const personNamed = (name: string): string => people.find((one: { name: string }) => one.name === name).id;
  return {
    courseId: course.id as string,
    bareCourseId: bareCourse.id as string,
    lessonId: lesson.id,
    attendedLessonId: attended.id,
    bareLessonId: bareLesson.id as string,
    releasedId,
    inReviewId,
    bareRecordingId: bare.id,
    personId: personNamed('Ada Şıh'),
    barePersonId: personNamed('Yalnız Kimsesiz'),
    scanPageId: scanPage.id as string,
    token: link.token as string,
  };
}
export type Filled = Awaited<ReturnType<typeof fillSchool>>;
