import { type Anomaly, type AnomalyRule, anomalyRules } from '../../domain/anomaly.ts';
import type { Database } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { integrateLog } from './integrate-log.ts';

type Needs = Pick<Outside, 'database' | 'logSigner' | 'clock' | 'settings'>;

const dayMs = 24 * 60 * 60_000;
const mostOfARule = 200;

/** The same for ourselves, without a word on the log. */
export async function findAnomalies(outside: Needs, days: number) {
  const checkpoint = await integrateLog(outside);
  const since = new Date(outside.clock().getTime() - days * dayMs).toISOString();
  const found: Anomaly[] = [];
  for (const rule of anomalyRules) {
    const over = { since, size: checkpoint.size };
    const rows = await rules[rule](outside.database.read, over, outside.settings.anomalies);
    found.push(...rows.map((row) => toAnomaly(rule, row)));
  }
  found.sort((a, b) => (a.lastAt < b.lastAt ? 1 : -1));
  return { found, checkpoint };
}

interface Found {
  readonly actor: string | null;
  readonly recording: string | null;
  readonly first: string;
  readonly last: string;
  readonly count: bigint;
  readonly threshold: number;
  readonly entries: bigint[];
}

function toAnomaly(rule: AnomalyRule, row: Found): Anomaly {
  return {
    rule,
    actor: row.actor,
    recordingId: row.recording,
    firstAt: row.first,
    lastAt: row.last,
    count: Number(row.count),
    threshold: Number(row.threshold),
    entries: row.entries.map(Number),
  };
}

type Rule = (
  read: Database['read'],
  over: { readonly since: string; readonly size: number },
  thresholds: Outside['settings']['anomalies'],
) => Promise<Found[]>;

