import { type Interval, unite } from '../domain/attendance/interval.ts';
import { isTelephoneName } from '../domain/attendance/name-kinds.ts';
import { tidy } from '../rosters/words.ts';
import { attendanceLimits } from './limits.ts';
import { emptyRow, type RawReport, type RawRow } from './raw-report.ts';
import { tooLargeReport, unreadableReport } from './refusal.ts';
import { attributeOf, lineCounter, scanXml } from './xml-scan.ts';

interface MeetingEvent {
  readonly module: string;
  readonly name: string;
  readonly line: number;
  readonly atMs: number;
  readonly fields: ReadonlyMap<string, string>;
}

/** Of these something is learnt; the others, such as every move of a cursor, are passed over. */
const heeded = new Set([
  'ParticipantJoinEvent',
  'ParticipantLeftEvent',
  'ParticipantJoinedEvent',
  'ParticipantTalkingEvent',
  'ParticipantMutedEvent',
  'RecordStatusEvent',
  'EndAndKickAllEvent',
]);

/** A stay of an account, or of who rang in, while it is read. */
interface Stay {
  readonly line: number;
  readonly name: string;
  readonly account: string | null;
  readonly role: RawRow['role'];
  readonly isTelephone: boolean;
  readonly joinedMs: number;
  leftMs: number | null;
  readonly spoke: Interval[];
  talkingSinceMs: number | null;
}

/**
 * A report of BigBlueButton's own events. Joining and leaving are of the module PARTICIPANT; the module VOICE tells of the
 * sound alone, and of who rang in. Who speaks is told by `ParticipantTalkingEvent`. Instants: `timestampUTC`, or before
 * version 2.1 the meeting's start, which ends `meeting_id`, and the distance to the first event.
 * @throws Refusal `ATTENDANCE_UNREADABLE`, `TOO_LARGE`.
 */
export function readBigBlueButton(xml: string, file: string): RawReport {
  const { events, title } = eventsOf(xml, file);
  const stays: Stay[] = [];
  const inside = new Map<string, Stay>();
  const voices = new Map<string, string>();
  const recorded: Interval[] = [];
  let recordingSince: number | null = null;
  let hasTalking = false;
  let endMs: number | null = null;
  const begin = (id: string, stay: Stay) => {
    // Who joins again without having left never left.
    if (inside.has(id)) return;
    if (stays.length >= attendanceLimits.rows)
      throw tooLargeReport('ATTENDANCE_TOO_MANY_ROWS', { file, most: attendanceLimits.rows });
    stays.push(stay);
    inside.set(id, stay);
  };
  const end = (id: string, atMs: number) => {
    const stay = inside.get(id);
    if (stay === undefined) return;
    stopTalking(stay, atMs);
    stay.leftMs = atMs;
    inside.delete(id);
  };
  for (const { module, name, line, atMs, fields } of events) {
    const field = (one: string) => fields.get(one)?.trim() ?? '';
    if (module === 'PARTICIPANT' && name === 'ParticipantJoinEvent')
      begin(field('userId') || `line ${line}`, {
        ...newStay(line, field('name'), atMs),
        account: stableAccount(field('externalUserId')),
        role: field('role') === 'MODERATOR' ? 'host' : 'attendee',
        isTelephone: false,
      });
    else if (module === 'PARTICIPANT' && name === 'ParticipantLeftEvent') end(field('userId'), atMs);
    else if (module === 'PARTICIPANT' && name === 'RecordStatusEvent') {
      const isOn = field('status') === 'true';
      if (!isOn && recordingSince !== null) recorded.push({ startMs: recordingSince, endMs: atMs });
      recordingSince = isOn ? (recordingSince ?? atMs) : null;
    } else if (name === 'EndAndKickAllEvent') endMs = atMs;
    else if (module === 'VOICE') {
      const voice = field('participant');
      const user = /^(w_[a-z\d]+)_\d+-/i.exec(field('callernumber'))?.[1] ?? voice;
      if (name === 'ParticipantJoinedEvent') {
        voices.set(voice, user);
        // Who is heard and has not joined by a browser rang in.
        if (!inside.has(user)) {
          const caller = { ...newStay(line, field('callername') || field('callernumber'), atMs), account: null };
          begin(user, { ...caller, role: null, isTelephone: true });
        }
        continue;
      }
      const speaker = voices.get(voice) ?? voice;
      const stay = inside.get(speaker);
      if (name === 'ParticipantTalkingEvent') {
        hasTalking = true;
        if (stay !== undefined && field('talking') === 'true') stay.talkingSinceMs ??= atMs;
        else if (stay !== undefined) stopTalking(stay, atMs);
      } else if (name === 'ParticipantMutedEvent' && field('muted') === 'true' && stay !== undefined)
        stopTalking(stay, atMs);
      else if (name === 'ParticipantLeftEvent' && stay !== undefined) {
        if (stay.isTelephone) end(speaker, atMs);
        else stopTalking(stay, atMs);
      }
    }
  }
  const lastMs = endMs ?? events.at(-1)?.atMs ?? 0;
  for (const [id, stay] of [...inside]) {
    if (endMs !== null) end(id, endMs);
    else stopTalking(stay, lastMs);
  }
  if (recordingSince !== null) recorded.push({ startMs: recordingSince, endMs: Math.max(lastMs, recordingSince) });
  return {
    tool: 'bigbluebutton',
    rows: stays.map((stay) => rowOf(stay, hasTalking)),
    title,
    statedCount: null,
    statedStart: null,
    statedEnd: null,
    recorded: recorded.length === 0 ? null : unite(recorded),
    notices: [],
  };
}

