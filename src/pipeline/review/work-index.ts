import type { Postings } from '../../detection/candidates.ts';
import type { PlacedKey } from '../../detection/landmarks.ts';
import type { Outside, Transaction } from '../ports.ts';

type Reads = Outside['database']['read'];

/** What a key is taken from. */
export const keyKinds = { chromaprint: 0, landmark: 1, picture: 2 } as const;
export type KeyKind = keyof typeof keyKinds;

/** A work's number (4 bytes) and a place in it (2 bytes, units of 128 ms), little-endian. */
const postingBytes = 6;
/** Two hours and twenty minutes: what lies behind that is not indexed. */
const lastUnit = 0xffff;

/**
 * Adds the keys of one work to the index, in the transaction that registers it. Keys are written in their order, so that
 * two registrations at once wait for each other and never hold each other up.
 */
export async function indexWork(
  { db }: Transaction,
  work: number,
  kind: KeyKind,
  keys: readonly PlacedKey[],
): Promise<void> {
  const placed = Map.groupBy(
    keys.filter(({ unit }) => unit <= lastUnit),
    ({ key }) => key,
  );
  const ordered = [...placed.keys()].sort((a, b) => a - b);
  const units = ordered.map((key) => [...new Set(placed.get(key)!.map(({ unit }) => unit))]);
  const postings = Buffer.alloc(units.reduce((sum, each) => sum + each.length, 0) * postingBytes);
  const offsets: number[] = [];
  let at = 0;
  for (const each of units) {
    offsets.push(at + 1);
    for (const unit of each) {
      postings.writeUInt32LE(work, at);
      postings.writeUInt16LE(unit, at + 4);
      at += postingBytes;
    }
  }
  await db.$executeRaw`
    INSERT INTO work_key (kind, key, places, postings)
    SELECT ${keyKinds[kind]}::smallint, key, places, substring(${postings}::bytea FROM place FOR places * ${postingBytes})
    FROM unnest(${ordered}::int[], ${units.map((each) => each.length)}::int[], ${offsets}::int[]) AS added (key, places, place)
    ORDER BY key
    ON CONFLICT (kind, key) DO UPDATE
      SET places = work_key.places + excluded.places, postings = work_key.postings || excluded.postings`;
}

/**
 * What the index holds for some keys, at most `mostPlaces` places in all: keys that stand in fewest works first, since
 * they say most. The time this takes does not grow with the registry.
 */
export async function findPostings(
  read: Reads,
  kind: KeyKind,
  keys: readonly number[],
  mostPlaces: number,
): Promise<Map<number, Postings>> {
  const [row] = await read.$queryRaw<{ keys: number[] | null; places: number[] | null; postings: Uint8Array | null }[]>`
    WITH chosen AS (
      SELECT key FROM (
        SELECT key, sum(places) OVER (ORDER BY places, key) AS running
        FROM work_key WHERE kind = ${keyKinds[kind]}::smallint AND key = ANY(${keys}::int[])
      ) AS counted WHERE running <= ${mostPlaces}
    )
    SELECT array_agg(key ORDER BY key) AS keys, array_agg(places ORDER BY key) AS places,
      string_agg(postings, '' ORDER BY key) AS postings
    FROM work_key JOIN chosen USING (key) WHERE kind = ${keyKinds[kind]}::smallint`;
  const found = new Map<number, Postings>();
  if (!row?.keys || !row.places || !row.postings) return found;
  const view = new DataView(row.postings.buffer, row.postings.byteOffset, row.postings.byteLength);
  let at = 0;
  for (const [index, key] of row.keys.entries()) {
    const places = row.places[index]!;
    const postings = { works: new Uint32Array(places), units: new Uint16Array(places) };
    for (let place = 0; place < places; place++, at += postingBytes) {
      postings.works[place] = view.getUint32(at, true);
      postings.units[place] = view.getUint16(at + 4, true);
    }
    found.set(key, postings);
  }
  return found;
}
