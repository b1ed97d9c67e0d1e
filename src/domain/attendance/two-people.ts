import { type Interval, overlap } from './interval.ts';
import { foldEmail } from './person.ts';
import type { ReportedRow } from './row.ts';
import type { RowMatch } from './row-match.ts';

interface Matched {
  readonly row: ReportedRow;
  readonly match: RowMatch;
  readonly stay: Interval | null;
}

/**
 * Two addresses are two people, and so is one person twice at the same time, unless it is one account on two devices
 * (design, section 8). Such rows are ambiguous, with the person they seemed to be; what an address identified stays.
 */
export function settleTwice(rows: readonly Matched[]): Map<string, RowMatch> {
  const byPerson = new Map<string, Matched[]>();
  for (const one of rows) {
    const person = one.match.candidates[0];
    const isMatched = one.match.state === 'identified' || one.match.state === 'proposed';
    if (!isMatched || person === undefined || one.row.isWaiting) continue;
    const there = byPerson.get(person);
    if (there === undefined) byPerson.set(person, [one]);
    else there.push(one);
  }
  const settled = new Map(rows.map(({ row, match }) => [row.key, match]));
  for (const same of byPerson.values()) {
    if (same.length === 1) continue;
    const addresses = new Set(same.flatMap(({ row }) => addressOf(row) ?? []));
    const together = atTheSameTime(same);
    for (const { row, match } of same) {
      if (match.state === 'identified') continue;
      const note =
        addresses.size > 1 && addressOf(row) !== null ? 'two_addresses' : together.has(row.key) ? 'same_time' : null;
      if (note !== null)
        settled.set(row.key, { ...match, state: 'ambiguous', isTicked: false, notes: [...match.notes, note] });
    }
  }
  return settled;
}

const addressOf = ({ email, account }: ReportedRow): string | null => foldEmail(email) ?? account;

/** Keys of rows that overlap another of the same report that is not of the same account. Sorted by start, then swept. */
function atTheSameTime(rows: readonly Matched[]): Set<string> {
  const found = new Set<string>();
  const stays = rows
    .flatMap(({ row, stay }) => (stay === null ? [] : [{ row, stay }]))
    .toSorted((a, b) => a.stay.startMs - b.stay.startMs);
  let running: typeof stays = [];
  for (const one of stays) {
    running = running.filter(({ stay }) => stay.endMs > one.stay.startMs);
    for (const other of running) {
      const address = addressOf(one.row);
      const isSame = address !== null && address === addressOf(other.row);
      if (isSame || other.row.report !== one.row.report || !overlap(one.stay, other.stay)) continue;
      found.add(one.row.key);
      found.add(other.row.key);
    }
    running.push(one);
  }
  return found;
}
