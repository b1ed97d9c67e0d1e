import { type Interval, overlap } from '../domain/attendance/interval.ts';
import type { AttendanceRow } from '../domain/attendance/row.ts';
import type { AttendanceNotice, AttendanceQuestion } from '../domain/attendance/told.ts';
import { type Day, dayIn, offsetAt } from '../domain/calendar.ts';
import { createClock, isTimeZone, midnightOf } from './clock.ts';
import type { RawReport, RawRow } from './raw-report.ts';
import { unreadableReport } from './refusal.ts';
import type { AttendanceAnswers, AttendanceContext, AttendanceReading, DayOrder } from './report.ts';
import type { When, WrittenDate } from './when.ts';

const dayMs = 24 * 60 * 60_000;
const minuteMs = 60_000;
/** Most of a class joins so near to the beginning of the lesson. Later or earlier, the zone may be another. */
const oddShiftMs = 45 * minuteMs;
/** Zones of the world lie between 12 hours behind UTC and 14 hours ahead of it. */
const [mostBehindMs, mostAheadMs] = [12 * 60 * minuteMs, 14 * 60 * minuteMs];

interface Reading {
  readonly order: DayOrder;
  readonly rows: readonly AttendanceRow[];
  readonly statedStartMs: number | null;
  readonly statedEndMs: number | null;
  /** What tells when the meeting was. Empty: the report has no times. */
  readonly spans: readonly Interval[];
}

/**
 * The report with its instants, or what has to be asked before: which of two numbers is the day, on which date, in which
 * zone. Day and month are decided by the lesson; where both orders fit a lesson of the course, nothing is guessed.
 * @throws Refusal `ATTENDANCE_UNREADABLE` `ATTENDANCE_OTHER_LESSON`, `ATTENDANCE_ZONE_UNKNOWN`.
 */
export function settleTimes(
  raw: RawReport,
  file: string,
  context: AttendanceContext,
  answers: AttendanceAnswers,
): AttendanceReading {
  const timeZone = answers.timeZone ?? context.timeZone;
  if (!isTimeZone(timeZone))
    throw unreadableReport({ code: 'ATTENDANCE_ZONE_UNKNOWN', params: { zone: timeZone.slice(0, 50) } });
  const whens = whensOf(raw);
  const { lesson } = context;
  const isDateless = whens.some((when) => when.kind === 'wall' && when.date === null);
  if (isDateless && lesson === null && answers.date === undefined && whens.every(isTimeOnly))
    return { outcome: 'question', questions: [{ code: 'DATE' }] };
  const orders = answers.dayOrder === undefined ? ordersOf(whens) : [answers.dayOrder];
  if (orders.length === 0) throw wrongDate(raw, file);
  const readings = orders.map((order) => readIn(raw, order, { timeZone, lesson, date: answers.date }));
  const chosen = choose(readings, context);
  if (chosen === 'ask') return { outcome: 'question', questions: [dayOrderQuestion(readings, timeZone)] };
  const isFixed = whens.every(({ kind }) => kind === 'instant');
  if (lesson !== null && !isFixed && answers.timeZone === undefined) {
    const question = zoneQuestion(chosen ?? readings, context, lesson);
    if (question !== null) return { outcome: 'question', questions: [question] };
  }
  const [reading] = chosen ?? [];
  if (reading === undefined) throw otherLesson(readings, file, context);
  return {
    outcome: 'report',
    report: {
      tool: raw.tool,
      rows: reading.rows,
      facts: {
        title: raw.title,
        statedCount: raw.statedCount,
        statedStartMs: reading.statedStartMs,
        statedEndMs: reading.statedEndMs,
        recorded: raw.recorded,
      },
      resolutionMs: whens.some(({ hasSeconds }) => !hasSeconds) ? minuteMs : 1_000,
      notices: [...raw.notices, ...noticesOf(raw, whens, orders, answers)],
    },
  };
}

const isTimeOnly = (when: When): boolean => when.kind === 'wall' && when.date === null;

const whensOf = ({ rows, statedStart, statedEnd }: RawReport): When[] =>
  [...rows.flatMap(({ joined, left }) => [joined, left]), statedStart, statedEnd].filter((one) => one !== null);

