import type { IntegrityKind } from '../../domain/integrity.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { Outside } from '../ports/outside.ts';
import { ownerOf, owners } from './note-scrub.ts';

/** What is damaged or missing now, and the progress of the scrub. */
export async function getIntegrity({ database }: Pick<Outside, 'database'>) {
  const faults = await database.read.objectScrub.findMany({
    where: { faultCode: { not: null } },
    include: { sealed: { include: owners } },
    orderBy: { faultSince: 'asc' },
    take: 500,
  });
  const lastOf = (kind: IntegrityKind) =>
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
        code: mustHave(row.faultCode, 'fault in a row that was asked for because of it'),
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
