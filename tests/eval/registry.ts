import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFfmpegTools } from '../../src/adapters/ffmpeg/ffmpeg-tools.ts';
import type { MediaFeatures, MediaSource } from '../../src/pipeline/ports/media.ts';
import { findWorks } from '../../src/pipeline/review/find-works.ts';
import { type Watched, watchRecording } from '../../src/pipeline/review/watch-recording.ts';
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

/** One lesson of `eval/truth.json` and what is in it; times in seconds. */
export interface LabelledCase {
  readonly file: string;
  readonly duration: number;
  readonly segments: readonly {
    readonly start: number;
    readonly end: number;
    readonly kind: string;
    readonly work: string;
    readonly registered: boolean;
    /** How it sounds and looks; null when it does not. */
    readonly audio: string | null;
    readonly visual: string | null;
  }[];
}

export const readLabelled = async (media: string): Promise<LabelledCase[]> =>
  JSON.parse(await readFile(join(media, 'eval/truth.json'), 'utf8'));

export const audibleWorks = ({ segments }: LabelledCase) =>
  segments.filter(({ registered, audio }) => registered && audio !== null);
export const visibleWorks = ({ segments }: LabelledCase) =>
  segments.filter(({ registered, kind }) => registered && kind.startsWith('film'));

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
  readonly watched: Watched;
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
  for (const { work, file } of works) await addWork({ database, media: tools }, work, join(media, file));
  return {
    works,
    async search(source) {
      const began = performance.now();
      const probe = await tools.probe(source);
      const watch = watchRecording();
      const features = await tools.analyse(source, probe, { watcher: watch.watcher });
      const watched = watch.end();
      const { heard, seen } = await findWorks(database.read, features, watched, AbortSignal.timeout(10 * 60_000));
      const found = [
        ...heard.map(({ match, work }) => toFound('heard', work.title, match)),
        ...seen.map(({ match, work }) => toFound('seen', work.title, match)),
      ];
      return { found, features, watched, tookMs: performance.now() - began };
    },
    async close() {
      await bench.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const toFound = (
  sense: Found['sense'],
  work: string,
  { startMs, endMs, workStartMs }: Omit<Found, 'sense' | 'work'>,
) => ({
  sense,
  work,
  startMs,
  endMs,
  workStartMs,
});

export const readSource = async (path: string): Promise<MediaSource> => bufferSource(await readFile(path));
