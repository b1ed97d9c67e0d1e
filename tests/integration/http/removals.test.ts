import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answer } from '../../support/api.ts';
import { type Attended, sendReport, zoomReport } from '../../support/attendance-reports.ts';
import { makeMedia } from '../../support/media.ts';
import { createPermittedLesson, createSchool, inDays, ok, type School, until } from '../../support/school.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

const visitor = { name: 'Deniz Ziyaretçi', kind: 'guest', isMinor: false, contact: 'deniz@ziyaret.example' };
const second = 1 / 60;

let server: TestServer;
let school: School;
/** Thirty seconds. */
let halfMinute: Buffer;
/** Somebody whom the school knows from another lesson, and whom no permission covers. */
let personId: string;
beforeAll(async () => {
  server = await startTestServer();
  const folder = await mkdtemp(join(tmpdir(), 'emanet-test-'));
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25:d=30', '-f', 'lavfi', '-i', 'sine=d=30'];
  const coded = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
  await makeMedia(...picture, ...coded, join(folder, 'lesson.mp4'));
  halfMinute = await readFile(join(folder, 'lesson.mp4'));
  await rm(folder, { recursive: true });
  school = await createSchool(server);
  const other = await createPermittedLesson(school);
  ok(await school.teacher.post(`/api/lessons/${other.id}/participants`, visitor));
  const { read } = server.context.outside.database;
  personId = (await read.person.findFirstOrThrow({ where: { name: visitor.name } })).id;
});
afterAll(() => server?.stop());

interface Segment {
  readonly id: string;
  readonly source: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly title: string;
  readonly decision: object | null;
}
type Row = { id: string; name: string; isTicked: boolean; candidates: { id: string }[] };

const recordingOf = async (id: string) => ok(await school.admin.get(`/api/recordings/${id}`));
const partsOf = async (id: string): Promise<Segment[]> =>
  (await recordingOf(id)).segments.filter(({ source }: Segment) => source === 'attendance');
const rowsOf = async (lessonId: string): Promise<Row[]> =>
  ok(await school.teacher.get(`/api/lessons/${lessonId}/attendance`)).rows;
const lengthOf = ({ startMs, endMs }: Segment) => endMs - startMs;
/** A stay of the visitor, in seconds after the lesson began. */
const seen = (from: number, to: number): Attended => [visitor.name, from * second, to * second, visitor.contact];
const decide = (lessonId: string, ...rows: object[]): Promise<Answer> =>
  school.teacher.post(`/api/lessons/${lessonId}/attendance/decisions`, { rows });
const remove = (recordingId: string, more: object = {}): Promise<Answer> =>
  school.admin.post(`/api/recordings/${recordingId}/removals`, { personIds: [personId], why: 'a visitor', ...more });

/** A recording of thirty seconds that began four seconds before the lesson, and the rows of everybody else settled. */
async function recorded(...stays: readonly Attended[]) {
  const { id: lessonId, lesson } = await createPermittedLesson(school);
  const recordingId = ok(await school.teacher.upload(lessonId, halfMinute)).id as string;
  const checked = () =>
    until(school.reviewer, recordingId, ({ state, check }) => state === 'in_review' && check.state === 'done');
  await checked();
  const start = lesson.plannedStart as string;
  const rows: Attended[] = [['Tuna Teacher', 0, 40], ['Ada Example', 1, 39], ...stays];
  ok(await sendReport(school.teacher, lessonId, zoomReport(start, rows)));
  const sure = (await rowsOf(lessonId)).filter(({ isTicked }) => isTicked);
  ok(
    await decide(
      lessonId,
      ...sure.map(({ id, candidates: [one] }) => ({ rowId: id, kind: 'persons', personIds: [one!.id] })),
    ),
  );
  return { lessonId, start, recordingId, checked };
}

async function clear(recordingId: string): Promise<Answer> {
  for (const { id, source, decision } of (await recordingOf(recordingId)).segments as Segment[])
    if (decision === null)
      ok(
        await school.reviewer.post(
          `/api/segments/${id}/decisions`,
          source === 'attendance' ? { kind: 'cut' } : { kind: 'permitted', ground: 'own_work' },
        ),
      );
  return school.reviewer.post(`/api/recordings/${recordingId}/clear`);
}

test('whoever is shown at other times later goes from those too, and nobody watches until a reviewer has decided', async () => {
  const { lessonId, start, recordingId, checked } = await recorded(seen(10, 16));
  expect(ok(await remove(recordingId))).toEqual({ segments: 1 });
  await checked();
  ok(await clear(recordingId));
  await until(school.admin, recordingId, ({ rendition }) => rendition?.state === 'ready');
  ok(await school.admin.post(`/api/recordings/${recordingId}/approve`));
  ok(await school.admin.post(`/api/recordings/${recordingId}/releases`, { audience: 'class', endsAt: inDays(10) }));
  const [first] = await partsOf(recordingId);

  // A report that shows nothing new changes nothing.
  ok(await sendReport(school.teacher, lessonId, zoomReport(start, [seen(11, 15)])));
  expect((await recordingOf(recordingId)).state).toBe('released');

  // 14 to 16 s are gone already: what is left is 16 to 20 s, with the second after.
  ok(await sendReport(school.teacher, lessonId, zoomReport(start, [seen(14, 20)])));
  expect((await recordingOf(recordingId)).state).toBe('in_review');
  const [, later, ...others] = await partsOf(recordingId);
  expect(others).toEqual([]);
  expect(later).toMatchObject({ title: visitor.name, decision: null, startMs: first!.endMs });
  expect(lengthOf(later!)).toBe(4_000);
  expect(await school.reviewer.post(`/api/recordings/${recordingId}/clear`)).toMatchObject({
    body: { code: 'SEGMENTS_OPEN' },
  });
  expect((await school.admin.get(`/api/recordings/${recordingId}/rendition/outline`)).status).not.toBe(200);
  expect(
    await school.reviewer.post(`/api/segments/${later!.id}/decisions`, { kind: 'permitted', ground: 'checked' }),
  ).toMatchObject({ body: { reasons: [{ code: 'REMOVAL_KEPT' }] } });
  ok(await clear(recordingId));

  // A word on a row says so as well as a report.
  const nobody: Attended = ['Kapı Önündeki', 22 * second, 23 * second];
  ok(await sendReport(school.teacher, lessonId, zoomReport(start, [nobody])));
  expect((await recordingOf(recordingId)).state).toBe('cleared');
  const row = (await rowsOf(lessonId)).find(({ name }) => name === nobody[0])!;
  ok(await decide(lessonId, { rowId: row.id, kind: 'persons', personIds: [personId] }));
  expect((await recordingOf(recordingId)).state).toBe('in_review');
  expect((await partsOf(recordingId)).map(lengthOf)).toEqual([8_000, 4_000, 3_000]);
  // What was proposed stays when the word is taken back: the decisions of the reviewer are not to be lost.
  ok(await school.teacher.post(`/api/lessons/${lessonId}/attendance/undo`, { rowIds: [row.id] }));
  expect(await partsOf(recordingId)).toHaveLength(3);
});
