import type { Readable } from 'node:stream';
import type { ObjectStore } from '../../src/pipeline/ports/object-store.ts';

/** Bytes that went into a store and came out of it, since it is counted. */
export interface StoreBytes {
  readBytes: number;
  writtenBytes: number;
}

/** The same store, which counts in `bytes` what it is given and what it reads. */
export function countStore(store: ObjectStore, bytes: StoreBytes): ObjectStore {
  const counted: Pick<ObjectStore, 'put' | 'get'> = {
    put: (key, body, options) => store.put(key, countPieces(body, bytes), options),
    async get(key, range, options) {
      const stream: Readable = await store.get(key, range, options);
      const push = stream.push.bind(stream);
      stream.push = (chunk: Uint8Array | null, encoding?: BufferEncoding) => {
        bytes.readBytes += chunk?.length ?? 0;
        return push(chunk, encoding);
      };
      return stream;
    },
  };
  return new Proxy(store, {
    get: (target, name) =>
      counted[name as keyof typeof counted] ?? (target[name as keyof ObjectStore] as () => unknown).bind(target),
  });
}

async function* countPieces(body: AsyncIterable<Uint8Array>, bytes: StoreBytes) {
  for await (const piece of body) {
    bytes.writtenBytes += piece.length;
    yield piece;
  }
}