/** Times in entries are UTC as text; a day is one of the school's. */
export const rules: Readonly<Record<AnomalyRule, Rule>> = {
  MASS_PLAYBACK: (read, { since, size }, { playbacksPerDay: threshold, schoolHours: { timeZone } }) =>
    read.$queryRaw<Found[]>`
      SELECT actor_id AS actor, NULL AS recording, min(at) AS first, max(at) AS last,
             count(DISTINCT recording_id) AS count, ${threshold}::int AS threshold,
             (array_agg(seq ORDER BY seq))[1:20] AS entries
        FROM audit_entry
       WHERE at >= ${since} AND seq <= ${size} AND action IN ('media.served', 'media.stopped')
       GROUP BY actor_id, (at::timestamptz AT TIME ZONE ${timeZone})::date
      HAVING count(DISTINCT recording_id) >= ${threshold}
       ORDER BY last DESC LIMIT ${mostOfARule}`,
  MASS_EXPORT: (read, { since, size }, { exportsPerDay: threshold, schoolHours: { timeZone } }) =>
    read.$queryRaw<Found[]>`
      SELECT actor_id AS actor, NULL AS recording, min(at) AS first, max(at) AS last,
             count(*) AS count, ${threshold}::int AS threshold, (array_agg(seq ORDER BY seq))[1:20] AS entries
        FROM (SELECT e.*, t.canonical::jsonb #>> '{details,stage}' AS stage
                FROM audit_entry e JOIN audit_arrival t USING (arrival)
               WHERE e.at >= ${since} AND e.seq <= ${size}
                 AND e.action IN ('recording.exported', 'audit.exported', 'audit.pack_made')) e
       -- An export of a recording has an entry where it begins and one where it ends.
       WHERE stage IS NULL OR stage = 'begun'
       GROUP BY actor_id, (at::timestamptz AT TIME ZONE ${timeZone})::date
      HAVING count(*) >= ${threshold}
       ORDER BY last DESC LIMIT ${mostOfARule}`,
  OUTSIDE_HOURS: (read, { since, size }, { outsideHours: threshold, schoolHours: { from, until, timeZone } }) =>
    read.$queryRaw<Found[]>`
      SELECT actor_id AS actor, NULL AS recording, min(at) AS first, max(at) AS last,
             count(DISTINCT recording_id) AS count, ${threshold}::int AS threshold,
             (array_agg(seq ORDER BY seq))[1:20] AS entries
        FROM (SELECT e.*, e.at::timestamptz AT TIME ZONE ${timeZone} AS local
                FROM audit_entry e JOIN audit_arrival t USING (arrival)
               WHERE e.at >= ${since} AND e.seq <= ${size}
                 AND e.action IN ('media.served', 'media.stopped', 'recording.exported')
                 -- Families watch when they are at home.
                 AND t.canonical::jsonb #>> '{actor,kind}' = 'staff') e
       WHERE extract(isodow FROM local) > 5 OR local::time < ${from}::time OR local::time >= ${until}::time
       GROUP BY actor_id, local::date
      HAVING count(DISTINCT recording_id) >= ${threshold}
       ORDER BY last DESC LIMIT ${mostOfARule}`,
  REPEATED_DENIALS: (read, { since, size }, { denialsPerHour: threshold }) =>
    read.$queryRaw<Found[]>`
      SELECT who AS actor, NULL AS recording, min(at) AS first, max(at) AS last,
             sum(times)::bigint AS count, ${threshold}::int AS threshold, (array_agg(seq ORDER BY seq))[1:20] AS entries
        -- A failed sign-in has no actor yet: it counts for the account that was tried. One entry may stand for several.
        FROM (SELECT e.*, COALESCE(e.actor_id, e.object_id) AS who,
                     COALESCE((t.canonical::jsonb #>> '{details,times,count}')::bigint, 1) AS times
                FROM audit_entry e JOIN audit_arrival t USING (arrival)
               WHERE e.at >= ${since} AND e.seq <= ${size}
                 AND e.action IN ('request.denied', 'gate.refused', 'staff.sign_in_failed')) e
       GROUP BY who, date_trunc('hour', at::timestamptz)
      HAVING sum(times) >= ${threshold}
       ORDER BY last DESC LIMIT ${mostOfARule}`,
  HASTY_APPROVAL: (read, { since, size }, { approvalMinutes: threshold }) =>
    read.$queryRaw<Found[]>`
      SELECT a.actor_id AS actor, a.recording_id AS recording, s.at AS first, a.at AS last,
             floor(extract(epoch FROM a.at::timestamptz - s.at::timestamptz) / 60)::bigint AS count,
             ${threshold}::int AS threshold, ARRAY[s.seq, a.seq] AS entries
        FROM audit_entry a
        JOIN LATERAL (SELECT seq, at FROM audit_entry s
                       WHERE s.recording_id = a.recording_id AND s.action = 'recording.sealed' AND s.seq < a.seq
                       ORDER BY seq DESC LIMIT 1) s ON true
       WHERE a.at >= ${since} AND a.seq <= ${size} AND a.action = 'recording.approved'
         AND a.at::timestamptz - s.at::timestamptz < ${threshold}::int * interval '1 minute'
       ORDER BY a.seq DESC LIMIT ${mostOfARule}`,
  SHARED_LINK: (read, { since, size }, { linkAddresses: threshold }) =>
    read.$queryRaw<Found[]>`
      SELECT e.actor_id AS actor, min(e.recording_id) AS recording, min(e.at) AS first, max(e.at) AS last,
             count(DISTINCT x.address) AS count, ${threshold}::int AS threshold,
             (array_agg(e.seq ORDER BY e.seq))[1:20] AS entries
        FROM audit_entry e
        JOIN audit_arrival t USING (arrival)
        JOIN audit_address x USING (arrival)
       WHERE e.at >= ${since} AND e.seq <= ${size} AND e.action = 'media.opened'
         AND t.canonical::jsonb #>> '{actor,kind}' = 'viewer'
       GROUP BY e.actor_id
      HAVING count(DISTINCT x.address) >= ${threshold}
       ORDER BY last DESC LIMIT ${mostOfARule}`,
};
