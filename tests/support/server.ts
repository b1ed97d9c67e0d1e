import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Context, createContext } from '../../src/assembly/context.ts';
import { prepare } from '../../src/assembly/first-start.ts';
import { type RunningServer, startServer } from '../../src/assembly/server.ts';
import { loadConfig } from '../../src/config/env.ts';
import { totpAt } from '../../src/demo/totp.ts';
import type { Outside } from '../../src/pipeline/ports/outside.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';

export interface TestServer {
  readonly url: string;
  readonly home: string;
  readonly context: Context;
  readonly database: TestDatabase;
  /** Moves the server's clock forward by so much, at once. */
  forward(ms: number): void;
  /** A code that counts as unused: tests cannot wait half a minute for the next one. */
  nextCode(totpUri: string): Promise<string>;
  stop(): Promise<void>;
}

/** The real server in this process, with a database and a home of its own, on a free port. `role`: of the database. */
export async function startTestServer(
  env: Record<string, string> = {},
  { role = 'server' }: { role?: 'server' | 'web' } = {},
): Promise<TestServer> {
  const home = await mkdtemp(join(tmpdir(), 'emanet-home-'));
  await cp(madeKeys(), home, { recursive: true });
  const database = await createTestDatabase();
  const { config } = await prepare(
    loadConfig({
      EMANET_HOME: home,
      PORT: '0',
      LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
      DATABASE_URL: role === 'web' ? database.webUrl : database.url,
      DRAIN_SECONDS: '1',
      // Client and server share a process: one that is held up must not meet connections that were closed meanwhile.
      KEEP_ALIVE_SECONDS: '600',
      ...env,
    }),
  );
  let aheadMs = 0;
  const clock = () => new Date(Date.now() + aheadMs);
  const context = await createContext(config, { clock });
  // Reading takes longer than all else, and few tests are about it: those set the number of pages.
  if (env.READ_PAGES_PER_HOUR === undefined) Object.assign(context.outside, { textReader: blindReader });
  const server: RunningServer = await startServer(context);
  return {
    url: server.url,
    home,
    context,
    database,
    forward(ms) {
      aheadMs += ms;
    },
    async nextCode(totpUri) {
      await context.outside.database.read.authenticator.updateMany({ data: { lastStep: 0 } });
      return totpAt(totpUri, clock());
    },
    async stop() {
      await server.stop();
      await database.drop();
      // A chore of the clock may just be writing its last checkpoint.
      await rm(home, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

/** The vault's keys and their passphrase, which the global set-up made once: making them takes seconds. */
export function madeKeys(): string {
  const folder = process.env.EMANET_TEST_KEYS;
  if (!folder) throw new Error('the global set-up did not run: tests/support/global-setup.ts');
  return folder;
}

/** Finds no text in any picture. */
const blindReader: Outside['textReader'] = {
  open: async () => ({ read: async () => [], close: async () => {} }),
};

interface Arrival {
  readonly action: string;
  readonly outcome: string;
  readonly object?: { readonly id: string };
  readonly details?: Record<string, unknown>;
}

/** The logged entries whose actions have this prefix, in the order of arrival. */
export async function arrivals(server: TestServer, action: string) {
  const rows = await server.context.outside.database.read.auditArrival.findMany({ orderBy: { arrival: 'asc' } });
  return rows.map((row) => JSON.parse(row.canonical) as Arrival).filter((entry) => entry.action.startsWith(action));
}
