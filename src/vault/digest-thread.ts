import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { ownsItsMemory } from '../domain/memory.ts';
import { mustHave } from '../domain/must-have.ts';
import type { DigestAnswer, DigestOrder } from './digest-worker.ts';

/** SHA-256 over pieces in order. */
export interface Digest {
  /**
   * Takes pieces over and gives the same octets back when they are counted in. Later pieces may be added before that.
   */
  add(...pieces: Uint8Array<ArrayBuffer>[]): Promise<readonly Uint8Array<ArrayBuffer>[]>;
  /** Ends the digest: lower-case hex. */
  hex(): Promise<string>;
  /** Ends the digest without an answer. Does nothing after `hex`. */
  drop(): void;
}

/** A digest on the calling thread. */
export function digestHere(): Digest {
  const hash = createHash('sha256');
  return {
    async add(...pieces) {
      for (const piece of pieces) hash.update(piece);
      return pieces;
    },
    hex: async () => hash.digest('hex'),
    drop() {},
  };
}

/**
 * On one of two threads, which the process starts once for all digests and which keep no process alive. Worth its
 * messages from some hundred kilobytes a piece on (docs/performance.md). Without a second processor: `digestHere`.
 */
export function digestOnThread(of: 'media' | 'body'): Digest {
  if (availableParallelism() < 2) return digestHere();
  const thread = threads.get(of) ?? startThread(() => threads.delete(of));
  threads.set(of, thread);
  return thread.begin();
}

interface Thread {
  begin(): Digest;
}

const threads = new Map<'media' | 'body', Thread>();

function startThread(forget: () => void): Thread {
  const worker = new Worker(new URL('./digest-worker.ts', import.meta.url));
  worker.unref();
  /** For each digest, the callers that wait for an answer: answers come in the order of the questions. */
  const waiting = new Map<number, PromiseWithResolvers<DigestAnswer>[]>();
  let failure: unknown;
  let lastId = 0;
  let unanswered = 0;

  worker.on('message', (answer: DigestAnswer) => {
    const queue = waiting.get(answer.id);
    settled();
    queue?.shift()?.resolve(answer);
  });
  worker.on('error', fail);
  worker.on('exit', (code) => fail(new Error(`the digest thread ended with ${code}`)));

  function fail(cause: unknown): void {
    if (failure !== undefined) return;
    failure = cause;
    forget();
    for (const queue of waiting.values()) for (const one of queue) one.reject(cause);
    waiting.clear();
  }

  function settled(): void {
    unanswered -= 1;
    if (unanswered === 0) worker.unref();
  }

  async function ask(order: DigestOrder, transfer: ArrayBuffer[]): Promise<DigestAnswer> {
    if (failure !== undefined) throw failure;
    const answer = Promise.withResolvers<DigestAnswer>();
    mustHave(waiting.get(order.id), 'digest of this number').push(answer);
    if (unanswered === 0) worker.ref();
    unanswered += 1;
    worker.postMessage(order, transfer);
    return answer.promise;
  }

  return {
    begin() {
      const id = ++lastId;
      waiting.set(id, []);
      let isEnded = false;
      return {
        async add(...pieces) {
          // Pieces that share memory with others are copied, never taken over.
          const answer = await ask(
            { id, pieces },
            pieces.filter(ownsItsMemory).map(({ buffer }) => buffer),
          );
          if (!('pieces' in answer)) throw new TypeError('the digest thread answered another question');
          return answer.pieces;
        },
        async hex() {
          isEnded = true;
          const answer = await ask({ id, end: 'digest' }, []);
          waiting.delete(id);
          if (!('hex' in answer)) throw new TypeError('the digest thread answered another question');
          return answer.hex;
        },
        drop() {
          if (isEnded || failure !== undefined) return;
          isEnded = true;
          waiting.delete(id);
          worker.postMessage({ id, end: 'drop' } satisfies DigestOrder);
        },
      };
    },
  };
}
