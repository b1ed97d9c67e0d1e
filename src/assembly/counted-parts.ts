import type { Readable } from 'node:stream';
import type { FfmpegTools } from '../adapters/ffmpeg/ffmpeg-tools.ts';
import { ObjectMissing, type ObjectStore } from '../pipeline/ports/object-store.ts';
import { traced } from '../pipeline/ports/trace.ts';
import type { StoreOperation, WorkMetrics } from './work-metrics.ts';

/** The media tools, whose decoding is counted as it goes on. */
export function countedMedia(media: FfmpegTools, metrics: WorkMetrics): FfmpegTools {
  return {
    ...media,
    async analyse(source, probe, options) {
      let counted = 0;
      const count = (doneMs: number) => {
        metrics.countAnalysed(doneMs - counted);
        counted = Math.max(counted, doneMs);
      };
      const features = await media.analyse(source, probe, {
        ...options,
        onProgress(doneMs) {
          count(doneMs);
          options?.onProgress?.(doneMs);
        },
      });
      count(features.analysedDurationMs);
      return features;
    },
  };
}

/** A store whose requests are counted with their duration, and traced. Lists are as long as whoever reads them takes, and are not. */
export class CountedStore implements ObjectStore {
  readonly #store: ObjectStore;
  readonly #metrics: WorkMetrics;

  constructor(store: ObjectStore, metrics: WorkMetrics) {
    this.#store = store;
    this.#metrics = metrics;
  }

  async #count<T>(operation: StoreOperation, work: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    const count = (outcome: 'done' | 'failed') =>
      this.#metrics.countStoreRequest(operation, outcome, performance.now() - begun);
    try {
      const result = await traced(`store ${operation}`, {}, work);
      count('done');
      return result;
    } catch (error) {
      // The store did answer: there is no such object.
      count(error instanceof ObjectMissing ? 'done' : 'failed');
      throw error;
    }
  }

  describe() {
    return this.#store.describe();
  }

  put(...asked: Parameters<ObjectStore['put']>) {
    return this.#count('put', () => this.#store.put(...asked));
  }

  compose(...asked: Parameters<ObjectStore['compose']>) {
    return this.#count('compose', () => this.#store.compose(...asked));
  }

  get(...asked: Parameters<ObjectStore['get']>): Promise<Readable> {
    return this.#count('get', () => this.#store.get(...asked));
  }

  head(key: string) {
    return this.#count('head', () => this.#store.head(key));
  }

  delete(key: string) {
    return this.#count('delete', () => this.#store.delete(key));
  }

  purge(key: string) {
    return this.#count('purge', () => this.#store.purge(key));
  }

  lock(key: string, until: Date) {
    return this.#count('lock', () => this.#store.lock(key, until));
  }

  abortUnfinished(prefix: string, before: Date) {
    return this.#count('abortUnfinished', () => this.#store.abortUnfinished(prefix, before));
  }

  listVersions(prefix: string) {
    return this.#store.listVersions(prefix);
  }

  list(prefix: string) {
    return this.#store.list(prefix);
  }
}
