import type { Id } from '../../domain/ids.ts';
import type { Audience, PermissionStatus, Purpose, Route, SignerCapacity } from '../../domain/permission.ts';
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
    readonly objections: readonly { readonly participantId: Id; readonly guardianId: Id | null }[];
  } | null;
}

/**
 * Reads what the gate asks about of a lesson, or of a course without its guests of one day, in one query: it is asked before
 * every piece of a recording that is played. Undefined: there is none. A list that was never set is null in its column.
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
    ), present AS (
      SELECT p.*, n.name, n."adultFrom" FROM participant p JOIN person n ON n.id = p."personId"
       WHERE p."courseId" = (SELECT id FROM asked) AND (p."lessonId" IS NULL OR p."lessonId" = ${lessonId}::uuid)
    ), answer AS (
      SELECT p.*, a."personId" FROM permission p LEFT JOIN participant a ON a.id = p."participantId"
       WHERE p."courseId" = (SELECT id FROM asked)
    )
    SELECT json_build_object(
      'isSingle', c."isSingle", 'from', c."from", 'reason', c.reason, 'supervisorName', c."supervisorName",
      'purposes', COALESCE(c.purposes, '{}'), 'requireAllGuardians', s."requireAllGuardians",
      'requirePupilSignature', s."requirePupilSignature", 'permissionRules', s."permissionRules",
      'channel', json_build_object('id', ch.id, 'name', ch.name, 'approved', ch.approved),
      'assessments', (SELECT COALESCE(json_agg(json_build_object('validFrom', r."validFrom", 'validUntil', r."validUntil")), '[]')
                        FROM risk_assessment r WHERE r."channelId" = ch.id),
      'sites', (SELECT COALESCE(json_agg(json_build_object('id', i.id, 'name', i.name) ORDER BY i."addedAt"), '[]')
                  FROM site i WHERE i."courseId" = c.id),
      'terms', (SELECT COALESCE(json_agg(json_build_object('digest', t.digest, 'since', t.since) ORDER BY t.since), '[]')
                  FROM course_terms t WHERE t."courseId" = c.id),
      'participants', (SELECT COALESCE(json_agg(json_build_object(
          'id', p.id, 'personId', p."personId", 'lessonId', p."lessonId", 'isMinor', p."isMinor", 'from', p."from",
          'until', p.until, 'name', p.name, 'adultFrom', p."adultFrom") ORDER BY p."addedAt"), '[]') FROM present p),
      'guardianships', (SELECT COALESCE(json_agg(json_build_object(
          'pupilId', g."pupilId", 'guardianId', g."guardianId", 'name', n.name, 'authority', g.authority,
          'until', g.until) ORDER BY g."from"), '[]')
        FROM guardianship g JOIN person n ON n.id = g."guardianId"
       WHERE g."pupilId" IN (SELECT "personId" FROM present) AND g.authority <> 'none'),
      'permissions', (SELECT COALESCE(json_agg(json_build_object(
          'id', p.id, 'siteId', p."siteId", 'participantId', p."participantId", 'personId', p."personId",
          'status', p.status, 'purposes', COALESCE(p.purposes, '{}'), 'releaseTo', COALESCE(p."releaseTo", '{}'),
          'declined', COALESCE(p.declined, '{}'), 'declinedTo', COALESCE(p."declinedTo", '{}'), 'route', p.route, 'signerName', p."signerName",
          'signerCapacity', p."signerCapacity", 'guardianId', p."guardianId", 'signedAt', p."signedAt",
          'isDatedByDay', p."isDatedByDay", 'inHandAt', p."inHandAt", 'validUntil', p."validUntil",
          'assurance', p.assurance, 'digest', p.digest, 'reason', p.reason) ORDER BY p."createdAt"), '[]') FROM answer p),
      'events', (SELECT COALESCE(json_agg(json_build_object(
          'permissionId', e."permissionId", 'at', e.at, 'status', e.status) ORDER BY e.at), '[]')
        FROM permission_event e WHERE e."permissionId" IN (SELECT id FROM answer)),
      'lesson', (SELECT json_build_object(
          'id', l.id, 'plannedStart', l."plannedStart", 'plannedEnd', l."plannedEnd", 'announcedAt', l."announcedAt",
          'announcedBy', l."announcedBy", 'announcedHow', l."announcedHow",
          'seats', (SELECT COALESCE(json_agg(u."participantId"), '[]') FROM unrecorded_seat u WHERE u."lessonId" = l.id),
          'objections', (SELECT COALESCE(json_agg(json_build_object(
              'participantId', o."participantId", 'guardianId', o."guardianId")), '[]')
            FROM objection o WHERE o."lessonId" = l.id AND o."liftedAt" IS NULL))
        FROM lesson l WHERE l.id = ${lessonId}::uuid)
    ) AS rows
    FROM asked c JOIN school s ON s.id = c."schoolId" JOIN channel ch ON ch.id = c."channelId"`;
  return row?.rows;
}
