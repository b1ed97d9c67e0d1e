import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/env.ts';
import { type Context, createContext } from '../../src/context.ts';
import { prepare } from '../../src/embedded.ts';
import { type RunningServer, startServer } from '../../src/server.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';

export interface TestServer {
  readonly url: string;
  readonly home: string;
  readonly context: Context;
  readonly database: TestDatabase;
  stop(): Promise<void>;
}

/** The real server in this process, with a database and a home of its own, on a free port. */
export async function startTestServer(env: Record<string, string> = {}): Promise<TestServer> {
  const home = await mkdtemp(join(tmpdir(), 'emanet-home-'));
  const database = await createTestDatabase();
  const { config } = await prepare(
    loadConfig({
      EMANET_HOME: home,
      PORT: '0',
      LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
      DATABASE_URL: database.url,
      DRAIN_SECONDS: '1',
      // Reading takes longer than all else, and few tests are about it.
      READ_PAGES_PER_HOUR: '1',
      ...env,
    }),
  );
  const context = await createContext(config);
  const server: RunningServer = await startServer(context);
  return {
    url: server.url,
    home,
    context,
    database,
    async stop() {
      await server.stop();
      await database.drop();
      await rm(home, { recursive: true, force: true });
    },
  };
}
