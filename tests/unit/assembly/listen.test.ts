import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { guardConnections, limitsOf } from '../../../src/assembly/guard-connections.ts';
import { listen } from '../../../src/assembly/listen.ts';
import { loadConfig } from '../../../src/config/env.ts';

const atTheEnd: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of atTheEnd.splice(0).reverse()) await end();
});

const address = { setting: 'PORT', port: 0, host: '127.0.0.1' } as const;
const portOf = (server: Server) => (server.address() as AddressInfo).port;

async function serve(listeners?: number): Promise<Server> {
  const server = createServer((_req, res) => res.end('here'));
  const close = await listen(server, address, listeners);
  atTheEnd.push(() => {
    const closed = close();
    server.closeAllConnections();
    return closed;
  });
  return server;
}
/** The system connects it: the server does not have to do anything for that. */
async function join(server: Server): Promise<Socket> {
  const socket = connect(portOf(server), '127.0.0.1');
  atTheEnd.push(() => socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Turns of the event loop until so many that came at once are accepted. */
async function turnsToAccept(server: Server, count: number): Promise<number> {
  let accepted = 0;
  server.on('connection', () => accepted++);
  const joining = Promise.all(Array.from({ length: count }, () => join(server)));
  let turns = 0;
  while (accepted < count) {
    await new Promise(setImmediate);
    turns++;
    // Long enough for the connections that were asked for in this turn to arrive.
    const end = performance.now() + 2;
    while (performance.now() < end);
  }
  await joining;
  return turns;
}

test('many who come at once are accepted in few turns of the event loop', async () => {
  expect(await turnsToAccept(await serve(1), 200)).toBeGreaterThanOrEqual(200);
  expect(await turnsToAccept(await serve(), 200)).toBeLessThan(100);
});

test('each listener answers, and the end waits for the connections of all', async () => {
  const server = createServer((_req, res) => res.end('here'));
  const close = await listen(server, address);
  const sockets = await Promise.all(Array.from({ length: 64 }, () => join(server)));
  for (const socket of sockets) {
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1.1 200 /);
  }
  // In the middle of a request each.
  for (const socket of sockets) socket.write('GET / HTTP/1.1\r\n');
  const requested = once(server, 'request');
  sockets[0]!.write('host: x\r\n\r\n');
  await requested;
  const ends: string[] = [];
  const closed = close().then(() => ends.push('server'));
  for (const socket of sockets) socket.once('close', () => ends.push('connection'));
  server.closeAllConnections();
  await closed;
  await expect.poll(() => ends).toHaveLength(65);
});

test('a port in use is said by the name of its setting, also one that another of our servers shares', async () => {
  const { port } = (await serve()).address() as AddressInfo;
  const second = listen(createServer(), { ...address, port });
  await expect(second).rejects.toThrow(`Port ${port} is in use. Choose another with PORT=…`);
  const alone = (await serve(1)).address() as AddressInfo;
  await expect(listen(createServer(), { ...address, port: alone.port })).rejects.toThrow('is in use');
});

test('a port that was given up can be taken again', async () => {
  const server = createServer();
  const close = await listen(server, address);
  const { port } = server.address() as AddressInfo;
  await close();
  await (await listen(createServer(), { ...address, port }))();
});

test('the number of connections is bounded over all listeners', async () => {
  const server = await serve();
  guardConnections(server, { connections: 10, perAddress: 0, keepAliveSeconds: 5 });
  const sockets = await Promise.all(Array.from({ length: 30 }, () => join(server)));
  await expect.poll(() => sockets.filter(({ closed }) => closed).length).toBe(20);
  // One that left makes room.
  const left = sockets.find(({ closed }) => !closed)!;
  left.destroy();
  await once(left, 'close');
  await expect
    .poll(async () => {
      const next = await join(server);
      next.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
      return Promise.race([once(next, 'data').then(String), once(next, 'close').then(() => 'closed')]);
    })
    .toMatch(/^HTTP\/1.1 200 /);
});

test('an idle connection is closed soon, behind a proxy later than a proxy does, and as is set', async () => {
  const idleFor = async (env: Record<string, string>) => {
    const server = await serve();
    guardConnections(server, limitsOf(loadConfig(env)));
    const socket = await join(server);
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    return /keep-alive: timeout=(\d+)/i.exec(String(await once(socket, 'data')))?.[1];
  };
  expect(await idleFor({})).toBe('5');
  expect(await idleFor({ TRUST_PROXY: '1' })).toBe('130');
  expect(await idleFor({ TRUST_PROXY: '1', KEEP_ALIVE_SECONDS: '20' })).toBe('20');
});
