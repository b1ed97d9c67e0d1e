import { mustHave } from '../../domain/must-have.ts';
import type { Outside } from '../ports/outside.ts';

/** For the metrics: what is damaged, and the age of the least recently scrubbed object. */
export async function measureIntegrity({ database, clock }: Pick<Outside, 'database' | 'clock'>) {
  const faults = await database.read.objectScrub.count({ where: { faultCode: { not: null } } });
  // One that was never read counts from when it was sealed.
  const [row] = await database.read.$queryRaw<{ oldest: Date | null; bytes: bigint | null }[]>`
    SELECT min(COALESCE(s."scrubbedAt", o."sealedAt")) AS oldest,
           (SELECT sum(bytes)::bigint FROM integrity_run WHERE kind = 'scrub') AS bytes
    FROM sealed_object o LEFT JOIN object_scrub s ON s."sealedId" = o.id`;
  const { oldest, bytes } = mustHave(row, 'row of an aggregate');
  return {
    faults,
    oldestSeconds: oldest === null ? 0 : Math.max(0, (clock().getTime() - oldest.getTime()) / 1000),
    bytes: Number(bytes ?? 0),
  };
}
