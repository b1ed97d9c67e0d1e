import type { Id } from '../../domain/ids.ts';
import type { Database } from '../ports/database.ts';
import type { SignedCheckpoint } from './integrate-log.ts';

/** What one person has seen of a recording or taken away. */
export interface Access {
  readonly actor: { readonly kind: string; readonly id: string | null };
  readonly firstAt: string;
  readonly lastAt: string;
  /** How often media was about to be sent. It exceeds what was served if a process ended before it could log that. */
  readonly opened: number;
  /** Requests that were answered with media; one sitting makes several. */
  readonly served: number;
  /** Of these, the ones that were answered with the original. */
  readonly originals: number;
  /** Exports that began. */
  readonly exports: number;
  /** Pictures and spectrograms of segments, and waveforms and thumbnails of the original. */
  readonly stills: number;
  /** Signed documents of the lesson that were read. They belong to the lesson, so to each of its recordings. */
  readonly documents: number;
  /** Roughly which seconds were served, joined: `[from, until]`. */
  readonly seconds: [number, number][];
}

/**
 * Everybody who received something of a recording: its media, a part of it, or a document of its lesson; the last
 * first.
 */
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
           count(*) FILTER (WHERE a.action IN ('segment.shown', 'recording.overview_shown')) AS stills,
           count(*) FILTER (WHERE a.action = 'permission.document_read') AS documents,
           range_agg(int4range((a.e #>> '{details,served,aboutSeconds,0}')::int,
                               (a.e #>> '{details,served,aboutSeconds,1}')::int, '[]'))
             FILTER (WHERE a.action IN ('media.served', 'media.stopped'))::text AS seconds
      FROM (SELECT e.at, e.action, t.canonical::jsonb AS e
              FROM audit_entry e JOIN audit_arrival t USING (arrival)
             WHERE e.recording_id = ${recording.id} AND e.seq <= ${size}
               AND e.action IN ('media.opened', 'media.served', 'media.stopped', 'recording.exported', 'segment.shown', 'recording.overview_shown')
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
