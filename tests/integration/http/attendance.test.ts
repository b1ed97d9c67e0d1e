import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from '../../support/api.ts';
import { type Attended, sendReport, zoomReport } from '../../support/attendance-reports.ts';
import { makeMedia, shortLesson } from '../../support/media.ts';
import { createPermittedLesson, createSchool, inDays, ok, type School, until } from '../../support/school.ts';
import { arrivals, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let school: School;
/** Thirty seconds. */
let halfMinute: Buffer;
beforeAll(async () => {
  server = await startTestServer();
  const folder = await mkdtemp(join(tmpdir(), 'emanet-test-'));
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25:d=30', '-f', 'lavfi', '-i', 'sine=d=30'];
  const coded = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
  await makeMedia(...picture, ...coded, join(folder, 'lesson.mp4'));
  halfMinute = await readFile(join(folder, 'lesson.mp4'));
  await rm(folder, { recursive: true });
  school = await createSchool(server);
});
afterAll(() => server?.stop());

type Row = { id: string; name: string; state: string; isTicked: boolean; candidates: { id: string; name: string }[] };
const attendanceOf = async (lessonId: string) => ok(await school.teacher.get(`/api/lessons/${lessonId}/attendance`));
const codes = (answer: { missing: { code: string }[] }) => answer.missing.map(({ code }) => code).sort();
const decide = (lessonId: string, ...rows: object[]): Promise<Answer> =>
  school.teacher.post(`/api/lessons/${lessonId}/attendance/decisions`, { rows });
const rowNamed = (answer: { rows: Row[] }, name: string): Row => answer.rows.find((row) => row.name === name)!;
const stateOf = async (id: string) => ok(await school.admin.get(`/api/recordings/${id}`)).state;
const both: Attended[] = [
  ['Tuna Teacher', 0, 40],
  ['ADA EXAMPLE', 1, 39],
];

/** A lesson with a recording that waits for its reviewer. */
async function recorded() {
  const { id, lesson } = await createPermittedLesson(school);
  const recording = ok(await school.teacher.upload(id, shortLesson()));
  await until(school.reviewer, recording.id, ({ state }) => state === 'in_review');
  return { lessonId: id, start: lesson.plannedStart as string, recordingId: recording.id as string };
}
async function clear(recordingId: string, except?: string): Promise<Answer> {
  for (const segment of ok(await school.reviewer.get(`/api/recordings/${recordingId}`)).segments)
    if (segment.decision === null && segment.id !== except)
      ok(
        await school.reviewer.post(`/api/segments/${segment.id}/decisions`, { kind: 'permitted', ground: 'own_work' }),
      );
  return school.reviewer.post(`/api/recordings/${recordingId}/clear`);
}

describe('a school that asks for reports before it shows a recording', () => {
  beforeAll(async () => {
    ok(await school.admin.patch('/api/school', { attendance: 'release' }));
  });
  afterAll(async () => {
    ok(await school.admin.patch('/api/school', { attendance: 'never' }));
  });

  test('takes it in without one, and clears it when everybody is settled', async () => {
    const { lessonId, start, recordingId } = await recorded();
    expect(await clear(recordingId)).toMatchObject({
      status: 403,
      body: { code: 'PERMISSION_MISSING', reasons: [{ code: 'ATTENDANCE_MISSING' }] },
    });
    const taken = ok(await sendReport(school.teacher, lessonId, zoomReport(start, [...both, ['iPad (3)', 5, 9]])));
    expect(taken).toMatchObject({ outcome: 'report', rows: 3, quarantined: [] });
    const found = await attendanceOf(lessonId);
    expect(codes(found)).toEqual(['ATTENDEE_UNKNOWN', 'ATTENDEE_UNKNOWN', 'DEVICE_UNRESOLVED']);
    expect(rowNamed(found, 'ADA EXAMPLE')).toMatchObject({
      state: 'proposed',
      isTicked: true,
      candidates: [{ name: 'Ada Example', isInCourse: true }],
    });
    // The unknown blocks; a machine's proposal alone opens nothing.
    expect((await clear(recordingId)).body.reasons).toHaveLength(3);
    const sure = found.rows
      .filter((row: Row) => row.isTicked)
      .map((row: Row) => ({ rowId: row.id, kind: 'persons', personIds: [row.candidates[0]!.id] }));
    expect(codes(ok(await decide(lessonId, ...sure)))).toEqual(['DEVICE_UNRESOLVED']);
    const device = rowNamed(found, 'iPad (3)');
    const settled = ok(
      await decide(lessonId, { rowId: device.id, kind: 'not_a_person', why: 'the board of the class' }),
    );
    expect(codes(settled)).toEqual([]);
    expect(settled.present.map(({ name }: { name: string }) => name)).toEqual(['Tuna Teacher', 'Ada Example']);
    // The word on a row can be taken back, and then blocks again.
    const undone = ok(await school.teacher.post(`/api/lessons/${lessonId}/attendance/undo`, { rowIds: [device.id] }));
    expect(codes(undone)).toEqual(['DEVICE_UNRESOLVED']);
    expect((await decide(lessonId, { rowId: device.id, kind: 'not_a_person' })).body.reasons[0].code).toBe(
      'ATTENDEE_WHY_MISSING',
    );
    ok(await decide(lessonId, { rowId: device.id, kind: 'not_a_person', why: 'the board' }));
    ok(await clear(recordingId));
    const logged = await arrivals(server, 'attendance.');
    expect(logged.map(({ action }) => action)).toEqual([
      'attendance.report_taken',
      ...Array(3).fill('attendance.row_decided'),
      'attendance.decision_undone',
      'attendance.row_decided',
    ]);
  });

  test('the same file counts once, and a removed one no longer', async () => {
    const { id, lesson } = await createPermittedLesson(school);
    const report = zoomReport(lesson.plannedStart, both);
    const taken = ok(await sendReport(school.teacher, id, report));
    expect(await sendReport(school.teacher, id, report)).toMatchObject({
      status: 409,
      body: { code: 'ALREADY_EXISTS', reasons: [{ code: 'ATTENDANCE_REPORT_KNOWN' }] },
    });
    const place = `/api/lessons/${id}/attendance/reports/${taken.id}/removal`;
    ok(await school.teacher.post(place, { why: 'of another lesson' }));
    expect(codes(await attendanceOf(id))).toEqual(['ATTENDANCE_MISSING']);
    expect((await school.teacher.post(place, { why: 'again' })).status).toBe(404);
  });

  test('what a report leaves open is asked and nothing is kept', async () => {
    const { id, lesson } = await createPermittedLesson(school);
    const table = 'Wer,Seit\nAda Example,10:00\n';
    const asked = ok(await sendReport(school.teacher, id, table));
    expect(asked).toMatchObject({ outcome: 'mapping', id: null, table: { headings: ['Wer', 'Seit'] } });
    expect((await attendanceOf(id)).reports).toEqual([]);
    const mapping = JSON.stringify({ Wer: 'name', Seit: null });
    expect(ok(await sendReport(school.teacher, id, table, { mapping }))).toMatchObject({ outcome: 'report', rows: 1 });
    // The school keeps what the columns mean.
    const other = await createPermittedLesson(school);
    const next = await sendReport(school.teacher, other.id, table.replace('Ada Example', 'Tuna Teacher'));
    expect(ok(next)).toMatchObject({ outcome: 'report' });
    expect((await sendReport(school.teacher, id, table, { mapping: '{' })).status).toBe(400);
    expect((await sendReport(school.teacher, id, '<!doctype html><p>')).body.code).toBe('ATTENDANCE_UNREADABLE');
    expect(lesson.title).toBe('9-B Physics');
  });
});

test('a report that comes later and shows a stranger to the course closes what is shown, until their part is gone', async () => {
  const { lessonId, start, recordingId } = await recorded();
  const guest = { name: 'Kaan Yabancı', kind: 'guest', isMinor: false, contact: 'kaan@yabanci.example' };
  // Known to the school from another lesson.
  const other = await createPermittedLesson(school);
  ok(await school.teacher.post(`/api/lessons/${other.id}/participants`, guest));
  ok(await clear(recordingId));
  await until(school.admin, recordingId, ({ rendition }) => rendition?.state === 'ready');
  ok(await school.admin.post(`/api/recordings/${recordingId}/approve`));
  ok(await school.admin.post(`/api/recordings/${recordingId}/releases`, { audience: 'class', endsAt: inDays(10) }));

  const report = zoomReport(start, [...both, ['Kaan Yabancı', -1, 2, 'kaan@yabanci.example']]);
  const taken = ok(await sendReport(school.teacher, lessonId, report));
  expect(taken).toMatchObject({ outcome: 'report', quarantined: [recordingId] });
  expect(await stateOf(recordingId)).toBe('quarantined');
  const found = await attendanceOf(lessonId);
  expect(codes(found)).toContain('ATTENDEE_NOT_IN_COURSE');
  // A wish to open it again is refused with the name and the minutes: 2:04, as the recording began before the announcement.
  expect(await school.admin.post(`/api/recordings/${recordingId}/lift-quarantine`)).toMatchObject({
    status: 403,
    body: { reasons: [{ code: 'ATTENDEE_NOT_IN_COURSE', params: { name: 'Kaan Yabancı', minutes: 3 } }] },
  });
  // Nor does the teacher make the gate forget it.
  const forget = `/api/lessons/${lessonId}/attendance/reports/${taken.id}/removal`;
  expect(await school.teacher.post(forget, { why: 'a mistake' })).toMatchObject({
    status: 403,
    body: { code: 'NOT_ALLOWED', reasons: [{ code: 'ATTENDEE_NOT_IN_COURSE' }] },
  });
  const stranger = rowNamed(found, 'Kaan Yabancı');
  expect(stranger.state).toBe('identified');
  const sure = found.rows
    .filter((row: Row) => row.isTicked)
    .map((row: Row) => ({ rowId: row.id, kind: 'persons', personIds: [row.candidates[0]!.id] }));
  ok(await decide(lessonId, ...sure));

  const removal = { personIds: [stranger.candidates[0]!.id], why: 'a visitor without permission' };
  expect((await school.teacher.post(`/api/recordings/${recordingId}/removals`, removal)).status).toBe(403);
  expect(ok(await school.admin.post(`/api/recordings/${recordingId}/removals`, removal))).toEqual({ segments: 1 });
  const review = await until(school.reviewer, recordingId, ({ state }) => state === 'in_review');
  const part = review.segments.find(({ source }: { source: string }) => source === 'attendance');
  expect(part).toMatchObject({ startMs: 0, title: 'Kaan Yabancı', decision: null });
  const place = `/api/segments/${part.id}/decisions`;
  expect(await school.reviewer.post(place, { kind: 'permitted', ground: 'checked' })).toMatchObject({
    status: 400,
    body: { reasons: [{ code: 'REMOVAL_KEPT', params: { name: 'Kaan Yabancı' } }] },
  });
  const later = { kind: 'cut', startMs: part.startMs + 500, endMs: part.endMs };
  expect((await school.reviewer.post(place, later)).body.reasons[0].code).toBe('REMOVAL_KEPT');
  // The whole of a ten-second recording lies within those minutes: to cut it all away is to refuse it.
  ok(await school.reviewer.post(place, { kind: 'refuse' }));
  expect(await stateOf(recordingId)).toBe('rejected');
  expect((await arrivals(server, 'recording.person_removal_begun')).length).toBe(1);
});

test('a recording is shown without the part in which somebody without permission was there', async () => {
  const { id: lessonId, lesson } = await createPermittedLesson(school);
  const recording = ok(await school.teacher.upload(lessonId, halfMinute));
  await until(school.reviewer, recording.id, ({ state, check }) => state === 'in_review' && check.state === 'done');
  // The recording began four seconds before its announcement, which was at the planned beginning.
  const report = zoomReport(lesson.plannedStart, [...both, ['Deniz Ziyaretçi', 10 / 60, 16 / 60]]);
  ok(await sendReport(school.teacher, lessonId, report));
  const found = await attendanceOf(lessonId);
  const visitor = { name: 'Deniz Ziyaretçi', kind: 'guest', isMinor: false, contact: 'deniz@ziyaret.example' };
  const other = await createPermittedLesson(school);
  ok(await school.teacher.post(`/api/lessons/${other.id}/participants`, visitor));
  const person = await server.context.outside.database.read.person.findFirstOrThrow({ where: { name: visitor.name } });
  const row = rowNamed(found, visitor.name);
  ok(
    await decide(
      lessonId,
      ...found.rows
        .filter(({ isTicked }: Row) => isTicked)
        .map((one: Row) => ({ rowId: one.id, kind: 'persons', personIds: [one.candidates[0]!.id] })),
      { rowId: row.id, kind: 'persons', personIds: [person.id] },
    ),
  );
  expect(await stateOf(recording.id)).toBe('quarantined');
  const removal = { personIds: [person.id], why: 'a visitor without permission' };
  expect(ok(await school.admin.post(`/api/recordings/${recording.id}/removals`, removal))).toEqual({ segments: 1 });
  // Asked twice, it adds nothing.
  expect(ok(await school.admin.post(`/api/recordings/${recording.id}/removals`, removal))).toEqual({ segments: 0 });
  const review = await until(
    school.reviewer,
    recording.id,
    ({ state, check }) => state === 'in_review' && check.state === 'done',
  );
  const part = review.segments.find(({ source }: { source: string }) => source === 'attendance');
  // Ten to sixteen seconds after that, with a second before and after; the report's clock drops parts of a second.
  expect(part.startMs).toBeGreaterThan(11_900);
  expect(part.startMs).toBeLessThanOrEqual(13_000);
  expect(part.endMs - part.startMs).toBe(8_000);
  expect((await clear(recording.id, part.id)).body.code).toBe('SEGMENTS_OPEN');
  ok(await school.reviewer.post(`/api/segments/${part.id}/decisions`, { kind: 'cut' }));
  ok(await clear(recording.id));
  await until(school.admin, recording.id, ({ rendition }) => rendition?.state === 'ready');
  ok(await school.admin.post(`/api/recordings/${recording.id}/approve`));
  ok(await school.admin.post(`/api/recordings/${recording.id}/releases`, { audience: 'class', endsAt: inDays(10) }));
  const outline = ok(await school.admin.get(`/api/recordings/${recording.id}/rendition/outline`));
  // Eight of thirty seconds are gone; two say so in their place.
  expect(Math.abs(outline.durationMs - 24_000)).toBeLessThan(100);
});

test('whoever sits in a seat that is not recorded must not be in the meeting while it is recorded', async () => {
  const { lessonId, start, recordingId } = await recorded();
  const lesson = ok(await school.teacher.get(`/api/lessons/${lessonId}`));
  const ada = lesson.participants.find(({ name }: { name: string }) => name === 'Ada Example');
  const found = ok(await sendReport(school.teacher, lessonId, zoomReport(start, both)));
  expect(found.quarantined).toEqual([]);
  const rows = (await attendanceOf(lessonId)).rows as Row[];
  ok(
    await decide(
      lessonId,
      ...rows.map((row) => ({ rowId: row.id, kind: 'persons', personIds: [row.candidates[0]!.id] })),
    ),
  );
  expect(await stateOf(recordingId)).toBe('in_review');
  ok(await school.teacher.put(`/api/lessons/${lessonId}/seats/${ada.id}`, { unrecorded: true }));
  expect(await stateOf(recordingId)).toBe('quarantined');
  expect((await attendanceOf(lessonId)).missing).toMatchObject([
    { code: 'ATTENDEE_NOT_COVERED', params: { name: 'Ada Example', minutes: 38 } },
  ]);
});

test('a settled name is proposed next time, and an undone one no longer', async () => {
  const report = (start: string) => zoomReport(start, [...both, ['Adacık', 0, 40]]);
  const first = await createPermittedLesson(school);
  ok(await sendReport(school.teacher, first.id, report(first.lesson.plannedStart)));
  const found = await attendanceOf(first.id);
  const row = rowNamed(found, 'Adacık');
  expect(row.state).toBe('unknown');
  const ada = found.people.find(({ name }: { name: string }) => name === 'Ada Example');
  ok(await decide(first.id, { rowId: row.id, kind: 'persons', personIds: [ada.id] }));
  const second = await createPermittedLesson(school);
  const again = async () => {
    const taken = ok(await sendReport(school.teacher, second.id, report(second.lesson.plannedStart)));
    const shown = rowNamed(await attendanceOf(second.id), 'Adacık');
    const place = `/api/lessons/${second.id}/attendance/reports/${taken.id}/removal`;
    ok(await school.teacher.post(place, { why: 'once more' }));
    return shown;
  };
  const proposed = await again();
  expect([proposed.state, proposed.isTicked, proposed.candidates[0]?.id]).toEqual(['proposed', false, ada.id]);
  ok(await school.teacher.post(`/api/lessons/${first.id}/attendance/undo`, { rowIds: [row.id] }));
  expect((await again()).candidates.map(({ id }) => id)).not.toContain(ada.id);
});

describe('somebody else', () => {
  test('another teacher, a guardian and a stranger reach no attendance', async () => {
    const { id, lesson } = await createPermittedLesson(school);
    ok(await sendReport(school.teacher, id, zoomReport(lesson.plannedStart, both)));
    const rows = (await attendanceOf(id)).rows as Row[];
    const body = { rows: [{ rowId: rows[0]!.id, kind: 'not_a_person', why: 'no one' }] };
    for (const [by, status] of [
      [school.otherTeacher, 404],
      [school.auditor, 403],
      [school.nobody, 401],
    ] as const) {
      expect((await by.get(`/api/lessons/${id}/attendance`)).status).toBe(status);
      expect((await by.post(`/api/lessons/${id}/attendance/decisions`, body)).status).toBe(status);
      expect((await sendReport(by, id, zoomReport(lesson.plannedStart, both))).status).toBe(status);
    }
    // A row of another lesson is none of this one.
    const other = await createPermittedLesson(school, school.otherTeacher);
    expect(await school.otherTeacher.post(`/api/lessons/${other.id}/attendance/decisions`, body)).toMatchObject({
      status: 409,
      body: { reasons: [{ code: 'ATTENDANCE_ROWS_CHANGED' }] },
    });
    const many = Array.from({ length: 501 }, () => ({ ...body.rows[0] }));
    expect((await decide(id, ...many)).status).toBe(400);
    const stranger = { rowId: rows[0]!.id, kind: 'persons', personIds: ['00000000-0000-4000-8000-000000000000'] };
    expect((await decide(id, stranger)).body.reasons[0].code).toBe('ATTENDEE_PERSONS_WRONG');
  });

  test('addresses and telephone numbers of a report are not in the database', async () => {
    const { id, lesson } = await createPermittedLesson(school);
    const report = zoomReport(lesson.plannedStart, [
      ['Tuna Teacher', 0, 40, 'tuna.secret@okul.example'],
      ['+905321234567', 0, 40],
    ]);
    ok(await sendReport(school.teacher, id, report));
    const { rows } = await attendanceOf(id);
    expect(rows.map(({ name, email }: { name: string; email: string }) => [name, email])).toEqual([
      ['Tuna Teacher', 't…@okul.example'],
      ['…67', null],
    ]);
    const kept = await server.context.outside.database.read.attendanceRow.findMany({
      where: { report: { lessonId: id } },
    });
    expect(JSON.stringify(kept)).not.toMatch(/tuna\.secret|532123/);
  });
});
