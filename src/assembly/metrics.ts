import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { mustHave } from '../domain/must-have.ts';
import { measureIntegrity } from '../pipeline/oversight/measure-integrity.ts';
import type { Outside } from '../pipeline/ports/outside.ts';

/** Prometheus metrics. Labels are route patterns, states and codes: no personal data. */
export function createMetrics(outside: Pick<Outside, 'database' | 'clock'>) {
  const { database } = outside;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'emanet_http_requests_total',
    help: 'HTTP requests by route and status',
    labelNames: ['route', 'status'],
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
    name: 'emanet_recordings',
    help: 'Recordings by state',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      this.reset();
      const rows = await database.read.recording.groupBy({ by: ['state'], _count: { _all: true } });
      for (const row of rows) this.set({ state: row.state }, row._count._all);
    },
  });
  new Gauge({
    name: 'emanet_jobs_failed',
    help: 'Jobs that failed after their last attempt',
    registers: [registry],
    async collect() {
      const [row] = await database.read.$queryRaw<{ failed: bigint }[]>`
        SELECT count(*) AS failed FROM graphile_worker.jobs WHERE attempts >= max_attempts AND locked_at IS NULL`;
      this.set(Number(mustHave(row, 'row of a count').failed));
    },
  });
  new Gauge({
    name: 'emanet_scrub_failures',
    help: 'Sealed objects that are damaged or missing',
    registers: [registry],
    async collect() {
      this.set((await measureIntegrity(outside)).faults);
    },
  });
  new Gauge({
    name: 'emanet_scrub_oldest_seconds',
    help: 'Age of the least recently scrubbed object, in seconds',
    registers: [registry],
    async collect() {
      this.set((await measureIntegrity(outside)).oldestSeconds);
    },
  });
  new Counter({
    name: 'emanet_scrub_bytes_total',
    help: 'Bytes read and verified by the scrub',
    registers: [registry],
    async collect() {
      this.reset();
      this.inc((await measureIntegrity(outside)).bytes);
    },
  });
  return {
    countRequest(line: { route: string; status: number; ms: number; code?: string | undefined }) {
      requests.inc({ route: line.route, status: line.status });
      seconds.observe({ route: line.route }, line.ms / 1000);
      if (line.code) refusals.inc({ code: line.code });
    },
    read: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  };
}
