import type { Id } from '../../domain/ids.ts';
import type { Database, Transaction } from '../ports/database.ts';

/** Rows that an address, or a person's word, says are somebody's. */
export const rowsOf = (personId: Id) => ({
  OR: [
    { personIds: { has: personId } },
    { decision: null, state: 'identified' as const, candidates: { has: personId } },
  ],
});

/** Those, and rows that may be theirs and that nobody has settled: in doubt they are. */
export const rowsThatMayBeOf = (personId: Id) => ({
  OR: [
    { personIds: { has: personId } },
    {
      decision: null,
      state: { in: ['identified' as const, 'proposed' as const, 'ambiguous' as const] },
      candidates: { has: personId },
    },
  ],
});

/** The lessons that somebody was in, or may have been in, by their attendance reports; whether they take part in the course or not. */
export async function attendedLessons(db: Database['read'] | Transaction['db'], personId: Id): Promise<Id[]> {
  const reports = await db.attendanceReport.findMany({
    where: { rows: { some: rowsThatMayBeOf(personId) } },
    select: { lessonId: true },
    distinct: ['lessonId'],
  });
  return reports.map(({ lessonId }) => lessonId);
}
