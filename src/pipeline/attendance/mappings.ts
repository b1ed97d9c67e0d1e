import { createHash } from 'node:crypto';
import type { AttendanceMapping } from '../../attendance/report.ts';
import { attendanceMeanings } from '../../domain/attendance/told.ts';
import type { Id } from '../../domain/ids.ts';
import { oneOf, orNull, record } from '../../domain/json.ts';
import type { Database, Transaction } from '../ports/database.ts';

/** `attendance_mapping.mapping`. */
const readMapping = record(orNull(oneOf(attendanceMeanings)));

/** A table is known again by its headings, whatever their order. */
const digestOf = (headings: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(headings.toSorted())).digest('hex');

/** What the school has said that the columns of such a table mean; null: nothing yet. */
export async function findMapping(
  db: Database['read'],
  headings: readonly string[],
): Promise<AttendanceMapping | null> {
  const row = await db.attendanceMapping.findFirst({ where: { headings: digestOf(headings) } });
  return row === null ? null : readMapping(row.mapping, 'attendance_mapping.mapping');
}

/** Keeps it for the next table with these headings. */
export async function keepMapping(
  tx: Transaction,
  mapping: AttendanceMapping,
  savedById: Id,
  savedAt: Date,
): Promise<void> {
  const headings = digestOf(Object.keys(mapping));
  await tx.db.attendanceMapping.deleteMany({ where: { headings } });
  await tx.db.attendanceMapping.create({ data: { headings, mapping: { ...mapping }, savedById, savedAt } });
}
