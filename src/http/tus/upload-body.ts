import type { IncomingMessage } from 'node:http';

/**
 * The bytes of one request, as its connection delivers them. @tus/server would hand them on through four streams more, which
 * costs as much as everything that is done with them here (docs/performance.md). A client that goes away, and `stop`, end
 * it where it stands, without an error: what has arrived counts.
 */
export class UploadBody implements AsyncIterable<Uint8Array> {
  readonly #req: IncomingMessage;
  #isStopped = false;
  #wake = () => {};

  constructor(req: IncomingMessage) {
    this.#req = req;
  }

  stop(): void {
    this.#isStopped = true;
    this.#wake();
  }

  /** The connection stays open for the answer, whoever stops reading. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const req = this.#req;
    const news = () => this.#wake();
    // A connection that breaks emits an error before it closes.
    for (const event of ['readable', 'end', 'close', 'error']) req.on(event, news);
    try {
      while (!this.#isStopped && !req.destroyed) {
        const piece: Uint8Array | null = req.read();
        if (piece !== null) yield piece;
        else if (req.readableEnded) return;
        else
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
      }
    } finally {
      for (const event of ['readable', 'end', 'close', 'error']) req.off(event, news);
    }
  }
}
