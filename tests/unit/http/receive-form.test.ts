import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import express from 'express';
import { expect, test } from 'vitest';
import { Refusal } from '../../../src/domain/errors.ts';
import { type FormFile, receiveForm } from '../../../src/http/receive-form.ts';

/** Sends a form with one file to a route that hands it to `take`; gives what `receiveForm` refused it with. */
async function refusalOf(take: (file: FormFile) => Promise<void>): Promise<unknown> {
  const app = express();
  let refusal: unknown = null;
  app.post('/', async (req, res) => {
    await receiveForm(req, res, take).catch((error) => {
      refusal = error;
    });
    req.resume();
    res.end();
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    const form = new FormData();
    form.set('file', new Blob([new Uint8Array(4 * 2 ** 20)]), 'a.bin');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    await fetch(url, { method: 'POST', body: form }).then((answer) => answer.text());
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return refusal;
}

test('who stops reading is heard out, however long it takes to say why', async () => {
  let wasTold = false;
  const refusal = await refusalOf(async ({ stream, signal }) => {
    for await (const _ of stream) break;
    await wait(100);
    wasTold = signal.aborted;
    if (signal.aborted) throw signal.reason;
    throw new Refusal('TOO_LARGE');
  });
  expect(refusal).toMatchObject({ code: 'TOO_LARGE' });
  expect(wasTold).toBe(false);
});
