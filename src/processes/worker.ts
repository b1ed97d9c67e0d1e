import { platform, setPriority } from 'node:os';
import { assertServes } from '../adapters/prisma/migrate.ts';
import { createContext } from '../assembly/context.ts';
import { orEnd } from '../assembly/or-end.ts';
import { assertRestored, eraseAgain, runWorker } from '../assembly/run-worker.ts';
import { giveSignOfLife } from '../assembly/sign-of-life.ts';
import { onStopSignal } from '../assembly/stop-signal.ts';
import { serveWorkerMetrics } from '../assembly/worker-metrics.ts';
import { endWithParent, tellMetrics } from '../assembly/worker-process.ts';
import { loadConfig } from '../config/env.ts';

process.title = 'emanet-worker';
// Whoever waits for a page goes first. Elsewhere than on Linux, `nice` of its children says the same of most of the work.
if (platform() === 'linux') setPriority(5);
// While it starts, nothing is under way that could be broken off.
let begin = (): void => process.exit(0);
endWithParent(() => begin());
const config = loadConfig(process.env);
if (config.DATABASE_URL !== undefined) await orEnd(assertServes(config.DATABASE_URL));
const context = await createContext(config, { kind: 'worker' });
await assertRestored(context);
await eraseAgain(context);
const metrics = await serveWorkerMetrics(context.config, context.outside, context.work);
tellMetrics(context.work);
const worker = await runWorker(context);
context.log.info({ metrics: metrics?.url }, 'worker started');
const { ALIVE_FILE } = context.config;
if (ALIVE_FILE !== undefined) giveSignOfLife(ALIVE_FILE, async () => (await context.ready()).database);
begin = onStopSignal(async () => {
  await Promise.all([worker.stop(), metrics?.stop()]);
  await context.close();
});
