import { createContext } from '../assembly/context.ts';
import { prepare } from '../assembly/first-start.ts';
import { startServer } from '../assembly/server.ts';
import { onStopSignal } from '../assembly/stop-signal.ts';
import { loadConfig } from '../config/env.ts';

process.title = 'emanet-web';
const prepared = await prepare(loadConfig(process.env));
try {
  const context = await createContext(prepared.config);
  if (prepared.newRecoveryKey)
    context.log.warn(
      { file: prepared.newRecoveryKey.file, passphraseFile: prepared.newRecoveryKey.passphraseFile },
      'recovery key created: move both files to two different safe places',
    );
  const store = await context.outside.objects.describe();
  // The process apart may start after this one: then the first use finds it.
  const media = prepared.config.MEDIA_SOCKET === undefined ? await context.media.describe() : 'apart';
  context.log.info({ store, media }, 'parts found');
  if (prepared.config.CLAMD_SOCKET === undefined)
    context.log.warn('CLAMD_SOCKET is not set: signed documents are not scanned for malware');
  const server = await startServer(context);
  context.log.info({ url: server.url }, 'serving');
  onStopSignal(async () => {
    await server.stop();
    await prepared.stop();
  });
} catch (error) {
  await prepared.stop();
  throw error;
}
