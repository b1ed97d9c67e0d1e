import { presences } from '../../domain/attendance/coverage.ts';
import { matchNotes } from '../../domain/attendance/row-match.ts';
import { type AttendanceNotice, attendanceCodes, attendanceNotices } from '../../domain/attendance/told.ts';
import { Refusal } from '../../domain/errors.ts';
import { gateReasons } from '../../domain/gate.ts';
import type { Id } from '../../domain/ids.ts';
import { getGateRecord } from '../core/gate-record.ts';
import type { Outside } from '../ports/outside.ts';
import { readNames } from './attendance-people.ts';
import { readAttendanceOf, toCover } from './settle-lesson.ts';

/**
 * The reports of a lesson, each row with what the machine proposes and what was decided, who was there when, and what is still
 * missing before a recording may be shown.
 * @throws Refusal `NOT_FOUND`.
 */
export async function getAttendance({ database: { read }, clock }: Pick<Outside, 'database' | 'clock'>, lessonId: Id) {
  if (!(await read.lesson.findUnique({ where: { id: lessonId }, select: { id: true } })))
    throw new Refusal('NOT_FOUND');
  const found = await readAttendanceOf(read, lessonId);
  const { reports, rows, times } = found;
  const names = await readNames(
    read,
    rows.flatMap(({ candidates, personIds }) => [...candidates, ...personIds]),
  );
  const told = (id: Id) => ({ id, name: names.get(id) ?? null });
  const { lesson, permissions } = await getGateRecord(read, lessonId);
  const course = new Set(lesson.participants.map(({ personId }) => personId));
  return {
    lesson: times.lesson,
    recorded: [...times.recorded],
    reports: reports.map(({ id, tool, fileName, notices, takenAt, statedCount, rows: { length } }) => ({
      ...{ id, tool, fileName, takenAt, statedCount, rows: length },
      notices: attendanceNotices.filter((one: AttendanceNotice) => notices.includes(one)),
    })),
    rows: rows.map((row) => ({
      ...{ id: row.id, reportId: row.reportId, line: row.line, name: row.name, originalName: row.originalName },
      ...{ email: row.emailShown, joinedAt: row.joinedAt, leftAt: row.leftAt, isWaiting: row.isWaiting },
      ...{ state: row.state, isTicked: row.isTicked, notes: matchNotes.filter((one) => row.notes.includes(one)) },
      candidates: row.candidates.map((id) => ({ ...told(id), isInCourse: course.has(id) })),
      decision:
        row.decision === null || row.decidedAt === null
          ? null
          : { kind: row.decision, persons: row.personIds.map(told), why: row.why, decidedAt: row.decidedAt },
    })),
    people: lesson.participants.map(({ personId, name }) => ({ id: personId, name })),
    present: presences(toCover(found, names)).map(({ personId, intervals }) => ({
      ...told(personId),
      intervals: [...intervals],
    })),
    missing: gateReasons(lesson, permissions, clock(), { kind: 'clear' }).filter(({ code }) =>
      attendanceCodes.some((one) => one === code),
    ),
  };
}
