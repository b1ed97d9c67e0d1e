import { setTimeout as delay } from 'node:timers/promises';
import { AggregatorRegistry, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ObjectStore } from '../pipeline/ports/object-store.ts';
import type { Outside } from '../pipeline/ports/outside.ts';
import type { CertificateDates } from './certificates.ts';
import { processMetrics } from './process-metrics.ts';
import { type DatesOfKeys, gaugesOfSchools, secondsSince1970 } from './school-gauges.ts';
import type { MetricsOfProcess, WorkMetrics } from './work-metrics.ts';

/** A store that is silent for so long counts as away: whoever collects metrics waits for no retries. */
const storeWaitMs = 3_000;

/** How long the store takes to answer the process that asks. */
export function gaugeOfStore(objects: Pick<ObjectStore, 'head'>, registry: Registry): void {
  new Gauge({
    name: 'emanet_store_seconds',
    help: 'How long the store took to say that an object is not there, in seconds; -1: it did not answer',
    registers: [registry],
    async collect() {
      const begun = performance.now();
      const asked = objects.head('metrics').then(
        () => (performance.now() - begun) / 1000,
        () => -1,
      );
      this.set(await Promise.race([asked, delay(storeWaitMs, -1, { ref: false })]));
    },
  });
}

interface MetricsNeeds {
  readonly work: WorkMetrics;
  /** What the worker beside it has done, which is added to that; null when there is none, or it does not answer. */
  readonly ofWorker: () => Promise<MetricsOfProcess | null>;
  readonly certificates: Pick<CertificateDates, 'read'>;
  readonly datesOfKeys: DatesOfKeys;
}

/** Metrics of a web process for Prometheus. Labels are route patterns, states, codes and ids of schools: no personal data. */
export function createMetrics(
  outside: Pick<Outside, 'database' | 'clock' | 'objects'>,
  { work, ofWorker, certificates, datesOfKeys }: MetricsNeeds,
) {
  const { database, objects } = outside;
  const registry = new Registry();
  const answers = new Map<unknown, Promise<unknown>>();
  /** What several metrics are made of is asked for once in a reading. */
  const once = <T>(ask: () => Promise<T>): Promise<T> => {
    const asked = (answers.get(ask) as Promise<T> | undefined) ?? ask();
    answers.set(ask, asked);
    return asked;
  };
  const requests = new Counter({
    name: 'emanet_http_requests_total',
    help: 'HTTP requests by route and status',
    labelNames: ['route', 'status'],
    registers: [registry],
  });
  const gateRefusals = new Counter({
    name: 'emanet_gate_refusals_total',
    help: 'Requests that the gate of permission refused, by each reason that was among those told',
    labelNames: ['reason'],
    registers: [registry],
  });
  const refusals = new Counter({
    name: 'emanet_refusals_total',
    help: 'Refused requests by code',
    labelNames: ['code'],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'emanet_http_request_seconds',
    help: 'Duration of HTTP requests by route, in seconds',
    labelNames: ['route'],
    buckets: [0.01, 0.05, 0.2, 1, 5, 30, 300, 3600],
    registers: [registry],
  });
  new Gauge({
    name: 'emanet_jobs_failed',
    help: 'Jobs that failed after their last attempt',
    registers: [registry],
    async collect() {
      this.set((await once(jobsByKind)).reduce((sum, { failed }) => sum + failed, 0));
    },
  });
  new Gauge({
    name: 'emanet_jobs',
    help: 'Jobs by kind and state, of all schools',
    labelNames: ['kind', 'state'],
    registers: [registry],
    async collect() {
      this.reset();
      for (const row of await once(jobsByKind))
        for (const state of ['waiting', 'running', 'failed'] as const) this.set({ kind: row.kind, state }, row[state]);
    },
  });
  new Gauge({
    name: 'emanet_jobs_oldest_seconds',
    help: 'How long the oldest job of a kind has been due, in seconds',
    labelNames: ['kind'],
    registers: [registry],
    async collect() {
      this.reset();
      for (const { kind, seconds } of await once(jobsByKind)) this.set({ kind }, seconds);
    },
  });
  gaugeOfStore(objects, registry);
  gaugesOfSchools(outside, registry, datesOfKeys);
  new Gauge({
    name: 'emanet_certificate_expiry_timestamp_seconds',
    help: 'When the certificate of a place ends, in seconds since 1970; 0: it gave none that a browser would take',
    labelNames: ['of'],
    registers: [registry],
    async collect() {
      this.reset();
      for (const { of, endsAt } of await certificates.read()) this.set({ of }, secondsSince1970(endsAt));
    },
  });
  /** The queue is one, whatever the school. */
  function jobsByKind() {
    return database.read.$queryRaw<
      { kind: string; waiting: number; running: number; failed: number; seconds: number }[]
    >`SELECT task_identifier AS kind,
        count(*) FILTER (WHERE locked_at IS NULL AND attempts < max_attempts)::int AS waiting,
        count(*) FILTER (WHERE locked_at IS NOT NULL)::int AS running,
        count(*) FILTER (WHERE locked_at IS NULL AND attempts >= max_attempts)::int AS failed,
        COALESCE(max(extract(epoch FROM now() - run_at)) FILTER
          (WHERE locked_at IS NULL AND attempts < max_attempts AND run_at <= now()), 0)::float AS seconds
      FROM graphile_worker.jobs GROUP BY task_identifier`;
  }
  return {
    countRequest(line: {
      readonly route: string;
      readonly status: number;
      readonly ms: number;
      readonly code?: string | undefined;
      readonly gateReasons?: readonly string[] | undefined;
    }) {
      requests.inc({ route: line.route, status: line.status });
      seconds.observe({ route: line.route }, line.ms / 1000);
      if (line.code) refusals.inc({ code: line.code });
      for (const reason of line.gateReasons ?? []) gateRefusals.inc({ reason });
    },
    async read() {
      answers.clear();
      const works = [await work.tell(), (await ofWorker()) ?? []];
      const registries = [processMetrics(), registry, AggregatorRegistry.aggregate(works)];
      const text = (await Promise.all(registries.map((one) => one.metrics()))).join('');
      return { type: registry.contentType, text };
    },
  };
}
