import type { Server } from 'node:http';
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
