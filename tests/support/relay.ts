import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * A relay to a server that a test can cut for exactly as long as it needs: how fast a server starts depends on the
 * machine.
 */
export async function startRelay(target: URL) {
  let leadsTo = target;
  const open = new Set<Socket>();
  let sentBytes = 0;
  const listen = async (port: number): Promise<Server> => {
    const server = createServer((near) => {
      const far = connect(Number(leadsTo.port), leadsTo.hostname);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        open.add(one);
        one.pipe(other);
        one.on('error', () => other.destroy());
        one.once('close', () => {
          open.delete(one);
          other.destroy();
        });
      }
      near.on('data', (piece) => {
        sentBytes += piece.length;
      });
    });
    await new Promise<void>((resolve, reject) =>
      server.once('error', reject).listen(port, '127.0.0.1', () => resolve()),
    );
    return server;
  };
  let server = await listen(0);
  const { port } = server.address() as AddressInfo;
  const cut = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of open) socket.destroy();
    await closed;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    /** Bytes sent to the server so far. */
    sentBytes: () => sentBytes,
    /** Breaks every connection and refuses new ones. */
    cut,
    async mend() {
      server = await listen(port);
    },
    /** From now on, connections go to another server. */
    leadTo(other: URL) {
      leadsTo = other;
    },
    stop: cut,
  };
}
