import { randomBytes, timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { Refusal } from '../../domain/errors.ts';
import type { PasswordHashing } from '../../pipeline/ports/credentials.ts';

/** Order to a thread. RFC 9106: `memory` in KiB, `passes`, `lanes`. */
export interface Derivation {
  readonly password: string;
  readonly salt: Uint8Array;
  readonly memory: number;
  readonly passes: number;
  readonly lanes: number;
  readonly octets: number;
}

/** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane. */
const current = { memory: 19_456, passes: 2, lanes: 1, octets: 32 } as const;
const saltOctets = 16;

interface Waiting {
  readonly work: Derivation;
  readonly resolve: (tag: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Passwords by argon2id (RFC 9106), kept as PHC strings. A password is hashed exactly as it was received. Hashing has
 * threads of its own, of low priority, and never uses those that serve files and connections. At most `threads` run and
 * at most `waiting` wait; a caller beyond that is told to come back. The length of the queue bounds how long a person
 * waits: a stranger cannot choose it. Default of `threads`: one on two cores, else two.
 */
export function createPasswordHashing({
  threads = availableParallelism() > 2 ? 2 : 1,
  waiting = 12,
}: {
  threads?: number;
  waiting?: number;
} = {}): PasswordHashing & { close(): Promise<void> } {
  const queue: Waiting[] = [];
  const idle: DerivingThread[] = [];
  const started: DerivingThread[] = [];
  let isClosed = false;

  const next = () => {
    for (let first = queue[0]; first; first = queue[0]) {
      let thread = idle.pop();
      if (!thread && started.length < threads) {
        thread = new DerivingThread();
        started.push(thread);
      }
      if (!thread) return;
      queue.shift();
      void run(thread, first);
    }
  };
  const run = async (thread: DerivingThread, { work, resolve, reject }: Waiting) => {
    try {
      resolve(await thread.derive(work));
      idle.push(thread);
    } catch (error) {
      started.splice(started.indexOf(thread), 1);
      reject(error as Error);
    }
    next();
  };
  const derive = (work: Derivation) =>
    new Promise<Uint8Array>((resolve, reject) => {
      if (isClosed) throw new Error('password hashing is closed');
      if (queue.length >= waiting) throw new Refusal('TOO_MANY_REQUESTS', { retryAfterSeconds: 2 });
      queue.push({ work, resolve, reject });
      next();
    });
  const make = async (password: string) => {
    const salt = randomBytes(saltOctets);
    return encode({ ...current, salt, tag: await derive({ ...current, salt, password }) });
  };
  /** Compared against for an account that does not exist, so that the answer takes the same time. */
  const decoy = encode({ ...current, salt: randomBytes(saltOctets), tag: randomBytes(current.octets) });

  return {
    hash: make,
    async verify(password, hash) {
      const kept = decode(hash ?? decoy);
      const tag = await derive({ ...kept, octets: kept.tag.length, password });
      if (!timingSafeEqual(tag, kept.tag) || hash === null) return 'wrong';
      const { memory, passes, lanes, octets } = current;
      const isCurrent =
        kept.memory === memory && kept.passes === passes && kept.lanes === lanes && kept.tag.length === octets;
      return isCurrent ? 'right' : 'outdated';
    },
    async close() {
      isClosed = true;
      for (const { reject } of queue.splice(0)) reject(new Error('password hashing is closed'));
      await Promise.all(started.map((thread) => thread.close()));
    },
  };
}

class DerivingThread {
  readonly #worker: Worker;
  #id = 0;

  constructor() {
    this.#worker = new Worker(new URL('./deriving-thread.ts', import.meta.url), { env: {} });
    this.#worker.unref();
    this.#worker.on('error', () => {}); // met by the caller who waits; a failure that has no waiter is not missed
  }

  derive(work: Derivation): Promise<Uint8Array> {
    const id = ++this.#id;
    return new Promise((resolve, reject) => {
      const end = () => {
        this.#worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        this.#worker.unref();
      };
      const onMessage = (answer: { id: number; tag: Uint8Array }) => {
        if (answer.id !== id) return;
        end();
        resolve(answer.tag);
      };
      const onError = (error: unknown) => {
        end();
        reject(new Error('a thread that hashes passwords failed', { cause: error }));
      };
      const onExit = () => onError(new Error('it ended'));
      this.#worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      this.#worker.ref();
      this.#worker.postMessage({ id, ...work });
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

interface Kept {
  readonly memory: number;
  readonly passes: number;
  readonly lanes: number;
  readonly salt: Uint8Array;
  readonly tag: Uint8Array;
}

const base64 = (octets: Uint8Array) => Buffer.from(octets).toString('base64').replaceAll('=', '');

function encode({ memory, passes, lanes, salt, tag }: Kept): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${lanes}$${base64(salt)}$${base64(tag)}`;
}

/** @throws Error for text that is not of the form that `encode` makes. */
function decode(text: string): Kept {
  const [, memory, passes, lanes, salt, tag] =
    /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(text) ?? [];
  if (salt === undefined || tag === undefined) throw new Error('a kept password is not in the form of argon2id');
  return {
    memory: Number(memory),
    passes: Number(passes),
    lanes: Number(lanes),
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
}
