import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkPrints } from '../../src/pipeline/review/print-work.ts';
import { type CatalogWork, readCatalog } from '../eval/registry.ts';
import { loadSoundMaterial } from '../eval/sound-cases.ts';
import { addPrints } from '../support/works.ts';
import { type BenchDatabase, startBenchDatabase } from './bench-database.ts';
import { picturesOf, soundOf } from './check.ts';
import { fillRegistry, settleRegistry } from './fill-registry.ts';
import { createWorkMaker, type WorkMaker } from './made-works.ts';
import { atMost, type Bench, type BenchOptions, median, type Row } from './measure.ts';
import { makeLesson, makeMedley, printCatalog, type Searched } from './searched.ts';
import { postmasterOf, type Used, watchUsage } from './usage.ts';

const mostGrowth = 3;

/** How long a search takes, and what it still finds, among 10, 1,000 and 100,000 works; the real works are among them. */
export const matching: Bench = {
  about: 'searching sound and pictures of a minute and of ten among 10, 1,000 and 100,000 works',
  async measure(options) {
    const { isQuick, folder, media } = options;
    const catalog = await readCatalog(media);
    const songs = catalog.filter(({ type }) => type === 'music').slice(0, isQuick ? 3 : 9);
    const film = catalog.find(({ type }) => type === 'film')!;
    const printed = await printCatalog(media, isQuick ? [film, ...songs] : catalog);
    const maker = createWorkMaker([...printed.values()]);
    const material = await loadSoundMaterial(media);
    const lessons: Searched[] = [];
    for (const minutes of isQuick ? [1] : [1, 10])
      lessons.push(await makeLesson(options, material, { song: songs[1]!, film, minutes }));
    const medleys = [
      await makeMedley(options, material, songs, false),
      await makeMedley(options, material, songs, true),
    ];
    const times = new Map<string, Map<number, Used>>();
    const rows: Row[] = [];
    const sizes = isQuick ? [10, 100, 1_000] : [10, 1_000, 100_000];
    for (const size of sizes) {
      const home = join(folder, String(size));
      await mkdir(home);
      const bench = await startBenchDatabase(home);
      try {
        const numbers = await register(bench, maker, printed, [film, ...songs], size);
        for (const [what, used] of await timed(options, bench, home, lessons, numbers, size))
          times.set(what, (times.get(what) ?? new Map<number, Used>()).set(size, used));
        for (const medley of medleys) rows.push(await recall(bench, medley, numbers, size));
      } finally {
        await bench.stop();
        await rm(home, { recursive: true });
      }
    }
    return [...[...times].flatMap(([what, bySize]) => growth(what, bySize)), ...rows];
  },
};

/** Made works, and the real ones behind them. */
async function register(
  bench: BenchDatabase,
  maker: WorkMaker,
  printed: ReadonlyMap<CatalogWork, WorkPrints>,
  real: readonly CatalogWork[],
  size: number,
): Promise<ReadonlyMap<CatalogWork, number>> {
  await fillRegistry(bench, maker, Math.max(0, size - real.length));
  const numbers = new Map<CatalogWork, number>();
  for (const work of real) numbers.set(work, await addPrints(bench.database, work.work, printed.get(work)!));
  await settleRegistry(bench);
  return numbers;
}

async function timed(
  { runs, say }: BenchOptions,
  { database }: BenchDatabase,
  home: string,
  lessons: readonly Searched[],
  numbers: ReadonlyMap<CatalogWork, number>,
  size: number,
): Promise<Map<string, Used>> {
  const found = new Map<string, Used>();
  for (const { name, listened, songs, film } of lessons)
    for (const [sense, search, wanted] of [
      ['sound', soundOf, songs[0]!],
      ['pictures', picturesOf, film!],
    ] as const) {
      // The first run is not counted: it warms what a server that has been up for a while has warm.
      const isFound = (await search(database.read, listened)).some(({ work }) => work === numbers.get(wanted));
      const all: Used[] = [];
      for (let run = 0; run < runs; run++) {
        const usage = watchUsage([process.pid, postmasterOf(home)]);
        await search(database.read, listened);
        all.push(usage.end());
      }
      const middle = {
        seconds: median(all.map(({ seconds }) => seconds)),
        cpuSeconds: median(all.map(({ cpuSeconds }) => cpuSeconds)),
      };
      const verdict = isFound ? 'found' : 'NOT FOUND';
      say(
        `  ${size} works, ${sense} of ${name}: ${middle.seconds.toFixed(2)} s, CPU ${middle.cpuSeconds.toFixed(2)} s, ${wanted.work} ${verdict}`,
      );
      found.set(`${sense} of ${name}`, middle);
    }
  return found;
}

function growth(what: string, bySize: ReadonlyMap<number, Used>): Row[] {
  const sizes = [...bySize.keys()];
  const peer = sizes[1]!;
  return sizes.flatMap((size) =>
    (['cpuSeconds', 'seconds'] as const).map((measure) => {
      const row = atMost(
        `search ${what}, ${size} works, ${measure === 'seconds' ? 'by the clock' : 'CPU'}`,
        bySize.get(size)![measure],
        's',
        undefined,
        { name: `${peer} works`, value: bySize.get(peer)![measure] },
      );
      return size === sizes.at(-1) ? { ...row, bar: `<= ${mostGrowth} x`, ok: row.ratio! <= mostGrowth } : row;
    }),
  );
}

/** How many of the real works are still heard. */
async function recall(
  { database }: BenchDatabase,
  { name, listened, songs }: Searched,
  numbers: ReadonlyMap<CatalogWork, number>,
  size: number,
): Promise<Row> {
  const found = new Set((await soundOf(database.read, listened)).map(({ work }) => work));
  const heard = songs.filter((song) => found.has(numbers.get(song)!)).length;
  const wrong = [...found].filter((work) => ![...numbers.values()].includes(work)).length;
  return atMost(
    `works ${name} that are found among ${size}, ${wrong} others wrongly`,
    heard,
    `of ${songs.length}`,
    undefined,
  );
}
