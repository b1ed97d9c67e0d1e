import { goFirst } from '../adapters/process/go-first.ts';
import { createContext } from '../assembly/context.ts';
import { prepare } from '../assembly/first-start.ts';
import { orEnd } from '../assembly/or-end.ts';
import { startServer } from '../assembly/server.ts';
import { onStopSignal } from '../assembly/stop-signal.ts';
import { startWorkerProcess } from '../assembly/worker-process.ts';
import { type Config, loadConfig } from '../config/env.ts';

process.title = 'emanet-web';
const goesFirst = goFirst();
const prepared = await orEnd(prepare(loadConfig(process.env)));
try {
  const { config, urls } = prepared;
  const context = await createContext({ ...config, DATABASE_URL: urls?.web ?? config.DATABASE_URL });
  if (prepared.newRecoveryKey)
    context.log.warn(
      { file: prepared.newRecoveryKey.file, passphraseFile: prepared.newRecoveryKey.passphraseFile },
      'recovery key created: move both files to two different safe places',
    );
  const store = await context.outside.objects.describe();
  // The process apart may start after this one: then the first use finds it.
  const media = prepared.config.MEDIA_SOCKET === undefined ? await context.media.describe() : 'apart';
  context.log.info({ store, media, goesFirst }, 'parts found');
  if (prepared.config.CLAMD_SOCKET === undefined)
    context.log.warn('CLAMD_SOCKET is not set: signed documents are not scanned for malware');
  let worker: ReturnType<typeof startWorkerProcess> | null = null;
  // One that serves its own would be counted twice.
  const ofWorker = async () => (config.METRICS_PORT === undefined ? (worker?.metrics() ?? null) : null);
  const server = await startServer(context, { runsJobs: false, ofWorker });
  worker = prepared.config.WORKER
    ? startWorkerProcess(
        workerSettings(
          { ...config, DATABASE_URL: urls?.worker ?? config.DATABASE_WORKER_URL ?? config.DATABASE_URL },
          server.url,
        ),
        (how) => context.log.error(how, 'the worker ended; starting it again'),
      )
    : null;
  context.log.info({ url: server.url }, 'serving');
  onStopSignal(async () => {
    await Promise.all([server.stop(), worker?.stop()]);
    await prepared.stop();
  });
} catch (error) {
  await prepared.stop();
  throw error;
}

/** Without what only this process needs; with what is known only now: where the database is, where the server listens. */
function workerSettings({ DATABASE_URL, BASE_URL }: Config, url: string): NodeJS.ProcessEnv {
  const { AUTH_SECRET, AUTH_SECRET_FILE, DATABASE_OWNER_URL, DATABASE_OWNER_URL_FILE, ...rest } = process.env;
  const { DATABASE_URL_FILE, DATABASE_WORKER_URL, DATABASE_WORKER_URL_FILE, ...shared } = rest;
  return { ...shared, DATABASE_URL, BASE_URL: BASE_URL ?? url };
}
