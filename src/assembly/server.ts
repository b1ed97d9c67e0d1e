import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { asOneParty } from '../adapters/process/party.ts';
import { type Config, digestSettings } from '../config/env.ts';
import type { Id } from '../domain/ids.ts';
import { createApp } from '../http/app.ts';
import { createFrontDoor } from '../http/front-door.ts';
import { KeyDates } from '../keys/key-dates.ts';
import type { Outside } from '../pipeline/ports/outside.ts';
import { withinSpan } from '../pipeline/ports/trace.ts';
import { CertificateDates, certificatesOf } from './certificates.ts';
import type { Context } from './context.ts';
import { describeFault } from './describe-fault.ts';
import { guardConnections, limitsOf, serverOptions } from './guard-connections.ts';
import { LineBudget } from './line-budget.ts';
import { listen } from './listen.ts';
import { createMetrics } from './metrics.ts';
import { assertRestored, eraseAgain, type RunningWorker, runWorker } from './run-worker.ts';
import type { DatesOfKeys } from './school-gauges.ts';
import { schoolHome } from './schools.ts';
import type { MetricsOfProcess } from './work-metrics.ts';

export interface RunningServer {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Serves the API and the pages. `runsJobs`: works the queue in the same process; default: what `WORKER` says. `ofWorker`: what a
 * worker beside it has done, for the metrics.
 */
export async function startServer(
  context: Context,
  {
    runsJobs = context.config.WORKER,
    ofWorker = async () => null,
  }: { readonly runsJobs?: boolean; readonly ofWorker?: () => Promise<MetricsOfProcess | null> } = {},
): Promise<RunningServer> {
  const { config, log, outside, tracing } = context;
  const metrics = createMetrics(outside, {
    ...{ work: context.work, ofWorker },
    certificates: new CertificateDates(certificatesOf(config), outside.clock),
    datesOfKeys: datesOfKeys(config, outside),
  });
  const lines = new LineBudget(60, (kind, count) =>
    log.warn({ kind, count }, 'log lines suppressed in the last minute'),
  );
  let isDraining = false;
  const server = createServer(serverOptions);
  guardConnections(server, limitsOf(config));
  const baseUrl = () =>
    config.BASE_URL ?? `http://localhost:${(server.address() as AddressInfo | null)?.port ?? config.PORT}`;
  await assertMappedSchools(outside);
  await assertRestored(context);
  await eraseAgain(context);
  const close = await listen(server, { setting: 'PORT', port: config.PORT, host: config.HOST });
  context.serveAt(baseUrl());
  const appOf = (parts: Outside, logUrl: string) =>
    createApp(parts, {
      baseUrl: baseUrl(),
      logUrl,
      trustProxy: config.TRUST_PROXY,
      sendsMail: config.SMTP_URL !== undefined,
      probes: {
        ready: async () => ({ ...(await context.ready()), accepting: !isDraining }),
        metrics: metrics.read,
        metricsToken: config.METRICS_TOKEN ?? null,
      },
      log: {
        request({ isStranger, gateReasons, ...line }) {
          metrics.countRequest({ ...line, gateReasons });
          if ((!isStranger && line.status < 400) || lines.admits(`${line.route} ${line.status}`))
            log.info(line, 'request');
        },
        fault(error, line) {
          if (lines.admits(`fault ${line.route}`)) log.error({ ...line, err: describeFault(error) }, 'fault');
        },
      },
    });
  const app = createFrontDoor(outside, appOf, baseUrl());
  const inTurn = (...[req, res]: Parameters<typeof app>) => {
    const parent = config.TRACES_TRUST_PARENT ? headerOf(req.headers.traceparent) : null;
    const span = isProbe(req.url) ? null : (tracing?.begin('request', req.method ?? '', {}, parent) ?? null);
    return withinSpan(span, () => asOneParty('person', () => app(req, res)));
  };
  server.on('request', inTurn);
  // A client that asks first may send its body only after the gate was asked (http/receive-form.ts).
  server.on('checkContinue', inTurn);
  const worker: RunningWorker | null = runsJobs ? await runWorker(context) : null;
  await outside.database.transact({ actor: { kind: 'system', id: 'server' } }, (tx) =>
    tx.log({ action: 'system.started', outcome: 'done', details: { settings: digestSettings(config) } }),
  );
  return {
    get url() {
      return baseUrl();
    },
    /**
     * In phases: report "not ready", take no new connection, let requests finish, stop the queue, break the remaining
     * ones.
     */
    async stop() {
      isDraining = true;
      const closed = close();
      server.closeIdleConnections();
      const deadline = setTimeout(() => server.closeAllConnections(), config.DRAIN_SECONDS * 1000);
      // A queue that fails to stop is no reason to break requests off.
      const [, queue] = await Promise.allSettled([closed, worker?.stop()]);
      clearTimeout(deadline);
      lines.flush();
      await context.close();
      if (queue.status === 'rejected') throw queue.reason;
    },
  };
}

/** Of the first school as its keyring has them; of each other one as they stand in its folder. */
function datesOfKeys({ EMANET_HOME: home }: Config, { schools, keyring }: Outside): DatesOfKeys {
  const dates = new KeyDates();
  let first: Id | undefined;
  return async (school) => {
    first ??= (await schools.list())[0];
    return school === first
      ? keyring.known.filter(({ state }) => state === 'current')
      : dates.read(schoolHome(home, school));
  };
}

/** What machines ask every few seconds. */
const isProbe = (url = ''): boolean => ['/healthz', '/readyz', '/metrics'].includes(url);
const headerOf = (value: string | string[] | undefined): string | null => (typeof value === 'string' ? value : null);

/** @throws Error when OIDC_ROLES names a school that is not there, or none where there are several. */
async function assertMappedSchools({ signOn, schools }: Outside): Promise<void> {
  if (signOn === null) return;
  const known = await schools.list();
  for (const { group, schoolId } of signOn.mapping) {
    if (schoolId === null && known.length > 1)
      throw new Error(`OIDC_ROLES: there are several schools, and the entry of ${group} names none.`);
    if (schoolId !== null && !known.includes(schoolId))
      throw new Error(`OIDC_ROLES: the entry of ${group} names a school that is not there.`);
  }
}