function noticesOf(
  { rows }: RawReport,
  whens: readonly When[],
  orders: readonly DayOrder[],
  answers: AttendanceAnswers,
): AttendanceNotice[] {
  const notices: AttendanceNotice[] = [];
  if (rows.every(({ joined, left }) => joined === null && left === null)) notices.push('NO_TIMES');
  if (whens.some(isTimeOnly) && answers.date === undefined) notices.push('DATE_FROM_LESSON');
  if (orders.length > 1) notices.push('DAY_ORDER_FROM_LESSON');
  if (whens.some(({ kind }) => kind === 'wall') && answers.timeZone === undefined) notices.push('ZONE_OF_SCHOOL');
  return notices;
}

/** The orders that make a day of every date of the report. Where both make the same days there is nothing to decide. */
function ordersOf(whens: readonly When[]): DayOrder[] {
  const dates = whens.flatMap((when) => (when.kind === 'wall' && when.date !== null ? [when.date] : []));
  const fits = (order: DayOrder) =>
    dates.every((date) => midnightOf(date, order) !== undefined && isOrdered(date, order));
  const orders = (['day_first', 'month_first'] as const).filter(fits);
  const isOpen = dates.some(({ isOpen, first, second }) => isOpen && first !== second);
  return isOpen ? orders : orders.slice(0, 1);
}

const isOrdered = ({ first, second, isOpen }: WrittenDate, order: DayOrder): boolean =>
  !isOpen || (order === 'day_first' ? second : first) <= 12;

function wrongDate({ rows }: RawReport, file: string) {
  const line = rows.find(({ joined, left }) => joined !== null || left !== null)?.line ?? 1;
  return unreadableReport({ code: 'ATTENDANCE_TIME_UNREADABLE', params: { file, line, column: '–' } });
}

interface Place {
  readonly timeZone: string;
  readonly lesson: Interval | null;
  readonly date: Day | undefined;
}

function readIn(raw: RawReport, order: DayOrder, place: Place): Reading {
  const clock = createClock(place.timeZone);
  const rows = raw.rows.map((row) => rowIn(row, order, clock, place));
  const startOf = (when: When | null) => (when === null ? null : (shown(when, order, clock, place)?.firstMs ?? null));
  const statedStartMs = startOf(raw.statedStart);
  const statedEndMs = startOf(raw.statedEnd);
  const stays = rows.flatMap(({ joinedMs, leftMs }) => {
    const startMs = joinedMs ?? leftMs;
    return startMs === null ? [] : [{ startMs, endMs: Math.max(startMs, leftMs ?? startMs) }];
  });
  const stated =
    statedStartMs === null
      ? []
      : [{ startMs: statedStartMs, endMs: Math.max(statedStartMs, statedEndMs ?? statedStartMs) }];
  return { order, rows, statedStartMs, statedEndMs, spans: stays.length > 0 ? stays : stated };
}

type Clock = ReturnType<typeof createClock>;

function rowIn(
  { joined, left, isEarlier, ...row }: RawRow,
  order: DayOrder,
  clock: Clock,
  place: Place,
): AttendanceRow {
  const from = joined === null ? undefined : shown(joined, order, clock, place);
  const until = left === null ? undefined : shown(left, order, clock, place, joined);
  const { lesson } = place;
  // Who was there before the report began was there from the lesson's beginning, as far as anybody knows.
  const isLate = isEarlier && lesson !== null && from !== undefined && from.firstMs < lesson.endMs;
  const joinedMs = isLate ? Math.min(from.firstMs, lesson.startMs) : (from?.firstMs ?? null);
  let leftMs = until?.lastMs ?? null;
  // Times without a date that go back have crossed midnight.
  if (leftMs !== null && joinedMs !== null && leftMs < joinedMs && left !== null && isTimeOnly(left)) leftMs += dayMs;
  return { ...row, joinedMs, leftMs };
}

