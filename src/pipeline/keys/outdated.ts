import type { Id } from '../../domain/ids.ts';
import type { Database, Keyring } from '../ports.ts';

export interface OutdatedObject {
  readonly id: Id;
  readonly bodyKey: string;
  readonly envelope: Uint8Array;
  readonly envelopeSha256: string;
}

/** Whom everything has to be wrapped for, as it stands in the rows: fingerprints, sorted. */
export function wantedRecipients({ recipients }: Pick<Keyring, 'recipients'>): string[] {
  return recipients.map(({ fingerprint }) => fingerprint).toSorted();
}

/** Sealed objects after `after` whose envelope is wrapped for others, in the order of their ids. A row that does not say is one. */
export function findOutdatedObjects(
  { read }: Database,
  wanted: readonly string[],
  after: Id | null,
  limit: number,
): Promise<OutdatedObject[]> {
  return read.$queryRaw<OutdatedObject[]>`
    SELECT id, "bodyKey", envelope, "envelopeSha256" FROM sealed_object
    WHERE recipients IS DISTINCT FROM ${wanted}::text[] AND (${after}::uuid IS NULL OR id > ${after}::uuid)
    ORDER BY id LIMIT ${limit}`;
}

/** Unfinished uploads whose key is wrapped for others. */
export function findOutdatedUploads({ read }: Database, wanted: readonly string[], after: Id | null, limit: number) {
  return read.$queryRaw<{ id: Id; wrappedKey: Uint8Array }[]>`
    SELECT id, "wrappedKey" FROM upload
    WHERE "wrappedKey" IS NOT NULL AND recipients IS DISTINCT FROM ${wanted}::text[]
      AND (${after}::uuid IS NULL OR id > ${after}::uuid)
    ORDER BY id LIMIT ${limit}`;
}

export async function countOutdated({ read }: Database, wanted: readonly string[]): Promise<number> {
  const rows = await read.$queryRaw<{ count: bigint }[]>`
    SELECT (SELECT count(*) FROM sealed_object WHERE recipients IS DISTINCT FROM ${wanted}::text[])
         + (SELECT count(*) FROM upload WHERE "wrappedKey" IS NOT NULL AND recipients IS DISTINCT FROM ${wanted}::text[])
      AS count`;
  return Number(rows[0]!.count);
}

/** How many envelopes and unfinished uploads are wrapped for a key. A row that does not say may be, and counts. */
export async function countWrappedFor({ read }: Database, fingerprint: string): Promise<number> {
  const rows = await read.$queryRaw<{ count: bigint }[]>`
    SELECT (SELECT count(*) FROM sealed_object WHERE recipients IS NULL OR recipients = '{}' OR ${fingerprint} = ANY(recipients))
         + (SELECT count(*) FROM upload WHERE "wrappedKey" IS NOT NULL
              AND (recipients IS NULL OR recipients = '{}' OR ${fingerprint} = ANY(recipients)))
      AS count`;
  return Number(rows[0]!.count);
}
