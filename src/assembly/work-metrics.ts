import { Counter, Histogram, type MetricObjectWithValues, type MetricValue, Registry } from 'prom-client';
import type { JobKind } from '../domain/job-kind.ts';
import type { ObjectStore } from '../pipeline/ports/object-store.ts';

/** Metrics of one process as they go to another one, which adds them to its own. */
export type MetricsOfProcess = MetricObjectWithValues<MetricValue<string>>[];

export type Outcome = 'done' | 'failed';
export type StoreOperation = Exclude<keyof ObjectStore, 'describe' | 'list' | 'listVersions'>;

/**
 * What this process itself has done, by whichever part of it: jobs, chores, media, requests to the store. Each process counts
 * its own, and nothing is read from the database. Labels are kinds, names and outcomes: no personal data.
 */
export class WorkMetrics {
  readonly registry = new Registry();
  readonly #registers = [this.registry];
  readonly #jobs = new Histogram({
    name: 'emanet_job_seconds',
    help: 'Duration of attempts at jobs by kind and outcome, in seconds',
    labelNames: ['kind', 'outcome'],
    buckets: [0.05, 0.5, 5, 30, 120, 600, 1800, 7200],
    registers: this.#registers,
  });
  readonly #chores = new Counter({
    name: 'emanet_chore_failures_total',
    help: 'Failed runs of chores of the clock, each of one school',
    labelNames: ['chore'],
    registers: this.#registers,
  });
  readonly #media = new Counter({
    name: 'emanet_media_analysed_seconds_total',
    help: 'Seconds of media that this process decoded for a check or a print',
    registers: this.#registers,
  });
  readonly #store = new Histogram({
    name: 'emanet_store_request_seconds',
    help: 'Duration of requests to the object store by operation and outcome, in seconds; put: with the time for its body to come',
    labelNames: ['operation', 'outcome'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600],
    registers: this.#registers,
  });

  countJob(kind: JobKind, outcome: Outcome, ms: number): void {
    this.#jobs.observe({ kind, outcome }, ms / 1000);
  }

  countChoreFailure(chore: string): void {
    this.#chores.inc({ chore });
  }

  countAnalysed(ms: number): void {
    if (ms > 0) this.#media.inc(ms / 1000);
  }

  countStoreRequest(operation: StoreOperation, outcome: Outcome, ms: number): void {
    this.#store.observe({ operation, outcome }, ms / 1000);
  }

  tell(): Promise<MetricsOfProcess> {
    return this.registry.getMetricsAsJSON();
  }
}
