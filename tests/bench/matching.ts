import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFfmpegTools } from '../../src/adapters/ffmpeg/ffmpeg-tools.ts';
import { printWork, type WorkPrints } from '../../src/pipeline/review/print-work.ts';
import { lecturesOf } from '../eval/picture-cases.ts';
import { type CatalogWork, readCatalog, readSource } from '../eval/registry.ts';
import { atLevel, mixRate, seeded, throughFfmpeg } from '../eval/sound.ts';
import { loadSoundMaterial, speechBed } from '../eval/sound-cases.ts';
import { addPrints } from '../support/works.ts';
import { startBenchDatabase } from './bench-database.ts';
import { listen, picturesOf, soundOf } from './check.ts';
import { fillRegistry, settleRegistry } from './fill-registry.ts';
import { createWorkMaker } from './made-works.ts';
import { atMost, type Bench, type BenchOptions, median, type Row } from './measure.ts';
import { postmasterOf, type Used, watchUsage } from './usage.ts';

const mostGrowth = 3;
/** Where the real work and the film are in the recording that is searched, in seconds. */
const at = { start: 20, seconds: 20 };

/** How long a search takes among 10, 1,000 and 100,000 works on a real PostgreSQL; the real works are among them. */
export const matching: Bench = {
  about: 'searching sound and pictures of a minute and of ten among 10, 1,000 and 100,000 works',
  async measure(options) {
    const { isQuick, folder, media, say } = options;
    const catalog = await readCatalog(media);
    const [song, film] = [catalog.find(({ type }) => type === 'music')!, catalog.find(({ type }) => type === 'film')!];
    const printed = new Map<CatalogWork, WorkPrints>();
    const tools = createFfmpegTools();
    for (const work of catalog)
      printed.set(
        work,
        await printWork(tools, await readSource(join(media, work.file)), { signal: AbortSignal.timeout(120_000) }),
      );
    const maker = createWorkMaker([...printed.values()]);
    const recordings = [];
    for (const minutes of isQuick ? [1] : [1, 10]) {
      recordings.push({
        minutes,
        listened: await listen(await readSource(await makeRecording(options, song, film, minutes))),
      });
      say(`  a recording of ${minutes} min is there`);
    }
    const sizes = isQuick ? [10, 100, 1_000] : [10, 1_000, 100_000];
    const taken = new Map<string, Map<number, Used>>();
    for (const size of sizes) {
      const home = join(folder, String(size));
      await mkdir(home);
      const bench = await startBenchDatabase(home);
      try {
        const real = [song, film, ...catalog.filter((work) => work !== song && work !== film)].slice(0, size);
        await fillRegistry(bench, maker, size - real.length);
        const numbers = new Map<string, number>();
        for (const work of real) numbers.set(work.work, await addPrints(bench.database, work.work, printed.get(work)!));
        await settleRegistry(bench);
        for (const { minutes, listened } of recordings)
          for (const [name, search, wanted] of [
            ['sound', soundOf, song],
            ['pictures', picturesOf, film],
          ] as const) {
            const what = `${name} of ${minutes} min`;
            const run = () => search(bench.database.read, listened);
            const found = (await run()).some(({ work }) => work === numbers.get(wanted.work));
            const figures = await repeated(options.runs, run, [postmasterOf(home)]);
            say(
              `  ${size} works, ${what}: ${figures.seconds.toFixed(2)} s, CPU ${figures.cpuSeconds.toFixed(2)} s${found ? '' : ', work not found'}`,
            );
            taken.set(what, (taken.get(what) ?? new Map<number, Used>()).set(size, figures));
            if (!found) throw new Error(`${what} among ${size} works: ${wanted.work} is not found`);
          }
      } finally {
        await bench.stop();
        await rm(home, { recursive: true });
      }
    }
    return [...taken].flatMap(([what, bySize]) => growth(what, bySize));
  },
};

function growth(what: string, bySize: ReadonlyMap<number, Used>): Row[] {
  const sizes = [...bySize.keys()];
  const peer = sizes[1]!;
  return sizes.flatMap((size) =>
    (['seconds', 'cpuSeconds'] as const).map((measure) => {
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

async function repeated(runs: number, work: () => Promise<unknown>, roots: readonly number[]): Promise<Used> {
  const all: Used[] = [];
  for (let run = 0; run < runs; run++) {
    const usage = watchUsage([process.pid, ...roots]);
    await work();
    all.push(usage.end());
  }
  return {
    seconds: median(all.map(({ seconds }) => seconds)),
    cpuSeconds: median(all.map(({ cpuSeconds }) => cpuSeconds)),
  };
}

/** Speech over a lecture; once a work as loud as the voice, and a film in a corner. */
async function makeRecording(
  { media, folder }: BenchOptions,
  song: CatalogWork,
  film: CatalogWork,
  minutes: number,
): Promise<string> {
  const material = await loadSoundMaterial(media);
  const samples = speechBed(material, minutes * 60, seeded(minutes));
  const work = atLevel(material.works.get(song.work)!.slice(0, at.seconds * mixRate), -23);
  for (const [i, sample] of work.entries()) samples[at.start * mixRate + i]! += sample;
  const sound = join(folder, 'sound.f32');
  await writeFile(sound, samples);
  const fit = (w: number, h: number) => `fps=15,scale=${w}:${h}:force_original_aspect_ratio=decrease`;
  const path = join(folder, `${minutes}.mkv`);
  await throughFfmpeg([
    ...['-stream_loop', '-1', '-i', lecturesOf(media).at(-1)!, '-i', join(media, film.file)],
    ...['-f', 'f32le', '-ar', String(mixRate), '-ac', '1', '-i', sound],
    '-filter_complex',
    `[0:v]${fit(640, 360)},pad=640:360:(ow-iw)/2:(oh-ih)/2,setsar=1[base];` +
      `[1:v]${fit(320, 180)},trim=duration=${at.seconds},setsar=1,setpts=PTS-STARTPTS+${at.start}/TB[film];` +
      `[base][film]overlay=W-w:H-h:eof_action=pass:enable='gte(t,${at.start})',format=yuv420p[out]`,
    ...['-map', '[out]', '-map', '2:a', '-t', String(minutes * 60)],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-b:v', '200k', '-c:a', 'aac', '-b:a', '48k', path],
  ]);
  return path;
}
