import { list, number, object, type Reader, text } from '../json.ts';
import { parseReasons, type Reason, type ReasonCode } from '../reason.ts';
import { countAttendees } from './count.ts';
import type { AttendeeDecision } from './decision.ts';
import { foldTurkish } from './fold.ts';
import { type Interval, lengthOfAll, unite, without } from './interval.ts';
import { foldEmail } from './person.ts';
import { presenceOf, stayOf } from './presence.ts';
import type { ReportedRow } from './row.ts';
import type { RowMatch, RowState } from './row-match.ts';

/** One report of the lesson, as far as coverage needs it. */
export interface CoveredReport {
  readonly rows: readonly ReportedRow[];
  /** How many attended by the report's own words; null: it does not say. */
  readonly statedCount: number | null;
  /** How coarse its times are, in milliseconds: 60,000 for whole minutes. */
  readonly resolutionMs: number;
}

/** What the reports of a lesson and the decisions on their rows come to: all that the gate needs of them. */
export interface AttendanceSummary {
  /** What is missing or open: `ATTENDANCE_INCOMPLETE`, `ATTENDEE_UNKNOWN`, `ATTENDEE_AMBIGUOUS`, `DEVICE_UNRESOLVED`. */
  readonly open: readonly Reason[];
  /** Everybody who is known to have been there within the recorded time. */
  readonly present: readonly { readonly personId: string; readonly name: string; readonly minutes: number }[];
}

/** What the gate knows of somebody who takes part in the lesson. */
export interface CoveredPerson {
  /** Whom the gate's reason is about. */
  readonly subject: NonNullable<Reason['subject']>;
  /** In a seat that is not recorded: must be neither seen nor heard within the recorded time. */
  readonly isUnrecorded: boolean;
  /** Why no permission covers them, as the gate says it; null: one does. */
  readonly uncovered: ReasonCode | null;
}

export interface AttendanceToCover {
  readonly lesson: Interval;
  /** What was recorded, as instants. Empty: the whole lesson counts as recorded. */
  readonly recorded: readonly Interval[];
  readonly reports: readonly CoveredReport[];
  readonly matches: ReadonlyMap<string, Pick<RowMatch, 'state' | 'candidates'>>;
  readonly decisions: ReadonlyMap<string, AttendeeDecision>;
  /** Names of everybody whom a row may be, by id. */
  readonly names: ReadonlyMap<string, string>;
}

/**
 * Recorded time without anybody, in milliseconds, that still leaves the reports whole. A meeting that breaks off and is
 * opened again needs some.
 */
export const toleratedGapMs = 5 * 60_000;

/** Who was there, when: what the time line of a lesson shows. */
export interface PersonPresence {
  readonly personId: string;
  /** Within the recorded time, united. */
  readonly intervals: readonly Interval[];
}

const recordedOf = ({ recorded, lesson }: AttendanceToCover): readonly Interval[] =>
  recorded.length === 0 ? [lesson] : recorded;

/** Everybody whom an address or a person's decision names, with when they were there. Order of first appearance. */
export function presences(input: AttendanceToCover): PersonPresence[] {
  const found = new Map<string, Interval[]>();
  for (const { rows, resolutionMs } of input.reports)
    for (const row of rows) {
      const settled = settledOf(row, input);
      if (settled?.kind !== 'persons') continue;
      const intervals = presenceOf([row], { lesson: input.lesson, recorded: recordedOf(input), resolutionMs });
      for (const id of settled.personIds) found.set(id, [...(found.get(id) ?? []), ...intervals]);
    }
  return [...found]
    .map(([personId, intervals]) => ({ personId, intervals: unite(intervals) }))
    .filter(({ intervals }) => intervals.length > 0);
}

/** When somebody was heard, united, if every row that is theirs says so; null: one does not, or there is none. */
export function voiceOf(personId: string, input: AttendanceToCover): Interval[] | null {
  const heard = input.reports
    .flatMap(({ rows }) => rows)
    .filter((row) => settledOf(row, input)?.personIds.includes(personId))
    .map(({ spoke }) => spoke);
  return heard.length === 0 || heard.includes(null) ? null : unite(heard.flatMap((one) => one ?? []));
}

/** What a row is by a person's decision, or by an address; undefined: it is open. */
function settledOf(row: ReportedRow, { decisions, matches }: AttendanceToCover): AttendeeDecision | undefined {
  if (row.isWaiting) return { kind: 'never_admitted', personIds: [] };
  const decision = decisions.get(row.key);
  if (decision !== undefined) return decision;
  const match = matches.get(row.key);
  return match?.state === 'identified' ? { kind: 'persons', personIds: match.candidates.slice(0, 1) } : undefined;
}

