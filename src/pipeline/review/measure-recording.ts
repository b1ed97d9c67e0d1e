import type { WatchedName } from '../../domain/watched-names.ts';
import type { MediaFeatures, MediaProbe, MediaSource } from '../ports/media.ts';
import type { Outside } from '../ports/outside.ts';
import { createNoticeReader, type PagesRead } from './read-pages.ts';
import { type Watched, watchRecording } from './watch-recording.ts';

/** What is heard, seen and read in a recording. It is compared with registered works afterwards, by who has them. */
export interface Measured {
  readonly features: MediaFeatures;
  readonly watched: Watched;
  readonly read: PagesRead;
}

/** The rules of the school that the measurement itself depends on. */
export interface MeasuringRules {
  readonly names: readonly WatchedName[];
  readonly pagesPerHour: number;
}

/** The length that times in a recording are fitted into: as decoded, or as declared if that is longer. */
export const wholeMsOf = (
  { declaredDurationMs }: Pick<MediaProbe, 'declaredDurationMs'>,
  { analysedDurationMs }: Pick<MediaFeatures, 'analysedDurationMs'>,
): number => Math.max(analysedDurationMs, declaredDurationMs ?? 0);

/** Decodes a recording once. It needs nothing but the recording and the rules: the worker does it, and so do runners. */
export async function measureRecording(
  { media, textReader }: Pick<Outside, 'media' | 'textReader'>,
  { source, probe, rules }: { source: MediaSource; probe: MediaProbe; rules: MeasuringRules },
  { signal, onProgress }: { signal: AbortSignal; onProgress: (doneMs: number) => void },
): Promise<Measured> {
  const pages = createNoticeReader(textReader, rules, signal);
  try {
    const watch = watchRecording(pages.page);
    const features = await media.analyse(source, probe, { signal, watcher: watch.watcher, onProgress });
    const watched = watch.end();
    return { features, watched, read: await pages.end(wholeMsOf(probe, features)) };
  } finally {
    await pages.close();
  }
}
