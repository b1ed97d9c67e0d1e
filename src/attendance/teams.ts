import { type GridRow, isBlank } from '../rosters/grid.ts';
import { plain, tidy } from '../rosters/words.ts';
import { emptyRow, type RawReport, type RawRow } from './raw-report.ts';
import { readColumns } from './read-columns.ts';
import { unreadableReport } from './refusal.ts';
import { type Table, tablesOf } from './tables.ts';
import { parseWhen, type When } from './when.ts';

/** The parts of a report of Teams, each below a line such as `3. In-Meeting activities`. */
export interface TeamsSections {
  readonly summary: readonly GridRow[];
  /** One row an attendee, with the first time of joining and the last of leaving. */
  readonly participants: Table;
  /** One row a stay; null: the report has none. */
  readonly activities: Table | null;
}

/** The sections of a report, told by their numbers, whatever the language; undefined: it has none. */
export function teamsSections(rows: readonly GridRow[]): TeamsSections | undefined {
  const parts = new Map<number, GridRow[]>();
  let number = 0;
  for (const row of rows) {
    const filled = row.cells.filter((cell) => cell !== '');
    const next = filled.length === 1 ? /^([1-9])\s*[.)]\s*\D/.exec(filled[0] ?? '')?.[1] : undefined;
    if (next !== undefined && Number(next) === number + 1) {
      number = Number(next);
      parts.set(number, []);
    } else if (number > 0 && !isBlank(row)) parts.get(number)?.push(row);
  }
  const tableOf = (part: number): Table | null => tablesOf(parts.get(part) ?? [])[0] ?? null;
  const participants = tableOf(2);
  if (participants === null || participants.headings.length < 4) return undefined;
  const activities = tableOf(3);
  return {
    summary: parts.get(1) ?? [],
    participants,
    activities: activities !== null && activities.headings.length >= 3 ? activities : null,
  };
}

/** Headings by their place, in the languages of which a report was seen. Of any other a person says what they mean. */
const joinWords = /^(?:join time|first join|beitreten|beitrittszeit|erster beitritt)$/;
const leaveWords = /^(?:leave time|last leave|verlassen|austrittszeit|letztes verlassen)$/;

/** The report in its sections; undefined: it is in a language that is not known. @throws Refusal. */
export function readTeamsSections(sections: TeamsSections, file: string): RawReport | undefined {
  const tables = [sections.participants, ...(sections.activities === null ? [] : [sections.activities])];
  const columns = tables.map((table) => {
    const headings = table.headings.map(plain);
    const at = (form: RegExp) => headings.findIndex((heading) => form.test(heading));
    return { name: 0, in: at(joinWords), out: at(leaveWords), email: at(/^e ?mail$/), role: at(/^rolle?$|^role$/) };
  });
  if (columns.some((one) => one.in < 0 || one.out < 0)) return undefined;
  const [participants = [], stays] = tables.map((table, at) => readColumns(table, columns[at] ?? {}, { file }));
  const facts = teamsFacts(sections.summary);
  if (stays === undefined) return { ...facts, rows: participants, notices: ['FIRST_AND_LAST_ONLY'] };
  // Who is among the participants and has no stay was there all the same.
  const seen = new Map<string, Set<string | null>>();
  for (const { name, email } of stays) seen.set(name, (seen.get(name) ?? new Set()).add(email));
  const hasStay = ({ name, email }: RawRow) => {
    const emails = seen.get(name);
    return emails !== undefined && (email === null || emails.has(email) || emails.has(null));
  };
  return { ...facts, rows: [...stays, ...participants.filter((row) => !hasStay(row))], notices: [] };
}

/** The summary by the places of its lines, which are the same in all languages: title, number, start, end. */
export function teamsFacts(summary: readonly GridRow[]): Omit<RawReport, 'rows' | 'notices'> {
  const values = summary.map(({ cells }) => cells[1] ?? '');
  const count = values.slice(0, 4).find((value) => /^\d{1,6}$/.test(value));
  const [start, end] = values.slice(1).flatMap((value): When[] => {
    const when = parseWhen(value);
    return when === undefined || (when.kind === 'wall' && when.date === null) ? [] : [when];
  });
  return {
    tool: 'teams',
    title: values[0] === undefined || values[0] === '' ? null : tidy(values[0]),
    statedCount: count === undefined ? null : Number(count),
    statedStart: start ?? null,
    statedEnd: end ?? null,
    recorded: null,
  };
}

const joined = /^(?:joined|beigetreten|katildi|a rejoint|se unio|entrou|si e unito|toegetreden)$/;
const joinedBefore =
  /^(?:joined before|vorher beigetreten|daha once katildi|a rejoint avant|se unio antes|entrou antes)$/;
const left = /^(?:left|verlassen|hat verlassen|ayrildi|a quitte|salio|saiu|ha abbandonato|vertrokken)$/;

/** The older list of Teams: one row for each time somebody joined or left; undefined: it is none. @throws Refusal. */
export function readTeamsActions(tables: readonly Table[], file: string): RawReport | undefined {
  const table = tables.find(({ headings, rows }) => {
    const [name = '', action = '', time = ''] = headings.map(plain);
    const isKnown = /^(?:full name|name|vollstandiger name)$/.test(name) && /action|aktion/.test(action);
    return headings.length >= 3 && isKnown && /^(?:timestamp|zeitstempel|time)$/.test(time) && rows.length > 0;
  });
  if (table === undefined) return undefined;
  const actions = table.rows.map((row) => actionOf(row, file)).sort((a, b) => sortKey(a.when) - sortKey(b.when));
  const open = new Map<string, RawRow[]>();
  const rows: RawRow[] = [];
  for (const { line, name, kind, when } of actions) {
    const inside = open.get(name) ?? [];
    if (kind === 'left') {
      const [first, ...others] = inside;
      open.set(name, others);
      if (first === undefined) rows.push({ ...emptyRow(line, name), left: when });
      else rows[rows.indexOf(first)] = { ...first, left: when };
      continue;
    }
    const row = { ...emptyRow(line, name), joined: when, isEarlier: kind === 'before' };
    rows.push(row);
    open.set(name, [...inside, row]);
  }
  rows.sort((a, b) => a.line - b.line);
  const none = { title: null, statedCount: null, statedStart: null, statedEnd: null, recorded: null };
  return { tool: 'teams', rows, ...none, notices: [] };
}

function actionOf({ line, cells }: GridRow, file: string) {
  const [name = '', word = '', cell = ''] = cells;
  const action = plain(word);
  const kind = joined.test(action)
    ? 'joined'
    : joinedBefore.test(action)
      ? 'before'
      : left.test(action)
        ? 'left'
        : null;
  if (kind === null)
    throw unreadableReport({ code: 'ATTENDANCE_ACTION_UNKNOWN', params: { file, line, word: word.slice(0, 50) } });
  const when = parseWhen(cell);
  if (when === undefined)
    throw unreadableReport({ code: 'ATTENDANCE_TIME_UNREADABLE', params: { file, line, column: 'Timestamp' } });
  return { line, name: tidy(name), kind, when } as const;
}

/** Orders moments of one report: the order of day and month is the same in all of them. */
function sortKey(when: When): number {
  if (when.kind === 'instant') return when.ms;
  const { year, first, second } = when.date ?? { year: 2_000, first: 1, second: 1 };
  return ((year * 100 + first) * 100 + second) * 86_400_000 + when.timeMs;
}
