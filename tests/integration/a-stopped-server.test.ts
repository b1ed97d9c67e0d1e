import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { createSchool } from '../support/school.ts';
import { startTestServer } from '../support/server.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** In a function of its own: what its variables hold would not be collected. */
async function startAndStop() {
  const server = await startTestServer();
  await createSchool(server);
  await server.stop();
  const { context } = server;
  return { context: new WeakRef(context), store: new WeakRef(context.outside.objects) };
}

test('nothing holds a server that has stopped, its store or its queue', async () => {
  const stopped = await startAndStop();
  await eventually(() => {
    collectGarbage();
    return !stopped.context.deref() && !stopped.store.deref();
  }, 'the server and its store are collected');
  expect(stopped.store.deref()).toBeUndefined();
});
