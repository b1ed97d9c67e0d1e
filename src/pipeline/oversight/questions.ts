import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Caller, Database, Outside } from '../ports.ts';
import { noteReading, readPage, shown } from './audit-log.ts';
import { AuditQuery, type AuditScope } from './audit-query.ts';
import { integrateLog, type SignedCheckpoint } from './integrate-log.ts';
import { pseudonymsOf, resolvePersons } from './persons.ts';

type Needs = Pick<Outside, 'database' | 'logSigner'>;

/** What of a recording somebody has seen or taken with them. */
export interface Access {
  readonly actor: { readonly kind: string; readonly id: string | null };
  readonly firstAt: string;
  readonly lastAt: string;
  /** Times that media was about to be sent; more than were served when a process ended before it could note what was. */
  readonly opened: number;
  /** Requests that were answered with media; one sitting makes several. */
  readonly served: number;
  /** Of these, the ones that were answered with the original. */
  readonly originals: number;
  /** Exports that began. */
  readonly exports: number;
  /** Pictures and spectrograms of segments. */
  readonly stills: number;
  /** Signed documents of the lesson that were read. They belong to the lesson, so to each of its recordings. */
  readonly documents: number;
  /** Roughly which seconds were served, joined: `[from, until]`. */
  readonly seconds: [number, number][];
}

/** "Who saw this recording?" Policy P4. @throws Refusal `NOT_FOUND`. */
export async function readViewers(outside: Needs, caller: Caller, recordingId: Id) {
  const { database } = outside;
  const recording = await database.read.recording.findUnique({
    where: { id: recordingId },
    select: { lessonId: true },
  });
  if (!recording) throw new Refusal('NOT_FOUND');
  const checkpoint = await integrateLog(outside);
  const accesses = await findAccesses(database.read, { id: recordingId, lessonId: recording.lessonId }, checkpoint);
  await noteReading(outside, caller, {
    action: 'audit.read',
    outcome: 'done',
    object: { kind: 'recording', id: recordingId, recordingId, lessonId: recording.lessonId },
    details: { filter: {}, question: 'viewers' },
  });
  const pseudonyms = accesses.flatMap(({ actor }) => (actor.id === null ? [] : [actor.id]));
  return {
    recordingId,
    accesses,
    persons: await resolvePersons(database.read, pseudonyms),
    checkpoint: shown(checkpoint),
  };
}

/** Everybody to whom something of a recording went: its media, a part of it, or a document of its lesson; the last first. */
export async function findAccesses(
  read: Database['read'],
  recording: { readonly id: Id; readonly lessonId: Id },
  { size }: Pick<SignedCheckpoint, 'size'>,
): Promise<Access[]> {
  const rows = await read.$queryRaw<
    {
      kind: string;
      id: string | null;
      first: string;
      last: string;
      opened: bigint;
      served: bigint;
      originals: bigint;
      exports: bigint;
      stills: bigint;
      documents: bigint;
      seconds: string | null;
    }[]
  >`
    SELECT a.e #>> '{actor,kind}' AS kind, a.e #>> '{actor,id}' AS id, min(a.at) AS first, max(a.at) AS last,
           count(*) FILTER (WHERE a.action = 'media.opened') AS opened,
           count(*) FILTER (WHERE a.action IN ('media.served', 'media.stopped')) AS served,
           count(*) FILTER (WHERE a.action IN ('media.served', 'media.stopped')
                              AND a.e #>> '{object,kind}' = 'recording') AS originals,
           count(*) FILTER (WHERE a.action = 'recording.exported' AND a.e #>> '{details,stage}' = 'begun') AS exports,
           count(*) FILTER (WHERE a.action = 'segment.shown') AS stills,
           count(*) FILTER (WHERE a.action = 'permission.document_read') AS documents,
           range_agg(int4range((a.e #>> '{details,served,aboutSeconds,0}')::int,
                               (a.e #>> '{details,served,aboutSeconds,1}')::int, '[]'))
             FILTER (WHERE a.action IN ('media.served', 'media.stopped'))::text AS seconds
      FROM (SELECT e.at, e.action, t.canonical::jsonb AS e
              FROM audit_entry e JOIN audit_arrival t USING (arrival)
             WHERE e.recording_id = ${recording.id} AND e.seq <= ${size}
               AND e.action IN ('media.opened', 'media.served', 'media.stopped', 'recording.exported', 'segment.shown')
            UNION ALL
            SELECT e.at, e.action, t.canonical::jsonb AS e
              FROM audit_entry e JOIN audit_arrival t USING (arrival)
             WHERE e.lesson_id = ${recording.lessonId} AND e.seq <= ${size}
               AND e.action = 'permission.document_read') a
     GROUP BY 1, 2
     ORDER BY last DESC`;
  return rows.map(({ kind, id, first, last, seconds, ...counts }) => ({
    actor: { kind, id },
    firstAt: first,
    lastAt: last,
    opened: Number(counts.opened),
    served: Number(counts.served),
    originals: Number(counts.originals),
    exports: Number(counts.exports),
    stills: Number(counts.stills),
    documents: Number(counts.documents),
    // PostgreSQL writes whole numbers half open: {[0,9),[20,31)}
    seconds: Array.from((seconds ?? '').matchAll(/\[(\d+),(\d+)\)/g), ([, from, until]) => [
      Number(from),
      Number(until) - 1,
    ]),
  }));
}

