import type { Caller, Outside } from '../ports.ts';
import { beginScrubWhenDue, ownerOf, withOwners } from './scrub-objects.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'logSigner' | 'clock' | 'settings'>;

/** What is damaged or missing now, and how far the readings are. */
export async function getIntegrity({ database }: Pick<Needs, 'database'>) {
  const faults = await database.read.objectScrub.findMany({
    where: { faultCode: { not: null } },
    include: { sealed: { include: withOwners } },
    orderBy: { faultSince: 'asc' },
    take: 500,
  });
  const lastOf = (kind: string) =>
    database.read.integrityRun.findFirst({ where: { kind }, orderBy: { startedAt: 'desc' } });
  const [scrub, reconcile] = [await lastOf('scrub'), await lastOf('reconcile')];
  return {
    faults: faults.map((row) => {
      const owner = ownerOf(row.sealed);
      return {
        sealedId: row.sealedId,
        key: row.sealed.bodyKey,
        kind: owner?.kind ?? 'sealed_object',
        recordingId: owner?.recordingId ?? null,
        lessonId: owner?.lessonId ?? null,
        code: row.faultCode!,
        detail: row.faultDetail ?? '',
        since: row.faultSince ?? row.scrubbedAt,
        lookedAt: row.scrubbedAt,
      };
    }),
    objects: await database.read.sealedObject.count(),
    neverRead: await database.read.sealedObject.count({ where: { scrub: { is: null } } }),
    scrub: scrub && { ...scrub, bytes: Number(scrub.bytes) },
    reconcile: reconcile && { ...reconcile, bytes: Number(reconcile.bytes) },
  };
}

/** Begins a pass now, when none is under way. */
export async function startScrub(outside: Needs, caller: Caller): Promise<void> {
  await beginScrubWhenDue(outside, true);
  await outside.database.transact(caller, (tx) => tx.log({ action: 'scrub.started', outcome: 'done' }));
}

/** For the metrics: what is damaged, and how long ago the object was read that was not read for longest. */
export async function measureIntegrity({ database, clock }: Pick<Needs, 'database' | 'clock'>) {
  const faults = await database.read.objectScrub.count({ where: { faultCode: { not: null } } });
  // One that was never read counts from when it was sealed.
  const rows = await database.read.$queryRaw<{ oldest: Date | null; bytes: bigint | null }[]>`
    SELECT min(COALESCE(s."scrubbedAt", o."sealedAt")) AS oldest,
           (SELECT sum(bytes)::bigint FROM integrity_run WHERE kind = 'scrub') AS bytes
    FROM sealed_object o LEFT JOIN object_scrub s ON s."sealedId" = o.id`;
  const { oldest, bytes } = rows[0]!;
  return {
    faults,
    oldestSeconds: oldest === null ? 0 : Math.max(0, (clock().getTime() - oldest.getTime()) / 1000),
    bytes: Number(bytes ?? 0),
  };
}
