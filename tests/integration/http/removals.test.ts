import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer, Api } from '../../support/api.ts';
import { type Attended, sendReport, zoomReport } from '../../support/attendance-reports.ts';
import { madeMusic, mixed, toInt16 } from '../../support/made-sound.ts';
import { makeMedia } from '../../support/media.ts';
import { createPermittedLesson, createSchool, inDays, ok, type School, until } from '../../support/school.ts';
import { arrivals, startTestServer, type TestServer } from '../../support/server.ts';

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
  await settleSure(lessonId);
  return { lessonId, start, recordingId, checked };
}

async function settleSure(lessonId: string): Promise<void> {
  const sure = (await rowsOf(lessonId)).filter(({ isTicked }) => isTicked);
  ok(
    await decide(
      lessonId,
      ...sure.map(({ id, candidates: [one] }) => ({ rowId: id, kind: 'persons', personIds: [one!.id] })),
    ),
  );
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
  // A recording that comes out of quarantine is checked once more, and the check may begin only now.
  for (;;) {
    const answer = await school.reviewer.post(`/api/recordings/${recordingId}/clear`);
    if (answer.body?.reasons?.[0]?.code !== 'CHECK_NOT_DONE') return answer;
    await until(school.reviewer, recordingId, ({ check }) => check.state === 'done');
  }
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

test('how they go and when the recording began are kept for what comes later', async () => {
  const { lessonId, start, recordingId } = await recorded(seen(10, 12));
  // Eight seconds before the lesson: four more than the announcement says.
  const recordedFrom = new Date(Date.parse(start) - 8_000).toISOString();
  expect(ok(await remove(recordingId, { how: 'mute_and_cover', recordedFrom }))).toEqual({ segments: 2 });
  const kinds = async () =>
    (
      await server.context.outside.database.read.finding.findMany({
        where: { recordingId, source: 'attendance' },
        orderBy: [{ startMs: 'asc' }, { key: 'asc' }],
      })
    ).map(({ evidence, startMs, endMs }) => [(evidence as { removal: string }).removal, endMs - startMs]);
  expect(await kinds()).toEqual([
    ['cover', 4_000],
    ['mute', 4_000],
  ]);
  const [first] = await partsOf(recordingId);
  // The report drops parts of a second.
  expect(first!.startMs).toBeGreaterThan(16_000);
  expect(first!.startMs).toBeLessThanOrEqual(17_000);
  // Asked again with less said, nothing is new.
  expect(ok(await remove(recordingId))).toEqual({ segments: 0 });

  ok(await sendReport(school.teacher, lessonId, zoomReport(start, [seen(17, 18)])));
  expect((await kinds()).slice(2)).toEqual([
    ['cover', 3_000],
    ['mute', 3_000],
  ]);
  const later = (await partsOf(recordingId)).at(-1)!;
  expect(later.startMs - first!.startMs).toBe(7_000);
  expect((await arrivals(server, 'recording.person_removal_extended')).at(-1)).toMatchObject({
    details: { segments: 2, from: recordedFrom },
  });

  // To cut takes what was to be muted and covered; the other way round nothing is left to do.
  expect(ok(await remove(recordingId, { how: 'cut' }))).toEqual({ segments: 2 });
  expect(ok(await remove(recordingId, { how: 'mute_and_cover' }))).toEqual({ segments: 0 });
});

test('nobody but an administrator says how somebody goes', async () => {
  const { lessonId, start, recordingId } = await recorded(seen(10, 12));
  const body = { personIds: [personId], why: 'mine', how: 'cut' };
  for (const [by, status] of [
    [school.teacher, 403],
    [school.otherTeacher, 403],
    [school.reviewer, 403],
    [school.auditor, 403],
    [school.nobody, 401],
  ] as const)
    expect((await by.post(`/api/recordings/${recordingId}/removals`, body)).status).toBe(status);
  expect((await remove(recordingId, { how: 'blur' })).status).toBe(400);
  expect(await partsOf(recordingId)).toEqual([]);
  // Nor does anybody but the teacher of the lesson send a recording back by a report.
  ok(await remove(recordingId));
  const sent = await sendReport(school.otherTeacher, lessonId, zoomReport(start, [seen(20, 25)]));
  expect(sent.status).toBe(404);
  expect(await partsOf(recordingId)).toHaveLength(1);
});

test('what comes up as a review is to end is there for the reviewer, and keeps it from ending', async () => {
  const { lessonId, start, recordingId, checked } = await recorded(seen(10, 12));
  ok(await remove(recordingId));
  await checked();
  const settle: Attended = ['Deniz', 20 * second, 21 * second, 'deniz@yeni.example'];
  ok(await sendReport(school.teacher, lessonId, zoomReport(start, [settle])));
  expect(await partsOf(recordingId)).toHaveLength(1);
  // The school learns whose address it is; no report changes with that.
  ok(await school.admin.patch(`/api/persons/${personId}`, { addContact: 'deniz@yeni.example' }));
  expect(await clear(recordingId)).toMatchObject({ body: { code: 'SEGMENTS_OPEN' } });
  expect(await partsOf(recordingId)).toHaveLength(2);
  ok(await clear(recordingId));
});

describe('when the recording began, or how long it is, becomes known later', () => {
  const announce = (lessonId: string, at: number, second: number): Promise<Answer> =>
    school.teacher.put(`/api/lessons/${lessonId}/announcement`, {
      at: new Date(at).toISOString(),
      ...{ by: 'Tuna Teacher', how: 'spoken', second },
    });

  test('an announcement that tells of an earlier beginning moves what has to go', async () => {
    const { lessonId, start, recordingId, checked } = await recorded(seen(4, 6));
    ok(await announce(lessonId, Date.parse(start), 4));
    ok(await remove(recordingId));
    await checked();
    ok(await clear(recordingId));
    const [first] = await partsOf(recordingId);
    expect(await announce(lessonId, Date.parse(start), 4)).toMatchObject({ status: 200 });
    expect((await recordingOf(recordingId)).state).toBe('cleared');
    ok(await announce(lessonId, Date.parse(start), 6));
    expect((await recordingOf(recordingId)).state).toBe('in_review');
    expect(await partsOf(recordingId)).toMatchObject([
      { startMs: first!.startMs },
      { startMs: first!.endMs, endMs: first!.endMs + 2_000, decision: null },
    ]);
  });

  test('and shows who was there before the beginning that was known', async () => {
    const { start, lessonId, recordingId } = await recorded(seen(-9, -6));
    expect((await recordingOf(recordingId)).state).toBe('in_review');
    ok(await announce(lessonId, Date.parse(start), 8));
    expect((await recordingOf(recordingId)).state).toBe('quarantined');
    expect(await school.admin.post(`/api/recordings/${recordingId}/lift-quarantine`)).toMatchObject({
      body: { reasons: [{ code: 'ATTENDEE_NOT_IN_COURSE', params: { name: visitor.name } }] },
    });
    // Somebody else does not move it.
    const body = { at: start, by: 'x', how: 'x', second: 0 };
    const place = `/api/lessons/${lessonId}/announcement`;
    expect((await school.otherTeacher.put(place, body)).status).toBe(404);
    expect((await school.nobody.put(place, body)).status).toBe(401);
  });

  test('a recording that runs past the planned end shows who was there then', async () => {
    const { id: lessonId, lesson } = await createPermittedLesson(school);
    const end = Date.parse(lesson.plannedEnd);
    const minutes = (end - Date.parse(lesson.plannedStart)) / 60_000;
    // It began ten seconds before the planned end, and lasts thirty.
    ok(await announce(lessonId, end - 10_000, 0));
    const late: Attended = [visitor.name, minutes + 4 * second, minutes + 8 * second, visitor.contact];
    const rows: Attended[] = [['Tuna Teacher', 0, 41], ['Ada Example', 1, 41], late];
    ok(await sendReport(school.teacher, lessonId, zoomReport(lesson.plannedStart, rows)));
    await settleSure(lessonId);
    const recordingId = ok(await school.teacher.upload(lessonId, halfMinute)).id as string;
    await until(school.admin, recordingId, ({ state }) => state === 'quarantined');
  });
});

describe('a sound file with the voice of one attendee', () => {
  /** An M4A of `seconds` in which something is heard for two seconds from each of these places on. */
  async function voiceOf(seconds: number, ...places: readonly number[]): Promise<Buffer> {
    const folder = await mkdtemp(join(tmpdir(), 'emanet-test-'));
    try {
      const sound = places.reduce<Float32Array>(
        (bed, at) => mixed(bed, madeMusic(at, 2), at),
        new Float32Array(8_000 * seconds),
      );
      await writeFile(join(folder, 'voice.raw'), new Uint8Array(toInt16(sound).buffer));
      const raw = ['-f', 's16le', '-ar', '8000', '-ac', '1', '-i', join(folder, 'voice.raw')];
      await makeMedia(...raw, '-c:a', 'aac', join(folder, 'voice.m4a'));
      return await readFile(join(folder, 'voice.m4a'));
    } finally {
      await rm(folder, { recursive: true });
    }
  }
  const hand = (
    by: Api,
    recordingId: string,
    bytes: Buffer,
    fields: Readonly<Record<string, string>>,
    name = 'voice.m4a',
  ): Promise<Answer> => {
    const form = new FormData();
    for (const [key, value] of Object.entries(fields)) form.set(key, value);
    form.set('file', new Blob([Uint8Array.from(bytes)]), name);
    return by.post(`/api/recordings/${recordingId}/voices`, form);
  };
  const partsByKind = async (recordingId: string) =>
    (
      await server.context.outside.database.read.finding.findMany({
        where: { recordingId, source: 'attendance' },
        orderBy: { startMs: 'asc' },
      })
    ).map(({ evidence, startMs, endMs }) => ({ kind: (evidence as { removal: string }).removal, startMs, endMs }));
  const documents = async () => {
    const kept: string[] = [];
    for await (const { key } of server.context.outside.objects.list('documents/')) kept.push(key);
    return kept.sort();
  };
  const visitorsRow = async (lessonId: string) =>
    (await rowsOf(lessonId)).find(({ name }) => name === visitor.name)!.id;

  test('mutes just what they said, and is kept nowhere', async () => {
    const { lessonId, recordingId } = await recorded(seen(10, 16));
    const rowId = await visitorsRow(lessonId);
    const before = await documents();
    const voice = await voiceOf(30, 16);
    const heard = ok(await hand(school.teacher, recordingId, voice, { rowId }, 'audioDenizZiyaretci11.m4a'));
    expect(heard.stretches).toBe(1);
    expect(Math.abs(heard.heardMs - 2_000)).toBeLessThan(200);
    expect(await documents()).toEqual(before);
    expect((await arrivals(server, 'attendance.voice_taken')).at(-1)).toMatchObject({
      details: { atMs: 0, stretches: 1 },
    });
    expect(ok(await remove(recordingId))).toEqual({ segments: 2 });
    const [cover, mute] = await partsByKind(recordingId);
    expect([cover!.kind, cover!.endMs - cover!.startMs]).toEqual(['cover', 8_000]);
    expect(mute!.kind).toBe('mute');
    expect(Math.abs(mute!.startMs - 15_000)).toBeLessThan(100);
    expect(Math.abs(mute!.endMs - 19_000)).toBeLessThan(100);

    // The same file at another place in the recording: what was proposed stays, and the rest is new.
    ok(await hand(school.admin, recordingId, voice, { rowId, atMs: '1000' }));
    const later = (await partsByKind(recordingId)).filter(({ kind }) => kind === 'mute');
    expect(later.at(-1)!.startMs).toBe(mute!.endMs);
    expect(later.at(-1)!.endMs - mute!.endMs).toBe(1_000);
  });

  test('where it has no sound, they count as heard while they were there', async () => {
    const { lessonId, recordingId } = await recorded(seen(10, 16));
    ok(await hand(school.teacher, recordingId, await voiceOf(18, 2), { rowId: await visitorsRow(lessonId) }));
    ok(await remove(recordingId));
    const [first, cover, rest] = await partsByKind(recordingId);
    expect([first!.kind, cover!.kind, rest!.kind]).toEqual(['mute', 'cover', 'mute']);
    expect(Math.abs(first!.endMs - 5_000)).toBeLessThan(100);
    expect(Math.abs(rest!.startMs - 17_000)).toBeLessThan(100);
    expect(rest!.endMs).toBe(cover!.endMs);
  });

  test('that is none, is damaged, silent, or of somebody else changes nothing, and says why', async () => {
    const { lessonId, recordingId } = await recorded(seen(10, 16));
    const rowId = await visitorsRow(lessonId);
    const before = await documents();
    const taken = (await arrivals(server, 'attendance.voice_taken')).length;
    const whole = await voiceOf(20, 5);
    const damaged = Buffer.from(whole);
    damaged.fill(0xff, damaged.indexOf('mdat') + 2_000, damaged.indexOf('mdat') + 6_000);
    for (const [bytes, name, code] of [
      [await voiceOf(10), 'voice.m4a', 'VOICE_NOT_HEARD'],
      [damaged, 'voice.m4a', 'VOICE_DAMAGED'],
      [whole, 'audioAdaExample21.m4a', 'VOICE_OF_ANOTHER'],
    ] as const) {
      const answer = await hand(school.teacher, recordingId, bytes, { rowId }, name);
      expect([answer.status >= 400, answer.body.reasons?.[0]?.code]).toEqual([true, code]);
    }
    const text = await hand(school.teacher, recordingId, Buffer.from('not a sound'), { rowId });
    expect(text.body.code).toBe('NOT_MEDIA');
    expect((await hand(school.teacher, recordingId, whole, {})).status).toBe(400);
    expect((await hand(school.teacher, recordingId, whole, { rowId, atMs: '-1' })).status).toBe(400);
    expect(await documents()).toEqual(before);
    expect(await arrivals(server, 'attendance.voice_taken')).toHaveLength(taken);
    expect(await server.context.outside.database.read.attendeeVoice.count({ where: { recordingId } })).toBe(0);
  });

  test('is taken from nobody but who keeps the lesson, and for its own rows alone', async () => {
    const { lessonId, recordingId } = await recorded(seen(10, 16));
    const rowId = await visitorsRow(lessonId);
    const voice = await voiceOf(10, 2);
    for (const [by, status] of [
      [school.otherTeacher, 404],
      [school.reviewer, 403],
      [school.auditor, 403],
      [school.nobody, 401],
    ] as const)
      expect((await hand(by, recordingId, voice, { rowId })).status).toBe(status);
    const other = await createPermittedLesson(school);
    ok(await sendReport(school.teacher, other.id, zoomReport(other.lesson.plannedStart, [['Ada Example', 0, 40]])));
    const [elsewhere] = await rowsOf(other.id);
    expect((await hand(school.teacher, recordingId, voice, { rowId: elsewhere!.id })).status).toBe(404);
    expect(await server.context.outside.database.read.attendeeVoice.count({ where: { recordingId } })).toBe(0);
  });
});
