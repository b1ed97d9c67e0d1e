import type { Id } from '../../domain/ids.ts';
import type { RecordingState } from '../../domain/lifecycle.ts';
import type { Reason } from '../../domain/reason.ts';
import type { Outside } from '../ports/outside.ts';
import { type Fate, fateOf, type Row, withLesson } from './find-fate.ts';
import { loadRules } from './rules.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

const dayMs = 24 * 60 * 60_000;

/** What will be erased within `days`, soonest first; what a hold keeps stands in the list with the hold. */
export async function previewRetention({ database, clock }: Needs, days: number) {
  const rules = await loadRules(database.read);
  const until = new Date(clock().getTime() + days * dayMs);
  const items: (Fate & {
    recordingId: Id;
    lessonId: Id;
    lessonTitle: string;
    lessonAt: Date;
    state: RecordingState;
    erasesAt: Date;
    reason: Reason;
  })[] = [];
  for (let after: Id | null = null; ; ) {
    const rows: Row[] = await database.read.recording.findMany({
      where: { state: { notIn: ['receiving', 'erased'] }, ...(after === null ? {} : { id: { gt: after } }) },
      include: withLesson,
      orderBy: { id: 'asc' },
      take: 200,
    });
    for (const row of rows) {
      const { erasesAt: at, reason, ...fate } = fateOf(row, rules, clock());
      if (at === null || reason === null || at > until) continue;
      const { id: lessonId, title: lessonTitle, plannedStart: lessonAt } = row.lesson;
      items.push({
        recordingId: row.id,
        lessonId,
        lessonTitle,
        lessonAt,
        state: row.state,
        ...fate,
        erasesAt: at,
        reason,
      });
    }
    const last = rows.at(-1);
    if (!last || rows.length < 200) break;
    after = last.id;
  }
  return items.toSorted((a, b) => a.erasesAt.getTime() - b.erasesAt.getTime());
}
