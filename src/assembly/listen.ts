import type { Server } from 'node:http';

/** @throws Error that names the setting of a port which is in use. */
export function listen(
  server: Server,
  { setting, port, host }: { readonly setting: 'PORT' | 'METRICS_PORT'; readonly port: number; readonly host: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`Port ${port} is in use. Choose another with ${setting}=…`, { cause: error })
          : error,
      ),
    );
    server.listen(port, host, () => resolve());
  });
}
