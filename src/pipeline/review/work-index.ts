import type { Postings } from '../../detection/candidates.ts';
import { descriptorWords } from '../../detection/keypoints/descriptor.ts';
import type { PlacedKey } from '../../detection/landmarks.ts';
import { lowWords, type PicturePostings } from '../../detection/picture-candidates.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';

type Reads = Outside['database']['read'];

/** The kind of feature that a key is taken from. */
export const keyKinds = { chromaprint: 0, landmark: 1, picture: 2, triple: 3, keypoint: 4 } as const;
export type KeyKind = keyof typeof keyKinds;
export type PictureKind = 'picture' | 'keypoint';
export type SoundKind = Exclude<KeyKind, PictureKind>;

/**
 * A key of a picture or of a keypoint, with the low bits of its hash or its descriptor: by them, most places of a key are
 * told to be another one. The unit of a keypoint is its size and place (`packSpot`).
 */
export interface PlacedPicture extends PlacedKey {
  readonly low: Uint32Array;
}

/** A work's number (4 bytes) and a place in it (2 bytes, units of 128 ms), little-endian; of a picture, its low bits too. */
export const postingBytes = {
  ...{ chromaprint: 6, landmark: 6, triple: 6 },
  ...{ picture: 6 + lowWords * 4, keypoint: 6 + descriptorWords * 4 },
} as const;
/** Two hours and twenty minutes: the rest of a longer work is not indexed. */
export const lastUnit = 0xffff;

/**
 * Adds the keys of one work to the index, in the transaction that registers it. Keys of a kind are written in their order, so that
 * two registrations at once wait for each other and never hold each other up.
 */
export async function indexWork(
  { db }: Transaction,
  work: number,
  keys: Readonly<Record<KeyKind, readonly (PlacedKey | PlacedPicture)[]>>,
): Promise<void> {
  for (const kind of Object.keys(keyKinds) as KeyKind[]) {
    const placed = Map.groupBy(
      keys[kind].filter(({ unit }) => unit <= lastUnit),
      ({ key }) => key,
    );
    const ordered = [...placed].sort(([a], [b]) => a - b);
    // A key that comes twice in a unit has one place there.
    const places = ordered.map(([, all]) => [...new Map(all.map((each) => [each.unit, each])).values()]);
    const size = postingBytes[kind];
    const postings = Buffer.alloc(places.reduce((sum, each) => sum + each.length, 0) * size);
    const offsets: number[] = [];
    let at = 0;
    for (const each of places) {
      offsets.push(at + 1);
      for (const place of each) {
        postings.writeUInt32LE(work, at);
        postings.writeUInt16LE(place.unit, at + 4);
        if ('low' in place)
          for (const [word, bits] of place.low.entries()) postings.writeUInt32LE(bits, at + 6 + 4 * word);
        at += size;
      }
    }
    await db.$executeRaw`
      INSERT INTO work_key (kind, key, places, postings)
      SELECT ${keyKinds[kind]}::smallint, key, places, substring(${postings}::bytea FROM place FOR places * ${size})
      FROM unnest(${ordered.map(([key]) => key)}::int[], ${places.map((each) => each.length)}::int[], ${offsets}::int[]) AS added (key, places, place)
      ORDER BY key
      ON CONFLICT ("schoolId", kind, key) DO UPDATE
        SET places = work_key.places + excluded.places, postings = work_key.postings || excluded.postings`;
  }
}

/** The postings of some keys of sounds; see `readKeys`. */
export async function findPostings(
  read: Reads,
  kind: SoundKind,
  keys: readonly number[],
  mostPlaces: number,
): Promise<Map<number, Postings>> {
  const { found } = await readKeys(read, kind, keys, mostPlaces);
  return found;
}

/** The postings of some keys of pictures or keypoints; see `readKeys`. */
export async function findPicturePostings(
  read: Reads,
  kind: PictureKind,
  keys: readonly number[],
  mostPlaces: number,
): Promise<Map<number, PicturePostings>> {
  const { found, view } = await readKeys(read, kind, keys, mostPlaces);
  const words = (postingBytes[kind] - 6) / 4;
  let at = 6;
  return new Map(
    [...found].map(([key, postings]) => {
      const lows = new Uint32Array(words * postings.works.length);
      for (let place = 0; place < postings.works.length; place++, at += postingBytes[kind])
        for (let word = 0; word < words; word++) lows[place * words + word] = view.getUint32(at + 4 * word, true);
      return [key, { ...postings, lows }] as const;
    }),
  );
}

/**
 * The postings of some keys, at most `mostPlaces` places in all: keys of the fewest works first, since they say most.
 * The time this takes does not grow with the registry. `view` is over all postings as they are kept, in the order of
 * `found`.
 */
async function readKeys(
  read: Reads,
  kind: KeyKind,
  keys: readonly number[],
  mostPlaces: number,
): Promise<{ found: Map<number, Postings>; view: DataView }> {
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
  const bytes = row?.postings ?? new Uint8Array();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  for (const [index, key] of (row?.keys ?? []).entries()) {
    const places = mustHave(row?.places?.[index], 'count of the places of a key');
    const postings = { works: new Uint32Array(places), units: new Uint16Array(places) };
    for (let place = 0; place < places; place++, at += postingBytes[kind]) {
      postings.works[place] = view.getUint32(at, true);
      postings.units[place] = view.getUint16(at + 4, true);
    }
    found.set(key, postings);
  }
  return { found, view };
}
