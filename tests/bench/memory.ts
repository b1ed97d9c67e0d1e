import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startBenchServer } from './bench-server.ts';
import { atMost, type Bench, type BenchOptions, gib, median, mib, type Row } from './measure.ts';

/** (d) The most memory that the server's process ever has (VmHWM), in a fresh server for every size. Linux only. */
export const memory: Bench = {
  about: 'peak memory of one upload of 64 MiB, 1 GiB and 10 GiB, and of 32 at once',
  async measure(options) {
    if (process.platform !== 'linux') return [];
    const scale = options.isQuick ? 1 / 64 : 1;
    const sizes = { small: 64 * mib, middle: gib, large: 10 * gib };
    // Runs of 10 GiB take minutes and differ little: three of them.
    const runs = Math.min(options.runs, 3);
    const peaks = { small: [] as number[], middle: [] as number[], large: [] as number[], many: [] as number[] };
    for (let run = 0; run < runs; run++) {
      for (const [name, bytes] of Object.entries(sizes) as ['small' | 'middle' | 'large', number][]) {
        peaks[name].push(await peakOf(options, [bytes * scale]));
        options.say(`  run ${run + 1}: ${name} ${peaks[name].at(-1)!.toFixed(0)} MiB`);
      }
      peaks.many.push(
        await peakOf(
          options,
          Array.from({ length: options.isQuick ? 4 : 32 }, () => sizes.small * scale),
        ),
      );
      options.say(`  run ${run + 1}: many ${peaks.many.at(-1)!.toFixed(0)} MiB`);
    }
    const small = { name: '64 MiB', value: median(peaks.small) };
    const limit = Math.round(small.value) + 32;
    const rows: Row[] = [
      atMost('(d) peak memory, one upload of 64 MiB', small.value, 'MiB', undefined),
      atMost('(d) peak memory, one upload of 1 GiB', median(peaks.middle), 'MiB', limit, small),
      atMost('(d) peak memory, one upload of 10 GiB', median(peaks.large), 'MiB', limit, small),
      atMost('(d) peak memory, 32 uploads of 64 MiB at once', median(peaks.many), 'MiB', 1536, small),
    ];
    return rows;
  },
};

async function peakOf(options: BenchOptions, uploads: readonly number[]): Promise<number> {
  const objects = join(options.folder, 'objects');
  const server = await startBenchServer(join(options.folder, 'home'), { STORE_FOLDER: objects }, uploads.length);
  try {
    await Promise.all(uploads.map((bytes, lesson) => server.upload(bytes, lesson)));
    return await server.peakMib();
  } finally {
    await server.stop();
    for (const name of await readdir(objects)) await rm(join(objects, name), { recursive: true, force: true });
  }
}
