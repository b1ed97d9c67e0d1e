import type { Server } from 'node:http';
import type { Config } from '../config/env.ts';
import { mustHave } from '../domain/must-have.ts';
import { networkOf } from '../domain/network.ts';

/** Timeout for a client to send its headers. */
const headersMs = 15_000;

interface Limits {
  readonly connections: number;
  /** 0: any number, for a server behind a proxy. */
  readonly perAddress: number;
  readonly keepAliveSeconds: number;
}

/**
 * Seconds. A proxy that sends a request on a connection which the server is just closing has to answer 502: so the proxy has
 * to be the one that closes. Those in use keep a connection for 60 seconds (nginx) to 120 (Caddy, our HAProxy).
 */
const longerThanProxies = 130;

type Settings = Pick<Config, 'MAX_CONNECTIONS' | 'CONNECTIONS_PER_ADDRESS' | 'KEEP_ALIVE_SECONDS' | 'TRUST_PROXY'>;

/** Behind a proxy every connection comes from the proxy's address: then the proxy must tell clients apart. */
export function limitsOf(config: Settings): Limits {
  const isBehindProxy = config.TRUST_PROXY > 0;
  return {
    connections: config.MAX_CONNECTIONS,
    perAddress: isBehindProxy ? 0 : config.CONNECTIONS_PER_ADDRESS,
    keepAliveSeconds: config.KEEP_ALIVE_SECONDS ?? (isBehindProxy ? longerThanProxies : 5),
  };
}

/**
 * Bounds the cost of connections, before anything is known of the client: how many there are, how many from one address,
 * how long one stays without a request, how long headers take and how many there are. The route decides how long a body
 * may take (http/receive-body.ts): a recording over a school line takes hours.
 */
export function guardConnections(server: Server, limits: Limits): void {
  server.requestTimeout = 0;
  server.headersTimeout = headersMs;
  server.keepAliveTimeout = limits.keepAliveSeconds * 1_000;
  server.timeout = 10 * 60_000; // no byte moves either way: a viewer paused a video, or is gone
  server.maxHeadersCount = 100;
  let all = 0;
  // Counted here, since the server has several listeners, each of which knows its own connections alone.
  server.on('connection', (socket) => {
    all++;
    socket.once('close', () => all--);
    if (all > limits.connections) socket.destroy();
  });
  if (limits.perAddress === 0) return;
  const open = new Map<string, number>();
  server.on('connection', (socket) => {
    const from = networkOf(socket.remoteAddress ?? '');
    const count = (open.get(from) ?? 0) + 1;
    open.set(from, count);
    socket.once('close', () => {
      const left = mustHave(open.get(from), 'count of open connections') - 1;
      if (left === 0) open.delete(from);
      else open.set(from, left);
    });
    if (count > limits.perAddress) socket.destroy();
  });
}

/** Options that can only be given when the server is made. */
export const serverOptions = { maxHeaderSize: 16 * 1024, connectionsCheckingInterval: 2_000 } as const;
