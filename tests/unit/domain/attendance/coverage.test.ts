import { describe, expect, test } from 'vitest';
import { countAttendees } from '../../../../src/domain/attendance/count.ts';
import {
  type AttendanceToCover,
  type CoveredPerson,
  presences,
  toleratedGapMs,
} from '../../../../src/domain/attendance/coverage.ts';
import type { AttendeeDecision } from '../../../../src/domain/attendance/decision.ts';
import { matchAttendance } from '../../../../src/domain/attendance/match.ts';
import type { AttendancePerson } from '../../../../src/domain/attendance/person.ts';
import { proposeRemovals } from '../../../../src/domain/attendance/remove-person.ts';
import type { ReportedRow } from '../../../../src/domain/attendance/row.ts';
import { rowsOfZoomAudio } from '../../../../src/domain/attendance/zoom-audio.ts';
import { coveredPerson, rowOf, toldOf } from '../../../support/attendance.ts';

const minute = 60_000;
const lesson = { startMs: 0, endMs: 40 * minute };
const pupils: AttendancePerson[] = ['Ada Örnek', 'Efe Güzelçay', 'Bora Şenbahçe'].map((name) => ({
  id: name.split(' ')[0]!.toLowerCase(),
  name,
  role: 'pupil',
  isInCourse: true,
  emails: [`${name.split(' ')[0]!.toLowerCase()}@school.example`],
  schoolNumber: null,
  className: null,
  guardianOf: [],
}));
const names = new Map(pupils.map(({ id, name }) => [id, name]));
const everyone = new Map(pupils.map(({ id, name }) => [id, coveredPerson(id, name)]));
const ofAda = coveredPerson('ada', 'Ada Örnek');
const ada = rowOf('Ada Örnek', { key: 'ada', email: 'ada@school.example' });
const teacher = rowOf('whole', { key: 'whole', email: 'bora@school.example' });

function input(rows: readonly ReportedRow[], more: Partial<AttendanceToCover> = {}): AttendanceToCover {
  return {
    lesson,
    recorded: [],
    reports: [{ rows, statedCount: null, resolutionMs: 1_000 }],
    matches: matchAttendance(rows, pupils, { lesson }),
    decisions: new Map(),
    names,
    ...more,
  };
}
const told = (to: AttendanceToCover, people: ReadonlyMap<string, CoveredPerson> = everyone) =>
  toldOf(to, people).map(({ code, params = {} }) => [code, ...Object.values(params)].join(' '));
const decide = (key: string, kind: AttendeeDecision['kind'], ...personIds: string[]) =>
  new Map([[key, { kind, personIds }]]);

describe('the gate asks', () => {
  test('nothing where everybody is known and covered', () => expect(told(input([ada, teacher]))).toEqual([]));

  test('who was there, once for each name, with the minutes that lie in the recorded time', () => {
    const twice = [
      rowOf('Misafir', { key: '1', joinedMs: 0, leftMs: 2 * minute }),
      rowOf('MİSAFİR', { key: '2', joinedMs: 39 * minute, leftMs: 50 * minute }),
    ];
    expect(told(input([teacher, ...twice]))).toEqual(['ATTENDEE_UNKNOWN Misafir 3']);
    expect(told(input([teacher, ...twice], { recorded: [{ startMs: 5 * minute, endMs: 30 * minute }] }))).toEqual([]);
    const second = rowOf('x', { joinedMs: 40 * minute - 1_000, leftMs: 60 * minute });
    expect(told(input([teacher, second]))).toEqual(['ATTENDEE_UNKNOWN x 1']);
  });

  test('a proposal that nobody has confirmed blocks', () => {
    const row = rowOf('Efe Güzelçay', { key: 'efe' });
    expect(told(input([teacher, row]))).toEqual(['ATTENDEE_UNKNOWN Efe Güzelçay 40']);
    expect(told(input([teacher, row], { decisions: decide('efe', 'persons', 'efe') }))).toEqual([]);
  });

  test('what a device is, and which of several a name is', () => {
    const rows = [teacher, rowOf('iPad', { key: 'i' }), rowOf('05xx', { key: 'p' }), rowOf('Ada & Efe', { key: 's' })];
    expect(told(input(rows))).toEqual([
      'DEVICE_UNRESOLVED iPad 40',
      'DEVICE_UNRESOLVED 05xx 40',
      'DEVICE_UNRESOLVED Ada & Efe 40',
    ]);
    const same = ['1', '2'].map((key) => rowOf('Efe Güzelçay', { key }));
    expect(told(input([teacher, ...same]))).toEqual(['ATTENDEE_AMBIGUOUS Efe Güzelçay 40']);
  });

  test.each(['staff', 'not_a_person', 'never_admitted'] as const)('a decision that a row is %s settles it', (kind) =>
    expect(told(input([teacher, rowOf('x')], { decisions: decide('x', kind) }))).toEqual([]),
  );
  test('a decision without persons, or for somebody who is not known, settles nothing', () => {
    const rows = [teacher, rowOf('x')];
    expect(told(input(rows, { decisions: decide('x', 'persons') }))).toEqual(['ATTENDEE_UNKNOWN x 40']);
    expect(told(input(rows, { decisions: decide('x', 'persons', 'ada', 'nobody') }))).toEqual([
      'ATTENDEE_UNKNOWN x 40',
    ]);
  });
  test('a decision goes before an address', () => {
    expect(told(input([teacher, ada], { decisions: decide('ada', 'persons', 'efe') }))).toEqual([]);
    expect(
      presences(input([ada], { decisions: decide('ada', 'persons', 'efe') })).map(({ personId }) => personId),
    ).toEqual(['efe']);
  });
  test('who waited was not there', () => {
    expect(told(input([teacher, rowOf('x', { isWaiting: true })]))).toEqual([]);
  });

  test('for a permission of everybody, of several at one screen too', () => {
    const people = new Map([...everyone, ['ada', { ...ofAda, uncovered: 'GRANTED_AFTER_START' } as const]]);
    const row = rowOf('Ada ve Efe', { key: 's', joinedMs: 0, leftMs: 90_000 });
    const decisions = decide('s', 'persons', 'ada', 'efe');
    expect(told(input([teacher, row], { decisions }), people)).toEqual([
      'ATTENDEE_NOT_COVERED Ada Örnek 2 GRANTED_AFTER_START',
    ]);
  });
  test('that a seat that is not recorded is neither seen nor heard', () => {
    const people = new Map([...everyone, ['ada', { ...ofAda, isUnrecorded: true }]]);
    expect(told(input([teacher, ada]), people)).toEqual(['ATTENDEE_NOT_COVERED Ada Örnek 40 SEAT_NOT_RECORDED']);
  });
  test('that everybody takes part in the course', () => {
    const people = new Map([...everyone].filter(([id]) => id !== 'ada'));
    expect(told(input([teacher, ada]), people)).toEqual(['ATTENDEE_NOT_IN_COURSE Ada Örnek 40']);
  });

  test('for as many as the report states', () => {
    const whole = { rows: [teacher, ada], statedCount: 3, resolutionMs: 1_000 };
    expect(told(input([teacher, ada], { reports: [whole] }))).toEqual(['ATTENDANCE_INCOMPLETE 3 2 0']);
    expect(told(input([teacher, ada], { reports: [{ ...whole, statedCount: 2 }] }))).toEqual([]);
    expect(told(input([teacher, ada], { reports: [{ ...whole, statedCount: 1 }] }))).toEqual([]);
  });
  test('for recorded time in which nobody is listed', () => {
    const until = (ms: number) => [rowOf('x', { key: 'ada', email: 'ada@school.example', joinedMs: 0, leftMs: ms })];
    expect(told(input(until(40 * minute - toleratedGapMs)))).toEqual([]);
    expect(told(input(until(40 * minute - toleratedGapMs - 1)))).toEqual(['ATTENDANCE_INCOMPLETE 1 1 6']);
  });
});