/** Instants at which the clocks show it: two where the hour comes twice, of which joining takes the first and leaving the last. */
function shown(when: When, order: DayOrder, clock: Clock, { timeZone, lesson, date }: Place, beside?: When | null) {
  if (when.kind === 'instant') return { firstMs: when.ms, lastMs: when.ms };
  const written = when.date ?? (beside?.kind === 'wall' ? beside.date : null);
  if (written !== null) {
    const midnight = midnightOf(written, order);
    return midnight === undefined ? undefined : clock(midnight + when.timeMs);
  }
  if (date !== undefined) return clock(Date.parse(`${date}T00:00:00Z`) + when.timeMs);
  if (lesson === null) return undefined;
  const day = Date.parse(`${dayIn(new Date(lesson.startMs), timeZone)}T00:00:00Z`);
  const days = [day - dayMs, day, day + dayMs].map((one) => clock(one + when.timeMs));
  const away = ({ firstMs }: { firstMs: number }) => Math.max(0, lesson.startMs - firstMs, firstMs - lesson.endMs);
  return days.toSorted((a, b) => away(a) - away(b))[0];
}

/** The readings that fit the lesson; undefined: none does; `ask`: more than one fits a lesson of the course. */
function choose(
  readings: readonly Reading[],
  { lesson, otherLessons = [] }: AttendanceContext,
): Reading[] | 'ask' | undefined {
  if (lesson === null) return readings.length > 1 ? 'ask' : [...readings];
  const isOf = ({ spans }: Reading, one: Interval) => spans.length === 0 || spans.some((span) => touches(span, one));
  const fitting = readings.filter((reading) => isOf(reading, lesson));
  if (fitting.length === 0) return undefined;
  if (fitting.length > 1) return 'ask';
  const isOther = readings.some(
    (reading) => !fitting.includes(reading) && otherLessons.some((other) => isOf(reading, other)),
  );
  return isOther ? 'ask' : fitting;
}

const touches = (span: Interval, lesson: Interval): boolean =>
  span.startMs === span.endMs
    ? span.startMs >= lesson.startMs - oddShiftMs && span.startMs < lesson.endMs
    : overlap(span, lesson);

function dayOrderQuestion(readings: readonly Reading[], timeZone: string): AttendanceQuestion {
  const dayOf = (order: DayOrder): Day => {
    const reading = readings.find((one) => one.order === order) ?? readings[0];
    return dayIn(new Date(reading?.spans[0]?.startMs ?? 0), timeZone);
  };
  return { code: 'DAY_ORDER', dayFirst: dayOf('day_first'), monthFirst: dayOf('month_first') };
}

/**
 * Whether the clock of the report may be of another zone than the school's: most joined so far from the beginning of the
 * lesson, and a zone of the world explains it.
 */
function zoneQuestion(
  readings: readonly Reading[],
  { timeZone }: AttendanceContext,
  lesson: Interval,
): AttendanceQuestion | null {
  for (const { spans, rows } of readings) {
    const joins = rows.flatMap(({ joinedMs }) => joinedMs ?? []).sort((a, b) => a - b);
    const middle = joins[Math.floor(joins.length / 2)] ?? spans[0]?.startMs;
    if (middle === undefined) continue;
    const shift = lesson.startMs - middle;
    const isNear = spans.some((span) => overlap(span, lesson)) && Math.abs(shift) < oddShiftMs;
    const schoolMs = offsetAt(new Date(lesson.startMs), timeZone);
    const theirs = schoolMs - shift;
    if (isNear || theirs < -mostBehindMs - oddShiftMs || theirs > mostAheadMs + oddShiftMs) continue;
    return {
      code: 'TIME_ZONE',
      day: dayIn(new Date(lesson.startMs), timeZone),
      reported: timeIn(middle, timeZone),
      lesson: timeIn(lesson.startMs, timeZone),
    };
  }
  return null;
}

/** HH:MM on the clocks of a zone. */
const timeIn = (ms: number, timeZone: string): string =>
  new Date(ms + offsetAt(new Date(ms), timeZone)).toISOString().slice(11, 16);

function otherLesson(readings: readonly Reading[], file: string, { lesson, timeZone }: AttendanceContext) {
  const starts = readings.map(({ spans }) => spans[0]?.startMs ?? 0);
  const away = (ms: number) => Math.abs(ms - (lesson?.startMs ?? 0));
  const at = starts.toSorted((a, b) => away(a) - away(b))[0] ?? 0;
  const dayAndTime = (ms: number) => `${dayIn(new Date(ms), timeZone)} ${timeIn(ms, timeZone)}`;
  return unreadableReport({
    code: 'ATTENDANCE_OTHER_LESSON',
    params: { file, reported: dayAndTime(at), lesson: dayAndTime(lesson?.startMs ?? 0) },
  });
}
