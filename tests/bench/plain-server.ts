import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';
import express from 'express';
import { DiskStore } from '../../src/adapters/disk/disk-store.ts';
import { S3Store } from '../../src/adapters/s3/s3-store.ts';
import { receiveForm } from '../../src/http/receive-form.ts';

/**
 * The peer of an upload, in a process of its own: the same form into the same store, and nothing else. No encryption, no
 * digest, no gate, no probe, no database; or tus into the file store of its own makers. Told what to do by `PLAIN_STORE`; says its port on standard output.
 */
const config = JSON.parse(process.env.PLAIN_STORE!);
const app = express();
if (config.kind === 'tus') {
  const tus = new Server({ path: '/', datastore: new FileStore({ directory: config.folder }) });
  app.use((req, res) => tus.handle(req, res));
} else {
  const store = config.kind === 'disk' ? new DiskStore(config) : new S3Store(config);
  if (store instanceof S3Store) await store.ensureBucket();
  let count = 0;
  app.post('/', async (req, res) => {
    await receiveForm(req, res, async ({ stream }) => {
      count += 1;
      await store.put(`plain/${count}`, stream);
    });
    res.status(201).end();
  });
}
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address!.port : ''}\n`);
});
process.once('SIGTERM', () => process.exit(0));
