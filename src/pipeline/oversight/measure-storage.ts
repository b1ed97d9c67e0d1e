import { type StorageKind, storageKinds } from '../../domain/storage-kind.ts';
import type { Outside } from '../ports/outside.ts';

/**
 * How many objects the database knows in the store, and how large they are, by what they are. The store itself is not asked:
 * what it has beyond that is found by the comparison of both (`reconcile-objects.ts`).
 */
export async function measureStorage({ database: { read } }: Pick<Outside, 'database'>) {
  const rows = await read.$queryRaw<{ kind: StorageKind; objects: number; bytes: bigint }[]>`
    SELECT kind, count(*)::int AS objects, COALESCE(sum(bytes), 0)::bigint AS bytes FROM (
      SELECT sealed_object."bodyBytes" AS bytes, CASE
        WHEN recording.id IS NOT NULL THEN 'recording'
        WHEN rendition.id IS NOT NULL THEN 'rendition'
        WHEN permission.id IS NOT NULL THEN 'document'
        WHEN terms.digest IS NOT NULL THEN 'terms'
        WHEN scan_page.id IS NOT NULL THEN 'scan_page'
        WHEN attendance_report.id IS NOT NULL THEN 'attendance'
        WHEN EXISTS (SELECT FROM captions_version v WHERE sealed_object.id IN (v."sealedId", v."fileId")) THEN 'captions'
        ELSE 'other' END AS kind
      FROM sealed_object
        LEFT JOIN recording ON recording."sealedId" = sealed_object.id
        LEFT JOIN rendition ON rendition."sealedId" = sealed_object.id
        LEFT JOIN permission ON permission."documentId" = sealed_object.id
        LEFT JOIN terms ON terms."sealedId" = sealed_object.id
        LEFT JOIN scan_page ON scan_page."sealedId" = sealed_object.id
        LEFT JOIN attendance_report ON attendance_report."sealedId" = sealed_object.id
      UNION ALL SELECT bytes, 'upload' FROM upload_part
    ) AS objects GROUP BY kind`;
  const items = storageKinds.map((kind) => {
    const found = rows.find((row) => row.kind === kind);
    return { kind, objects: found?.objects ?? 0, bytes: Number(found?.bytes ?? 0n) };
  });
  return {
    items,
    objects: items.reduce((sum, { objects }) => sum + objects, 0),
    bytes: items.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
