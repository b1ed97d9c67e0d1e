import { createContext } from '../assembly/context.ts';
import { eraseAgain, runWorker } from '../assembly/run-worker.ts';
import { onStopSignal } from '../assembly/stop-signal.ts';
import { loadConfig } from '../config/env.ts';

process.title = 'emanet-worker';
const context = await createContext(loadConfig(process.env), { kind: 'worker' });
await eraseAgain(context);
const worker = await runWorker(context);
context.log.info('worker started');
onStopSignal(async () => {
  await worker.stop();
  await context.close();
});