/**
 * What the gate needs of the reports (design, section 8). Only what lies within the recorded time counts. A row that no
 * person has confirmed is open, and so is a decision without persons, or for a person who is not known here.
 */
export function summarise(input: AttendanceToCover): AttendanceSummary {
  return {
    open: [...incompleteReasons(input), ...openReasons(input)],
    present: presences(input).flatMap(({ personId, intervals }) => {
      const name = input.names.get(personId);
      return name === undefined ? [] : [{ personId, name, minutes: minutesOf(intervals) }];
    }),
  };
}

/**
 * Why those who were there may not be in a recording: no permission covers them, or they do not take part in the course.
 * `people`: who takes part in the lesson, by id.
 */
export function uncoveredReasons({ present }: AttendanceSummary, people: ReadonlyMap<string, CoveredPerson>): Reason[] {
  return present.flatMap(({ personId, name, minutes }): Reason[] => {
    const person = people.get(personId);
    if (person === undefined)
      return [
        { code: 'ATTENDEE_NOT_IN_COURSE', subject: { kind: 'person', id: personId, name }, params: { name, minutes } },
      ];
    const why = person.isUnrecorded ? 'SEAT_NOT_RECORDED' : person.uncovered;
    return why === null
      ? []
      : [{ code: 'ATTENDEE_NOT_COVERED', subject: person.subject, params: { name, minutes, why } }];
  });
}

/** One reason, whether attendees are missing, or time in which no report shows anybody, or both. */
function incompleteReasons(input: AttendanceToCover): Reason[] {
  let stated = 0;
  let counted = 0;
  for (const { rows, statedCount } of input.reports) {
    const count = countAttendees(rows, input.lesson);
    counted += count;
    stated += Math.max(statedCount ?? 0, count);
  }
  const stays = input.reports.flatMap(({ rows }) => rows.flatMap((row) => stayOf(row, input.lesson) ?? []));
  const dark = without(recordedOf(input), stays).filter(({ startMs, endMs }) => endMs - startMs > toleratedGapMs);
  if (stated === counted && dark.length === 0) return [];
  const minutes = Math.ceil(lengthOfAll(dark) / 60_000);
  return [{ code: 'ATTENDANCE_INCOMPLETE', params: { stated, counted, minutes } }];
}

const codeOf: Readonly<Record<RowState, ReasonCode>> = {
  identified: 'ATTENDEE_UNKNOWN',
  proposed: 'ATTENDEE_UNKNOWN',
  unknown: 'ATTENDEE_UNKNOWN',
  ambiguous: 'ATTENDEE_AMBIGUOUS',
  device: 'DEVICE_UNRESOLVED',
  phone: 'DEVICE_UNRESOLVED',
};

/** One reason for each name that is open, however often it came and went. */
function openReasons(input: AttendanceToCover): Reason[] {
  const groups = new Map<string, { code: ReasonCode; name: string; intervals: Interval[] }>();
  for (const { rows, resolutionMs } of input.reports)
    for (const row of rows) {
      if (isSettled(row, input)) continue;
      const intervals = presenceOf([row], { lesson: input.lesson, recorded: recordedOf(input), resolutionMs });
      if (intervals.length === 0) continue;
      const code = codeOf[input.matches.get(row.key)?.state ?? 'unknown'];
      const key = [code, foldTurkish(row.name) || row.key, foldEmail(row.email) ?? ''].join('\n');
      const group = groups.get(key) ?? { code, name: row.name, intervals: [] };
      groups.set(key, { ...group, intervals: [...group.intervals, ...intervals] });
    }
  return [...groups.values()].map(({ code, name, intervals }) => ({
    code,
    params: { name: name === '' ? '–' : name, minutes: minutesOf(intervals) },
  }));
}

function isSettled(row: ReportedRow, input: AttendanceToCover): boolean {
  const settled = settledOf(row, input);
  if (settled === undefined) return false;
  if (settled.kind !== 'persons') return true;
  return settled.personIds.length > 0 && settled.personIds.every((id) => input.names.has(id));
}

/** Whole minutes, begun ones too: one second of somebody is 1. */
const minutesOf = (intervals: readonly Interval[]): number => Math.max(1, Math.ceil(lengthOfAll(intervals) / 60_000));

/** `lesson.attendance`. */
export const readAttendanceSummary: Reader<AttendanceSummary> = (value, at) => ({
  ...object({ present: list(object({ personId: text, name: text, minutes: number })) })(value, at),
  open: parseReasons((value as { readonly open?: unknown }).open),
});
