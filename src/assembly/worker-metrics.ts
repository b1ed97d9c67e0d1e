import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import type { Config } from '../config/env.ts';
import { mayReadMetrics } from '../http/metrics-token.ts';
import type { Outside } from '../pipeline/ports/outside.ts';
import { guardConnections, serverOptions } from './guard-connections.ts';
import { listen } from './listen.ts';
import { gaugeOfStore } from './metrics.ts';
import { processMetrics } from './process-metrics.ts';
import type { WorkMetrics } from './work-metrics.ts';

/** A collector has one connection, and keeps it. */
const mostConnections = 16;

/** Without a token it would be open to every program of this machine. @throws Error */
export function assertMetricsToken({ METRICS_PORT: port, METRICS_TOKEN: token }: Config): void {
  if (port !== undefined && token === undefined) throw new Error('METRICS_PORT needs METRICS_TOKEN.');
}

/**
 * Serves the metrics of a worker, at `/metrics` and to the token alone: what the process has done, and how it is. Nothing else is
 * answered there. Null where METRICS_PORT is not set.
 */
export async function serveWorkerMetrics(
  { METRICS_PORT: port, METRICS_HOST: host, METRICS_TOKEN: token }: Config,
  outside: Pick<Outside, 'objects'>,
  work: WorkMetrics,
): Promise<{ readonly url: string; stop(): Promise<void> } | null> {
  if (port === undefined || token === undefined) return null;
  const own = new Registry();
  gaugeOfStore(outside.objects, own);
  const registry = Registry.merge([processMetrics(), own, work.registry]);
  const server = createServer(serverOptions, async (req, res) => {
    req.resume();
    const isAsked = req.url === '/metrics' && (req.method === 'GET' || req.method === 'HEAD');
    if (!isAsked || !mayReadMetrics(req.headers.authorization, token)) return res.writeHead(404).end();
    try {
      const text = await registry.metrics();
      res.writeHead(200, { 'Content-Type': registry.contentType, 'Cache-Control': 'no-store' }).end(text);
    } catch {
      res.writeHead(500).end();
    }
  });
  guardConnections(server, { connections: mostConnections, perAddress: 0, keepAliveSeconds: 5 });
  server.requestTimeout = 15_000; // here nothing is uploaded
  const close = await listen(server, { setting: 'METRICS_PORT', port, host }, 1);
  const { address, port: taken, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}/metrics`,
    stop() {
      const closed = close();
      server.closeAllConnections();
      return closed;
    },
  };
}
