import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Box, GreyPicture } from '../../detection/picture-hash.ts';
import type { FaceFinder } from '../../pipeline/ports/readers.ts';

/** Faces on jsfeat, in a thread of its own: a picture takes a tenth of a second or more. */
export function createFaceFinder(): FaceFinder {
  return {
    open() {
      const thread = new Worker(new URL('./counting-thread.ts', import.meta.url), { env: {} });
      // Met by whoever waits for an answer.
      thread.on('error', () => undefined);
      const exited = once(thread, 'exit').then((): never => {
        throw new Error('the thread that finds faces ended');
      });
      exited.catch(() => undefined);
      let last: Promise<unknown> = Promise.resolve();
      const find = async (picture: GreyPicture): Promise<Box[]> => {
        const over = new AbortController();
        const answer = once(thread, 'message', { signal: over.signal });
        answer.catch(() => undefined);
        try {
          thread.postMessage(picture);
          const [boxes] = (await Promise.race([answer, exited])) as [Box[]];
          return boxes;
        } finally {
          over.abort();
        }
      };
      return {
        find(picture) {
          const found = last.then(() => find(picture));
          last = found.catch(() => undefined);
          return found;
        },
        async close() {
          await thread.terminate();
        },
      };
    },
  };
}
