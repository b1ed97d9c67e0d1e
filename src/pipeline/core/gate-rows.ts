import type { Id } from '../../domain/ids.ts';
import type {
  AttendanceRule,
  Audience,
  PermissionStatus,
  Purpose,
  Route,
  SignerCapacity,
} from '../../domain/permission.ts';
import type { Authority } from '../../domain/person.ts';
import type { Database, Transaction } from '../ports/database.ts';

/** A time as PostgreSQL writes it into JSON (RFC 3339). */
type Time = string;

/** What the gate asks about, as it stands in the tables: one document, in the order in which the rules want it. */
export interface GateRows {
  readonly isSingle: boolean;
  readonly from: Time;
  readonly reason: string;
  readonly supervisorName: string;
  readonly purposes: readonly Purpose[];
  readonly requireAllGuardians: boolean;
  readonly requirePupilSignature: boolean;
  readonly permissionRules: unknown;
  readonly attendance: AttendanceRule;
  readonly channel: { readonly id: Id; readonly name: string; readonly approved: boolean };
  readonly assessments: readonly { readonly validFrom: Time; readonly validUntil: Time }[];
  readonly sites: readonly { readonly id: Id; readonly name: string }[];
  readonly terms: readonly { readonly digest: string; readonly since: Time }[];
  readonly participants: readonly {
    readonly id: Id;
    readonly personId: Id;
    readonly lessonId: Id | null;
    readonly isMinor: boolean;
    readonly from: Time;
    readonly until: Time | null;
    readonly name: string;
    readonly adultFrom: string | null;
  }[];
  readonly guardianships: readonly {
    readonly pupilId: Id;
    readonly guardianId: Id;
    readonly name: string;
    readonly authority: Authority;
    readonly until: Time | null;
  }[];
  readonly permissions: readonly {
    readonly id: Id;
    readonly siteId: Id | null;
    readonly participantId: Id | null;
    readonly personId: Id | null;
    readonly status: PermissionStatus;
    readonly purposes: readonly Purpose[];
    readonly releaseTo: readonly Audience[];
    readonly declined: readonly Purpose[];
    readonly declinedTo: readonly Audience[];
    readonly route: Route;
    readonly signerName: string | null;
    readonly signerCapacity: SignerCapacity | null;
    readonly guardianId: Id | null;
    readonly signedAt: Time | null;
    readonly isDatedByDay: boolean;
    readonly inHandAt: Time | null;
    readonly validUntil: Time | null;
    readonly assurance: number;
    readonly digest: string | null;
    readonly reason: string;
  }[];
  /** Every change of those permissions, the oldest first. */
  readonly events: readonly { readonly permissionId: Id; readonly at: Time; readonly status: PermissionStatus }[];
  /** Null: of no lesson, but of one that the course might have. */
  readonly lesson: {
    readonly id: Id;
    readonly plannedStart: Time;
    readonly plannedEnd: Time;
    readonly announcedAt: Time | null;
    readonly announcedBy: string | null;
    readonly announcedHow: string | null;
    readonly seats: readonly Id[];
    /** `AttendanceSummary`; null: no report. */
    readonly attendance: unknown;
    readonly objections: readonly { readonly personId: Id; readonly guardianId: Id | null }[];
  } | null;
}

/**
 * Reads what the gate asks about of a lesson, or of a course without its guests of one day, in one query: it is asked before
 * every piece of a recording that is played. Names are looked up one by one, and an index is searched for the course alone: so
 * no table is read as a whole, however large the school and however old its statistics. A list that was never set is null
 * in its column. Undefined: there is none.
 */
