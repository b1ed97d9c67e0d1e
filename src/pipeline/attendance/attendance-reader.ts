import { attendanceLimits } from '../../attendance/limits.ts';
import { readAttendance, readAttendanceSheets } from '../../attendance/read-attendance.ts';
import { tooLargeReport, unreadableReport } from '../../attendance/refusal.ts';
import { isUnavailable, Refusal } from '../../domain/errors.ts';
import { isWorkbook } from '../../rosters/archive-members.ts';
import { kindOf } from '../../rosters/file-kind.ts';
import { sourceOf } from '../ports/bytes-source.ts';
import type { ArchiveReader, AttendanceReader, SpreadsheetReader } from '../ports/readers.ts';

/** The adapters make cells out of workbooks, `src/attendance/` makes rows out of cells and of text. */
export function createAttendanceReader(tools: {
  readonly archives: ArchiveReader;
  readonly spreadsheets: SpreadsheetReader;
}): AttendanceReader {
  return {
    async read({ name, bytes }, context, answers = {}, { signal } = {}) {
      if (bytes.length > attendanceLimits.bytes)
        throw tooLargeReport('ATTENDANCE_TOO_LARGE', { mebibytes: attendanceLimits.bytes / 1024 ** 2 });
      const kind = kindOf(bytes);
      if (kind !== 'xls' && kind !== 'archive') return readAttendance(bytes, name, context, answers);
      const options = signal === undefined ? {} : { signal };
      try {
        if (kind === 'archive' && !isWorkbook((await tools.archives.open(sourceOf(bytes), options)).entries))
          throw unreadableReport({ code: 'ATTENDANCE_UNKNOWN_KIND', params: { file: name } });
        const { sheets } = await tools.spreadsheets.read(bytes, options);
        return readAttendanceSheets(sheets, name, context, answers);
      } catch (error) {
        throw error instanceof Refusal && !isUnavailable(error) ? asAttendanceRefusal(error) : error;
      }
    },
  };
}

/** What the readers of archives and workbooks refuse, as a refusal of the report; why stays as they say it. */
function asAttendanceRefusal(refusal: Refusal): Refusal {
  if (refusal.code === 'ATTENDANCE_UNREADABLE' || refusal.code === 'TOO_LARGE') return refusal;
  return new Refusal('ATTENDANCE_UNREADABLE', { reasons: refusal.reasons, cause: refusal });
}
