import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AnswerOf, Client } from '../client/api-client.ts';
import { mustHave } from '../domain/must-have.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { expectRefusal } from './expect-refusal.ts';
import type { Narrator } from './narrator.ts';

type Attendance = AnswerOf<'getAttendance'>;

/** Nobody of the course: a colleague who looked after the sound. Invented. */
const stranger = 'Nil Erdem';
const device = 'iPad (3)';
/** Whoever of the course sat at the device, and so is not in the report by name. */
const atDevice = 'Kerem Dağlı';

const minute = 60_000;

/**
 * Hands the report of the meeting in. It closes the gate, as two of its rows are nobody's name; the teacher says who every row
 * is, and the gate holds again.
 */
export async function settleAttendance(
  { teacher, reviewer }: { readonly teacher: Client; readonly reviewer: Client },
  {
    lessonId,
    recordingId,
    folder,
  }: { readonly lessonId: string; readonly recordingId: string; readonly folder: string },
  say: Narrator,
): Promise<void> {
  const { demo: t } = textsIn(say.language);
  const params = { lessonId };
  say.step(t.attendanceComes);
  const { courseId } = await teacher.call('getLesson', { params });
  const { timeZone } = await teacher.call('getCourse', { params: { courseId } });
  const { lesson, people } = await teacher.call('getAttendance', { params });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `participants-${lessonId}.csv`);
  await writeFile(path, zoomReport(lesson, people, timeZone), { mode: 0o600 });
  const taken = await teacher.upload('takeAttendanceReport', { params, fields: {}, file: { path } });
  if (taken.outcome !== 'report') throw new Error(`the report leaves something open: ${JSON.stringify(taken)}`);
  say.line(fill(t.attendanceTaken, { rows: taken.rows }));

  say.step(t.attendanceCloses);
  const clear = () => reviewer.call('clearRecording', { params: { recordingId } });
  await expectRefusal(clear, 'PERMISSION_MISSING', say);

  say.step(t.teacherSettles);
  const { rows } = await teacher.call('getAttendance', { params });
  const decide = (decided: { rowId: string; kind: Decided['kind']; personIds?: string[]; why?: string }[]) =>
    teacher.call('decideAttendees', { params, body: { rows: decided } });
  const sure = rows.filter(({ decision, isTicked }) => decision === null && isTicked);
  await decide(
    sure.map(({ id, candidates }) => ({
      rowId: id,
      kind: 'persons',
      personIds: candidates.slice(0, 1).map((one) => one.id),
    })),
  );
  say.line(fill(t.sureConfirmed, { n: sure.length }));
  const owner = mustHave(
    people.find(({ name }) => name === atDevice),
    atDevice,
  );
  await decide([{ rowId: rowOf(rows, device).id, kind: 'persons', personIds: [owner.id] }]);
  say.line(fill(t.deviceWas, { device, name: atDevice }));
  const { missing } = await decide([{ rowId: rowOf(rows, stranger).id, kind: 'staff', why: t.strangerWhy }]);
  say.line(fill(t.strangerWas, { name: stranger, why: t.strangerWhy }));
  if (missing.length > 0) throw new Error(`attendance should be settled: ${JSON.stringify(missing)}`);
  say.line(t.attendanceSettled);
}

type Decided = NonNullable<Attendance['rows'][number]['decision']>;

const rowOf = (rows: Attendance['rows'], name: string) =>
  mustHave(
    rows.find((row) => row.name === name),
    `row of ${name}`,
  );

/** What Zoom writes of a meeting, with the clock of the school and no zone. One pupil typed their name in capitals. */
function zoomReport(lesson: Attendance['lesson'], people: Attendance['people'], timeZone: string): string {
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone,
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
  });
  const length = (lesson.endMs - lesson.startMs) / minute;
  const line = (name: string, from: number, until: number) => {
    const [joined, left] = [from, until].map((at) => clock.format(lesson.startMs + at * minute).replace(',', ''));
    return `${name},,${joined},${left},${until - from},Yes,Yes,No`;
  };
  const names = people.flatMap(({ name }) => (name === null || name === atDevice ? [] : [name]));
  return [
    'Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Recording Consent,In Waiting Room',
    ...names.map((name, at) => line(at === 1 ? name.toLocaleUpperCase('tr') : name, at % 3, length)),
    line(device, 1, length),
    line(stranger, 5, 9),
    '',
  ].join('\n');
}
