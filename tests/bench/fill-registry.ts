import { type KeyKind, keyKinds, postingBytes } from '../../src/pipeline/review/work-index.ts';
import { chromaprintToBytes, picturesToBytes, soundToBytes } from '../../src/pipeline/review/work-prints.ts';
import type { BenchDatabase } from './bench-database.ts';
import type { WorkMaker } from './made-works.ts';

const kinds = Object.keys(keyKinds) as KeyKind[];
/** Keys of this many values are written with one statement. */
const sliceKeys = 8_192;
const slices = 2 ** 25 / sliceKeys;
/** What `indexWork` writes for a place, in words of 16 bits, on a little-endian machine. */
const postingWords = kinds.map((kind) => postingBytes[kind] / 2);

/**
 * Fills an empty registry with the works that a maker makes of the numbers 1 to `count`. The rows are those that
 * registering one work after the other leaves, written in bulk: the index is put together in memory, 4 GiB for 100,000
 * works of a minute, and its table is not logged while the figures are taken.
 */
export async function fillRegistry(bench: BenchDatabase, maker: WorkMaker, count: number): Promise<void> {
  await bench.asOwner('ALTER TABLE work_key SET UNLOGGED');
  for (let first = 1; first <= count; first += 500) await addRows(bench, maker, first, Math.min(count, first + 499));
  await bench.asOwner(`SELECT setval(pg_get_serial_sequence('work', 'number'), $1::bigint + 1, false)`, [count]);
  await addIndex(bench, maker, count);
}

/** As autovacuum does in time: then keys are counted in the index alone. */
export async function settleRegistry(bench: BenchDatabase): Promise<void> {
  await bench.asOwner('VACUUM (ANALYZE) work_key');
  await bench.asOwner('VACUUM (ANALYZE) work');
}

async function addRows(bench: BenchDatabase, maker: WorkMaker, first: number, last: number): Promise<void> {
  const numbers = Array.from({ length: last - first + 1 }, (_, at) => first + at);
  const prints = numbers.map((number) => maker.prints(number));
  const columns = [
    prints.map(({ chromaprint }) => chromaprint && chromaprintToBytes(chromaprint)),
    prints.map(({ peaks }) => peaks && soundToBytes(peaks)),
    prints.map(({ pictures }) => pictures && picturesToBytes(pictures)),
  ].map((values) => ({
    all: Buffer.concat(values.map((value) => value ?? new Uint8Array())),
    sizes: values.map((value) => value?.length ?? null),
    starts: startsOf(values.map((value) => value?.length ?? 0)),
  }));
  const bytesAt = (column: number) => `substring($${6 + 3 * column}::bytea FROM start${column} FOR size${column})`;
  const arrays = columns.map((_, at) => `$${4 + 3 * at}::int[], $${5 + 3 * at}::int[]`);
  await bench.asOwner(
    `INSERT INTO work (id, number, kind, title, "rightsHolder", sha256, "durationMs", "registeredById", chromaprint, sound, pictures)
     SELECT gen_random_uuid(), number, kind::"WorkKind", 'Made work ' || number, 'Nobody', 'made ' || number, ms, 'bench',
       ${columns.map((_, at) => bytesAt(at)).join(', ')}
     FROM unnest($1::int[], $2::text[], $3::int[], ${arrays.join(', ')})
       AS made (number, kind, ms, size0, start0, size1, start1, size2, start2)`,
    [
      numbers,
      prints.map(({ kind }) => kind),
      prints.map(({ durationMs }) => Math.round(durationMs)),
      ...columns.flatMap(({ sizes, starts, all }) => [sizes, starts, all]),
    ],
  );
}

/** Two passes: how often each key stands anywhere, then where. */
async function addIndex(bench: BenchDatabase, maker: WorkMaker, count: number): Promise<void> {
  const places = kinds.map(() => new Uint32Array(slices * sliceKeys));
  for (let number = 1; number <= count; number++)
    maker.keys(number, (kind, key) => {
      places[keyKinds[kind]]![key]! += 1;
    });
  const filled = places.map((of, kind) => {
    const next = new Uint32Array(of.length);
    const postings = Array.from({ length: slices }, (_, slice) => {
      let sum = 0;
      for (let key = slice * sliceKeys; key < (slice + 1) * sliceKeys; key++) {
        next[key] = sum * postingWords[kind]!;
        sum += of[key]!;
      }
      return new Uint16Array(sum * postingWords[kind]!);
    });
    return { next, postings };
  });
  for (let number = 1; number <= count; number++)
    maker.keys(number, (kind, key, unit, low = new Uint32Array()) => {
      const { next, postings } = filled[keyKinds[kind]]!;
      const slice = postings[Math.floor(key / sliceKeys)]!;
      const at = next[key]!;
      const words = [number & 0xffff, number >>> 16, unit, ...new Uint16Array(low.slice().buffer)];
      slice.set(words, at);
      next[key] = at + words.length;
    });
  for (const [kind, { postings }] of filled.entries())
    for (const [slice, words] of postings.entries())
      if (words.length > 0) await addSlice(bench, kind, slice, places[kind]!, words);
}

async function addSlice(bench: BenchDatabase, kind: number, slice: number, places: Uint32Array, words: Uint16Array) {
  const keys = Array.from({ length: sliceKeys }, (_, at) => slice * sliceKeys + at).filter((key) => places[key]! > 0);
  const counts = keys.map((key) => places[key]!);
  const bytesEach = postingWords[kind]! * 2;
  await bench.asOwner(
    `INSERT INTO work_key (kind, key, places, postings)
     SELECT $1::smallint, key, places, substring($2::bytea FROM start FOR places * ${bytesEach})
     FROM unnest($3::int[], $4::int[], $5::int[]) AS made (key, places, start) ORDER BY key`,
    [kind, Buffer.from(words.buffer), keys, counts, startsOf(counts.map((each) => each * bytesEach))],
  );
}

/** Where each of several pieces begins when they follow one another; the first byte is byte 1, as in SQL. */
function startsOf(sizes: readonly number[]): number[] {
  let start = 1;
  return sizes.map((size) => {
    start += size;
    return start - size;
  });
}