test('attendees are counted as tools count them', () => {
  const rows = (...list: Partial<ReportedRow>[]) =>
    list.map((more, at) => rowOf('Ali Veli', { key: String(at), ...more }));
  expect(countAttendees(rows({ joinedMs: 0, leftMs: 9 }, { joinedMs: 9, leftMs: 20 }), lesson)).toBe(1);
  expect(countAttendees(rows({ joinedMs: 0, leftMs: 10 }, { joinedMs: 9, leftMs: 20 }), lesson)).toBe(2);
  expect(
    countAttendees(rows({ email: 'a@x.example' }, { email: 'a@x.example' }, { email: 'b@x.example' }), lesson),
  ).toBe(2);
  expect(countAttendees(rows({ isWaiting: true }), lesson)).toBe(1);
  expect(countAttendees([], lesson)).toBe(0);
});

describe('removing a person', () => {
  const span = (startMs: number, endMs: number) => ({ startMs, endMs });
  test('cuts everything while they were there, in places of the recording', () => {
    const recorded = [span(100_000, 200_000), span(300_000, 400_000)];
    expect(proposeRemovals([span(150_000, 320_000)], null, recorded)).toEqual([
      { kind: 'cut', startMs: 49_000, endMs: 121_000 },
    ]);
    expect(proposeRemovals([span(0, 50_000)], null, recorded)).toEqual([]);
  });
  test('mutes what they said and covers them, where the tool tells who spoke', () => {
    expect(
      proposeRemovals([span(10_000, 60_000)], [span(20_000, 25_000), span(26_000, 27_000)], [span(0, 100_000)]),
    ).toEqual([
      { kind: 'cover', startMs: 9_000, endMs: 61_000 },
      { kind: 'mute', startMs: 19_000, endMs: 28_000 },
    ]);
    expect(proposeRemovals([span(10_000, 60_000)], [], [span(0, 100_000)])).toEqual([
      { kind: 'cover', startMs: 9_000, endMs: 61_000 },
    ]);
  });
  test('takes a second before and after a moment that has no length', () => {
    expect(proposeRemovals([span(10_000, 10_000)], null, [span(0, 100_000)])).toEqual([
      { kind: 'cut', startMs: 9_000, endMs: 11_000 },
    ]);
  });
});

test('a separate audio file of Zoom is of the rows with its name', () => {
  const rows = ['Ada Örnek', 'Ada', 'Efe 7', 'Efe', '🦄'].map((name) => rowOf(name));
  const named = (file: string) => rowsOfZoomAudio(file, rows).map(({ key }) => key);
  expect(named('audioAdaÖrnek11234567890.m4a')).toEqual(['Ada Örnek']);
  expect(named('audioADAORNEK.M4A')).toEqual(['Ada Örnek']);
  expect(named('audioEfe71234.m4a')).toEqual(['Efe 7', 'Efe']);
  expect(named('audio_only.m4a')).toEqual([]);
  expect(named('video1.mp4')).toEqual([]);
});
