import type { Server } from 'node:http';
import { type AddressInfo, createServer, type Server as NetServer } from 'node:net';

/**
 * Node accepts one connection of a listener in each turn of its event loop (libuv, pull request 3696). A turn takes tens
 * of milliseconds while uploads come in: then one listener leaves most of those who come waiting, whoever they are.
 */
const listenersOfAServer = 16;

interface Address {
  readonly setting: 'PORT' | 'METRICS_PORT';
  readonly port: number;
  readonly host: string;
}

/**
 * Takes connections for this server, by several listeners on one port where the system knows how (SO_REUSEPORT).
 * Returns what ends all of them: it resolves when the last connection is closed.
 * @throws Error that names the setting of a port which is in use.
 */
export async function listen(
  server: Server,
  { setting, port, host }: Address,
  listeners = listenersOfAServer,
): Promise<() => Promise<void>> {
  const more: NetServer[] = [];
  const close = async () => {
    await Promise.all([server, ...more].map((each) => new Promise((resolve) => each.close(resolve))));
  };
  try {
    if (listeners === 1 || !(await listensShared(server, { port, host }))) await listening(server, { port, host });
    else {
      const { port: taken } = server.address() as AddressInfo;
      while (more.length < listeners - 1) {
        // As Node's server for HTTP makes its own.
        const next = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
          server.emit('connection', socket),
        );
        more.push(next);
        await listening(next, { port: taken, host, reusePort: true });
      }
    }
  } catch (error) {
    await close();
    if (codeOf(error) !== 'EADDRINUSE') throw error;
    throw new Error(`Port ${port} is in use. Choose another with ${setting}=…`, { cause: error });
  }
  return close;
}

/** Listens in a way that lets others stand beside it. False: the system has no such way. */
async function listensShared(server: Server, { port, host }: { port: number; host: string }): Promise<boolean> {
  if (port !== 0) {
    // Two installations of one user would otherwise share the port, and each get some of the other's connections.
    const alone = createServer();
    await listening(alone, { port, host });
    await new Promise((resolve) => alone.close(resolve));
  }
  try {
    await listening(server, { port, host, reusePort: true });
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOTSUP') return false;
    throw error;
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;

function listening(server: NetServer, options: { port: number; host: string; reusePort?: boolean }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
