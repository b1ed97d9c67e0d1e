import { type IncomingMessage, request } from 'node:http';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * A client that asks for the offset, sends from there at the speed of a school's line, and starts again after every
 * failure.
 */
export class PersistentClient {
  /** Bytes handed to the network so far, repeated ones included. */
  sentBytes = 0;
  /** Maximum number of bytes that one interruption made it send again. */
  sentTwice = 0;
  /** The furthest byte handed to the network. */
  highestBytes = 0;
  readonly #file: Buffer;
  readonly #url: URL;
  readonly #headers: Record<string, string>;

  constructor(file: Buffer, url: URL, headers: Readonly<Record<string, string>>) {
    this.#file = file;
    this.#url = url;
    this.#headers = { ...headers, 'tus-resumable': '1.0.0' };
  }

  async sendEverything(): Promise<void> {
    for (;;) {
      try {
        const offset = await this.#offset();
        if (offset === null) {
          await wait(100);
          continue;
        }
        this.sentTwice = Math.max(this.sentTwice, this.highestBytes - offset);
        if (offset === this.#file.length) return;
        await this.#send(offset);
      } catch {
        await wait(50); // a killed server is the point
      }
    }
  }

  async #offset(): Promise<number | null> {
    const response = await fetch(this.#url, {
      method: 'HEAD',
      headers: this.#headers,
    });
    return response.ok ? Number(response.headers.get('upload-offset')) : null;
  }

  async #send(offset: number): Promise<void> {
    const req = request(this.#url, {
      method: 'PATCH',
      headers: {
        ...this.#headers,
        'content-type': 'application/offset+octet-stream',
        'upload-offset': String(offset),
        'content-length': String(this.#file.length - offset),
      },
    });
    const answer = new Promise<IncomingMessage>((resolve, reject) =>
      req.once('response', resolve).once('error', reject),
    );
    let isAnswered = false;
    answer.then(
      () => {
        isAnswered = true;
      },
      () => {
        isAnswered = true; // broken: the next try asks for the offset
      },
    );
    for (let at = offset; at < this.#file.length && !isAnswered; ) {
      const piece = this.#file.subarray(at, at + 512 * 1024);
      const isRoomy = req.write(piece);
      at += piece.length;
      this.sentBytes += piece.length;
      this.highestBytes = Math.max(this.highestBytes, at);
      if (!isRoomy) await Promise.race([new Promise((resolve) => req.once('drain', resolve)), answer.catch(() => {})]);
      await wait(6);
    }
    req.end();
    (await answer).resume();
  }
}

/** A port that is the same after every restart: clients know one address. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
