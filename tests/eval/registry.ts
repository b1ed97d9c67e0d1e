import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFfmpegTools } from '../../src/adapters/ffmpeg/ffmpeg-tools.ts';
import type { MediaFeatures, MediaSource } from '../../src/pipeline/ports.ts';
import { searchPictures, searchSound } from '../../src/pipeline/review/search-works.ts';
import { watchRecording } from '../../src/pipeline/review/watch-recording.ts';
import { startBenchDatabase } from '../bench/bench-database.ts';
import { bufferSource } from '../support/media.ts';
import { addWork } from '../support/works.ts';

/** One entry of `catalog_public.json`. */
export interface CatalogWork {
  readonly work: string;
  /** Relative to the media folder. */
  readonly file: string;
  readonly type: 'music' | 'film' | 'image';
}

export interface Found {
  readonly sense: 'heard' | 'seen';
  readonly work: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly workStartMs: number;
}

export interface Searched {
  readonly found: readonly Found[];
  readonly features: MediaFeatures;
  readonly tookMs: number;
}

/** A registry of its own on a real PostgreSQL, filled with the works of a media folder. */
export interface Registry {
  readonly works: readonly CatalogWork[];
  /** The real decoding and the real search, as the third-party check does them. */
  search(source: MediaSource): Promise<Searched>;
  close(): Promise<void>;
}

export async function readCatalog(media: string): Promise<CatalogWork[]> {
  return JSON.parse(await readFile(join(media, 'catalog_public.json'), 'utf8'));
}

export async function openRegistry(media: string, works: readonly CatalogWork[]): Promise<Registry> {
  const folder = await mkdtemp(join(tmpdir(), 'emanet-eval-'));
  const bench = await startBenchDatabase(folder);
  const tools = createFfmpegTools();
  const { database } = bench;
  const titles = new Map<number, string>();
  for (const { work, file } of works)
    titles.set(await addWork({ database, media: tools }, work, join(media, file)), work);
  return {
    works,
    async search(source) {
      const began = performance.now();
      const probe = await tools.probe(source);
      const watch = watchRecording();
      const features = await tools.analyse(source, probe, { watcher: watch.watcher });
      const { sounds, pictures } = watch.end();
      const signal = AbortSignal.timeout(10 * 60_000);
      const found: Found[] = [];
      for (const [stream, map] of sounds) {
        const print = features.fingerprints.find((each) => each.stream === stream)?.fingerprint;
        for (const match of await searchSound(database.read, map, print, signal))
          found.push({ sense: 'heard', work: titles.get(match.work)!, ...timesOf(match) });
      }
      for (const parts of pictures.values())
        for (const match of await searchPictures(database.read, parts, signal))
          found.push({ sense: 'seen', work: titles.get(match.work)!, ...timesOf(match) });
      return { found, features, tookMs: performance.now() - began };
    },
    async close() {
      await bench.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const timesOf = ({ startMs, endMs, workStartMs }: { startMs: number; endMs: number; workStartMs: number }) => ({
  startMs,
  endMs,
  workStartMs,
});

export const readSource = async (path: string): Promise<MediaSource> => bufferSource(await readFile(path));
