import type { Id } from '../../domain/ids.ts';
import { mustHave } from '../../domain/must-have.ts';
import { currentEpoch } from '../core/envelope-lock.ts';
import type { Database } from '../ports/database.ts';
import type { Keyring } from '../ports/keyring.ts';

export interface OutdatedObject {
  readonly id: Id;
  readonly bodyKey: string;
  readonly envelope: Uint8Array;
  readonly envelopeSha256: string;
  /** Of its lock; 0 when it has none. */
  readonly epoch: number;
  readonly recipients: readonly string[] | null;
  readonly commitment: string;
  readonly salt: Uint8Array;
}

/** What every row has to say: for whom its session key is wrapped (fingerprints, sorted), under which epoch its envelope lies. */
export interface Wanted {
  readonly recipients: readonly string[];
  readonly epoch: number;
}

export function wantedOf(keyring: Pick<Keyring, 'recipients' | 'epochs'>): Wanted {
  return { recipients: wantedRecipients(keyring), epoch: currentEpoch(keyring).epoch };
}

/** Whom everything has to be wrapped for, as it stands in the rows: fingerprints, sorted. */
export function wantedRecipients({ recipients }: Pick<Keyring, 'recipients'>): string[] {
  return recipients.map(({ fingerprint }) => fingerprint).toSorted();
}

/** Sealed objects after `after` whose envelope is wrapped for others or not locked under this epoch, in the order of their ids. A row that does not say is one. */
export function findOutdatedObjects(
  { read }: Database,
  wanted: Wanted,
  after: Id | null,
  limit: number,
): Promise<OutdatedObject[]> {
  return read.$queryRaw<OutdatedObject[]>`
    SELECT id, "bodyKey", envelope, "envelopeSha256", epoch, recipients, commitment, salt FROM sealed_object
    WHERE (recipients IS DISTINCT FROM ${wanted.recipients}::text[] OR epoch <> ${wanted.epoch}) AND (${after}::uuid IS NULL OR id > ${after}::uuid)
    ORDER BY id LIMIT ${limit}`;
}

/** Unfinished uploads whose key is wrapped for others or not locked under this epoch. */
export function findOutdatedUploads({ read }: Database, wanted: Wanted, after: Id | null, limit: number) {
  return read.$queryRaw<{ id: Id; wrappedKey: Uint8Array; epoch: number }[]>`
    SELECT id, "wrappedKey", epoch FROM upload
    WHERE "wrappedKey" IS NOT NULL
      AND (recipients IS DISTINCT FROM ${wanted.recipients}::text[] OR epoch <> ${wanted.epoch})
      AND (${after}::uuid IS NULL OR id > ${after}::uuid)
    ORDER BY id LIMIT ${limit}`;
}

export async function countOutdated({ read }: Database, wanted: Wanted): Promise<number> {
  const [row] = await read.$queryRaw<{ count: bigint }[]>`
    SELECT (SELECT count(*) FROM sealed_object
              WHERE recipients IS DISTINCT FROM ${wanted.recipients}::text[] OR epoch <> ${wanted.epoch})
         + (SELECT count(*) FROM upload
              WHERE "wrappedKey" IS NOT NULL
                AND (recipients IS DISTINCT FROM ${wanted.recipients}::text[] OR epoch <> ${wanted.epoch}))
         + (SELECT count(*) FROM people_key WHERE recipients IS DISTINCT FROM ${wanted.recipients}::text[])
      AS count`;
  return Number(mustHave(row, 'row of a count').count);
}

/** How many envelopes and unfinished uploads are wrapped for a key. A row that does not say may be, and counts. */
export async function countWrappedFor({ read }: Database, fingerprint: string): Promise<number> {
  const [row] = await read.$queryRaw<{ count: bigint }[]>`
    SELECT (SELECT count(*) FROM sealed_object WHERE recipients IS NULL OR recipients = '{}' OR ${fingerprint} = ANY(recipients))
         + (SELECT count(*) FROM upload WHERE "wrappedKey" IS NOT NULL
              AND (recipients IS NULL OR recipients = '{}' OR ${fingerprint} = ANY(recipients)))
         + (SELECT count(*) FROM people_key WHERE recipients = '{}' OR ${fingerprint} = ANY(recipients))
      AS count`;
  return Number(mustHave(row, 'row of a count').count);
}