export async function readGateRows(
  db: Transaction['db'] | Database['read'],
  of: { readonly lessonId: Id } | { readonly courseId: Id },
): Promise<GateRows | undefined> {
  const { lessonId, courseId } = { lessonId: null, courseId: null, ...of };
  const [row] = await db.$queryRaw<{ rows: GateRows }[]>`
    WITH asked AS (
      SELECT * FROM course
       WHERE id = COALESCE(${courseId}::uuid, (SELECT "courseId" FROM lesson WHERE id = ${lessonId}::uuid))
    ), present AS MATERIALIZED (
      SELECT p.id, p."personId", p."lessonId", p."isMinor", p."from", p.until, n.name, n."adultFrom"
        FROM participant p
       CROSS JOIN LATERAL (SELECT name, "adultFrom" FROM person WHERE id = p."personId" LIMIT 1) n
       WHERE p."courseId" = (SELECT id FROM asked) AND COALESCE(p."lessonId" = ${lessonId}::uuid, p."lessonId" IS NULL)
       ORDER BY p."addedAt"
    ), answer AS MATERIALIZED (
      SELECT p.id, p."siteId", p."participantId",
             (SELECT "personId" FROM participant WHERE id = p."participantId") AS "personId", p.status, COALESCE(p.purposes, '{}') AS purposes,
             COALESCE(p."releaseTo", '{}') AS "releaseTo", COALESCE(p.declined, '{}') AS declined,
             COALESCE(p."declinedTo", '{}') AS "declinedTo", p.route, p."signerName", p."signerCapacity",
             p."guardianId", p."signedAt", p."isDatedByDay", p."inHandAt", p."validUntil", p.assurance, p.digest, p.reason
        FROM permission p
       WHERE p."courseId" = (SELECT id FROM asked)
       ORDER BY p."createdAt"
    ), guardianships AS (
      SELECT g."pupilId", g."guardianId", (SELECT name FROM person WHERE id = g."guardianId") AS name, g.authority, g.until
        FROM guardianship g
       WHERE g."pupilId" = ANY (ARRAY(SELECT "personId" FROM present)) AND g.authority <> 'none'
       ORDER BY g."from"
    ), events AS (
      SELECT e."permissionId", e.at, e.status FROM permission_event e
       WHERE e."permissionId" = ANY (ARRAY(SELECT id FROM answer)) ORDER BY e.at
    ), meeting AS (
      SELECT l.id, l."plannedStart", l."plannedEnd", l."announcedAt", l."announcedBy", l."announcedHow", l.attendance,
             ARRAY(SELECT u."participantId" FROM unrecorded_seat u WHERE u."lessonId" = l.id) AS seats,
             (SELECT COALESCE(json_agg(json_build_object(
                  'personId', (SELECT "personId" FROM participant WHERE id = o."participantId"), 'guardianId', o."guardianId")), '[]')
                FROM objection o WHERE o."lessonId" = l.id AND o."liftedAt" IS NULL) AS objections
        FROM lesson l WHERE l.id = ${lessonId}::uuid
    )
    SELECT json_build_object(
      'isSingle', c."isSingle", 'from', c."from", 'reason', c.reason, 'supervisorName', c."supervisorName",
      'purposes', COALESCE(c.purposes, '{}'), 'requireAllGuardians', s."requireAllGuardians",
      'requirePupilSignature', s."requirePupilSignature", 'permissionRules', s."permissionRules", 'attendance', s.attendance,
      'channel', json_build_object('id', ch.id, 'name', ch.name, 'approved', ch.approved),
      'assessments', (SELECT COALESCE(json_agg(json_build_object('validFrom', r."validFrom", 'validUntil', r."validUntil")), '[]')
                        FROM risk_assessment r WHERE r."channelId" = ch.id),
      'sites', (SELECT COALESCE(json_agg(json_build_object('id', i.id, 'name', i.name) ORDER BY i."addedAt"), '[]')
                  FROM site i WHERE i."courseId" = c.id),
      'terms', (SELECT COALESCE(json_agg(json_build_object('digest', t.digest, 'since', t.since) ORDER BY t.since), '[]')
                  FROM course_terms t WHERE t."courseId" = c.id),
      'participants', (SELECT COALESCE(json_agg(x), '[]') FROM present x),
      'guardianships', (SELECT COALESCE(json_agg(x), '[]') FROM guardianships x),
      'permissions', (SELECT COALESCE(json_agg(x), '[]') FROM answer x),
      'events', (SELECT COALESCE(json_agg(x), '[]') FROM events x),
      'lesson', (SELECT row_to_json(x) FROM meeting x)
    ) AS rows
    FROM asked c JOIN school s ON s.id = c."schoolId" JOIN channel ch ON ch.id = c."channelId"`;
  return row?.rows;
}
