import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Api } from '../../support/api.ts';
import { sendReport, zoomReport } from '../../support/attendance-reports.ts';
import { handIn, paged, printed, scanOf, sign } from '../../support/paper.ts';
import { inked, pdfOf } from '../../support/pdf.ts';
import { createPermittedLesson, createSchool, ok, type School } from '../../support/school.ts';
import { createSealedRecording } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { openCourse, takeInClass } from '../../support/signing.ts';

let server: TestServer;
let school: School;
beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
});
afterAll(() => server?.stop());

const waiting = async (by: Api): Promise<Record<string, number>> =>
  Object.fromEntries(
    ok(await by.get('/api/home')).items.map(({ kind, count }: { kind: string; count: number }) => [kind, count]),
  );

describe('what waits', () => {
  test('in a new school is nothing', async () => {
    for (const by of [school.teacher, school.reviewer, school.admin, school.auditor])
      expect(await waiting(by)).toEqual({});
  });

  test('of a course is for its teacher and for administrators: questions, pages, sheets', async () => {
    const classId = await takeInClass(school, '9/A', [
      { pupil: 'Ada Bekler', guardians: [['Gül Bekler', '', '0532 000 12 34']] },
      { pupil: 'Can Bekler', guardians: [['Nur Bekler', '', '0532 000 12 35']] },
    ]);
    const { id } = await openCourse(school, classId);
    ok(await school.teacher.post(`/api/courses/${id}/requests`));
    expect(await waiting(school.teacher)).toEqual({ unanswered: 2 });
    expect(await waiting(school.admin)).toEqual({ unanswered: 2 });
    expect(await waiting(school.otherTeacher)).toEqual({});
    expect(await waiting(school.reviewer)).toEqual({});
    expect(await waiting(school.auditor)).toEqual({});

    const pdf = await printed(server, school.teacher, id);
    const pages = await paged(server, pdf, sign);
    ok(await handIn(school.teacher, await scanOf(pages)));
    ok(await handIn(school.teacher, await pdfOf([inked(1)])));
    const { items } = ok(await school.teacher.get(`/api/scan-pages?courseId=${id}`));
    expect(await waiting(school.teacher)).toEqual({ unanswered: 2, scan_to_read: items.length, scan_to_assign: 1 });
    expect(await waiting(school.admin)).toEqual({ unanswered: 2, scan_to_read: items.length, scan_to_assign: 1 });
    expect(await waiting(school.otherTeacher)).toEqual({});

    // Whoever read a sheet does not confirm it: it waits for somebody else.
    const { database } = server.context.outside;
    await database.read.scanPage.update({
      where: { id: items[0].id },
      data: { state: 'read', readById: school.teacher.id, readAt: new Date(), reading: {} },
    });
    expect(await waiting(school.teacher)).not.toHaveProperty('scan_to_confirm');
    expect(await waiting(school.admin)).toMatchObject({ scan_to_confirm: 1, scan_to_read: items.length - 1 });
  });

  test('of recordings is for whoever has to act', async () => {
    const { id: lessonId } = await createPermittedLesson(school);
    const { outside } = server.context;
    for (const state of ['in_review', 'in_review', 'cleared', 'quarantined'] as const) {
      const { id } = await createSealedRecording(outside, lessonId, school.teacher.id, { mediaBytes: 1_000 });
      await outside.database.read.recording.update({ where: { id }, data: { state } });
    }
    expect(await waiting(school.reviewer)).toEqual({ to_review: 2 });
    expect(await waiting(school.admin)).toMatchObject({ to_approve: 1, quarantined: 1 });
    expect(await waiting(school.admin)).not.toHaveProperty('to_review');
    expect(await waiting(school.teacher)).toMatchObject({ quarantined: 1 });
    expect(await waiting(school.otherTeacher)).toEqual({});
  });

  test('of attendance is the teacher’s, where the school asks for it or a name is open', async () => {
    expect(await waiting(school.teacher)).not.toHaveProperty('attendance');
    ok(await school.admin.patch('/api/school', { attendance: 'release' }));
    expect(await waiting(school.teacher)).toMatchObject({ attendance: 1 });
    expect(await waiting(school.admin)).toMatchObject({ attendance: 1 });
    expect(await waiting(school.otherTeacher)).toEqual({});
    ok(await school.admin.patch('/api/school', { attendance: 'never' }));
    expect(await waiting(school.teacher)).not.toHaveProperty('attendance');
    const { id: lessonId, lesson } = await createPermittedLesson(school);
    await createSealedRecording(server.context.outside, lessonId, school.teacher.id, { mediaBytes: 1_000 });
    ok(await sendReport(school.teacher, lessonId, zoomReport(lesson.plannedStart, [['iPad (3)', 0, 40]])));
    expect(await waiting(school.teacher)).toMatchObject({ attendance: 1 });
    const { rows } = ok(await school.teacher.get(`/api/lessons/${lessonId}/attendance`));
    const settled = { rows: [{ rowId: rows[0].id, kind: 'not_a_person', why: 'the board' }] };
    ok(await school.teacher.post(`/api/lessons/${lessonId}/attendance/decisions`, settled));
    expect(await waiting(school.teacher)).not.toHaveProperty('attendance');
  });

  test('of jobs are those that have used up their tries, for administrators alone', async () => {
    const { read } = server.context.outside.database;
    await read.$executeRaw`SELECT graphile_worker.add_job('home-test', '{}'::json, max_attempts => 1,
      flags => ARRAY['school ' || current_school()])`;
    expect(await waiting(school.admin)).not.toHaveProperty('failed_job');
    await read.$executeRaw`
      UPDATE graphile_worker._private_jobs SET attempts = max_attempts
       WHERE task_id = (SELECT id FROM graphile_worker._private_tasks WHERE identifier = 'home-test')`;
    expect(await waiting(school.admin)).toMatchObject({ failed_job: 1 });
    expect(await waiting(school.teacher)).not.toHaveProperty('failed_job');
  });

  test('says since when the oldest of them waits, and tells a stranger nothing', async () => {
    const { read } = server.context.outside.database;
    const oldest = new Date('2026-01-05T08:00:00.000Z');
    const { id } = await read.request.findFirstOrThrow();
    await read.request.update({ where: { id }, data: { askedAt: oldest } });
    const { items } = ok(await school.teacher.get('/api/home'));
    const unanswered = items.find(({ kind }: { kind: string }) => kind === 'unanswered');
    expect(unanswered.since).toBe(oldest.toISOString());
    expect((await school.nobody.get('/api/home')).status).toBe(401);
  });
});