const newStay = (line: number, name: string, joinedMs: number) => ({
  line,
  name: tidy(name),
  joinedMs,
  leftMs: null,
  spoke: [] as Interval[],
  talkingSinceMs: null,
});

function stopTalking(stay: Stay, atMs: number): void {
  if (stay.talkingSinceMs !== null) stay.spoke.push({ startMs: stay.talkingSinceMs, endMs: atMs });
  stay.talkingSinceMs = null;
}

/** An account of the school's learning platform; `w_` and `gl-` are drawn anew for every visit of a guest. */
const stableAccount = (id: string): string | null => (id === '' || /^(?:[wv]_|gl-)/.test(id) ? null : id);

const instant = (ms: number | null) => (ms === null ? null : ({ kind: 'instant', ms, hasSeconds: true } as const));

const rowOf = (stay: Stay, hasTalking: boolean): RawRow => ({
  ...emptyRow(stay.line, stay.name),
  account: stay.account,
  role: stay.role,
  joined: instant(stay.joinedMs),
  left: instant(stay.leftMs),
  isTelephone: stay.isTelephone || isTelephoneName(stay.name),
  spoke: hasTalking ? unite(stay.spoke) : null,
});

function eventsOf(xml: string, file: string): { events: MeetingEvent[]; title: string | null } {
  const lineAt = lineCounter(xml);
  const events: MeetingEvent[] = [];
  let title: string | null = null;
  let startMs: number | null = null;
  let firstStamp: number | null = null;
  let depth = 0;
  let event: { attributes: string; name: string; at: number; fields: Map<string, string> } | null = null;
  let field = '';
  for (const piece of scanXml(xml, file)) {
    if (piece.kind === 'text') {
      if (event !== null && field !== '') event.fields.set(field, (event.fields.get(field) ?? '') + piece.text);
    } else if (piece.kind === 'open') {
      if (depth === 0) {
        if (piece.name !== 'recording') throw notMeeting(piece.name, file);
        startMs = numberOf(/-(\d+)$/.exec(attributeOf(piece.attributes, 'meeting_id') ?? '')?.[1]);
      } else if (depth === 1 && piece.name === 'event') {
        firstStamp ??= numberOf(attributeOf(piece.attributes, 'timestamp'));
        const name = attributeOf(piece.attributes, 'eventname') ?? '';
        if (heeded.has(name) && !piece.isEmpty)
          event = { attributes: piece.attributes, name, at: piece.at, fields: new Map() };
      } else if (depth === 1 && (piece.name === 'metadata' || piece.name === 'meeting'))
        title ??= attributeOf(piece.attributes, 'meetingName') ?? attributeOf(piece.attributes, 'name');
      else if (depth === 2 && event !== null) field = piece.name;
      if (!piece.isEmpty) depth++;
    } else {
      depth--;
      if (depth === 2) field = '';
      if (depth !== 1 || event === null) continue;
      const line = lineAt(event.at);
      const atMs = instantOf(event.attributes, event.fields, startMs, firstStamp);
      if (atMs === null)
        throw unreadableReport({ code: 'ATTENDANCE_TIME_UNREADABLE', params: { file, line, column: 'timestamp' } });
      const module = attributeOf(event.attributes, 'module') ?? '';
      events.push({ module, name: event.name, line, atMs, fields: event.fields });
      event = null;
    }
  }
  return { events: events.sort((a, b) => a.atMs - b.atMs), title };
}

const notMeeting = (root: string, file: string) =>
  unreadableReport({
    code: /^(?:html|head|body|table)$/i.test(root) ? 'ATTENDANCE_IS_WEB_PAGE' : 'ATTENDANCE_UNKNOWN_KIND',
    params: { file },
  });

const numberOf = (text: string | null | undefined): number | null =>
  text !== null && text !== undefined && /^\d{1,15}$/.test(text.trim()) ? Number(text) : null;

function instantOf(
  attributes: string,
  fields: ReadonlyMap<string, string>,
  startMs: number | null,
  firstStamp: number | null,
): number | null {
  const utc = numberOf(fields.get('timestampUTC'));
  if (utc !== null) return utc;
  const stamp = numberOf(attributeOf(attributes, 'timestamp'));
  return stamp === null || startMs === null || firstStamp === null ? null : stamp - firstStamp + startMs;
}