/**
 * "What happened to this child's data?": the lessons with them, their permissions and recordings, and every entry that names
 * them or concerns one of these lessons. By name, each lesson has a participant of its own: same names may be different
 * children, and the answer says which lessons it took. Policy P4, P11. @throws Refusal `NOT_FOUND`.
 */
export async function readParticipant(
  outside: Needs,
  caller: Caller,
  who: { readonly id?: Id | undefined; readonly name?: string | undefined },
  page: { cursor?: string | undefined; limit: number; language: 'tr' | 'en' },
) {
  const { database } = outside;
  const { participants, scope } = await findParticipants(database.read, who);
  const query = await AuditQuery.of(database.read, {}, scope);
  const checkpoint = await integrateLog(outside);
  const answer = await readPage(outside, query, checkpoint, page);
  await noteReading(outside, caller, {
    action: 'audit.read',
    outcome: 'done',
    object: { kind: 'participant', id: participants[0]!.id, lessonId: participants[0]!.lesson.id },
    details: { filter: {}, question: 'participant' },
  });
  return { participants, ...answer };
}

/** @throws Refusal `NOT_FOUND`. */
export async function findParticipants(
  read: Database['read'],
  { id, name }: { readonly id?: Id | undefined; readonly name?: string | undefined },
) {
  const names = name === undefined ? [] : [name, name.toLocaleLowerCase('tr'), name.toLocaleUpperCase('tr')];
  const rows = await read.participant.findMany({
    where:
      id === undefined ? { OR: names.map((one) => ({ name: { equals: one, mode: 'insensitive' as const } })) } : { id },
    orderBy: { addedAt: 'asc' },
    take: 1_000,
    select: {
      id: true,
      name: true,
      kind: true,
      isMinor: true,
      lesson: {
        select: {
          id: true,
          title: true,
          plannedStart: true,
          recordings: { select: { id: true, state: true }, where: { state: { not: 'receiving' } } },
        },
      },
      permissions: {
        select: { id: true, status: true, purposes: true, signedAt: true, validUntil: true, documentSha256: true },
        orderBy: { createdAt: 'asc' },
      },
    },
  });
  if (rows.length === 0) throw new Refusal('NOT_FOUND');
  const pseudonyms = await pseudonymsOf(
    read,
    rows.map((row) => row.id),
  );
  const scope: AuditScope = {
    persons: [...pseudonyms.values()],
    lessons: [...new Set(rows.map(({ lesson }) => lesson.id))],
    recordings: [...new Set(rows.flatMap(({ lesson }) => lesson.recordings.map((recording) => recording.id)))],
  };
  return { participants: rows.map((row) => ({ ...row, pseudonym: pseudonyms.get(row.id) ?? null })), scope };
}
