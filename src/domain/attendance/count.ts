import type { Interval } from './interval.ts';
import { foldEmail } from './person.ts';
import { stayOf } from './presence.ts';
import type { ReportedRow } from './row.ts';

/**
 * How many attendees the rows tell of at least. Rows of one name and one address are one attendee who came back; rows of
 * one name without an address are as many as were there at once. Who only waited counts, as tools count them.
 */
export function countAttendees(rows: readonly ReportedRow[], lesson: Interval): number {
  const groups = new Map<string, ReportedRow[]>();
  for (const row of rows) {
    const key = `${row.name}\n${foldEmail(row.email) ?? row.account ?? ''}`;
    const there = groups.get(key);
    if (there === undefined) groups.set(key, [row]);
    else there.push(row);
  }
  let count = 0;
  for (const same of groups.values()) {
    const [first] = same;
    const isKnown = first !== undefined && (foldEmail(first.email) ?? first.account) !== null;
    count += isKnown || same.length === 1 ? 1 : Math.max(1, atOnce(same, lesson));
  }
  return count;
}

function atOnce(rows: readonly ReportedRow[], lesson: Interval): number {
  const edges = rows.flatMap((row) => {
    const stay = stayOf(row, lesson);
    return stay === null
      ? []
      : [
          { at: stay.startMs, by: 1 },
          { at: stay.endMs, by: -1 },
        ];
  });
  let now = 0;
  let most = 0;
  for (const { by } of edges.toSorted((a, b) => a.at - b.at || a.by - b.by)) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}
