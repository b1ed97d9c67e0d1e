import type { Response } from 'express';

/** Proxies and clients take a silent connection for dead; an empty line carries no other meaning. */
const beatMs = 15_000;

/**
 * Answers one line of JSON for each item of `lines`, as soon as it comes. A failure before the first line is an
 * ordinary refusal; later the connection breaks, so that the client does not take a part for the whole. A client that
 * goes away ends it.
 */
export async function sendLines(res: Response, lines: (signal: AbortSignal) => AsyncGenerator<unknown>): Promise<void> {
  const gone = new AbortController();
  res.once('close', () => gone.abort(new Error('the client went away')));
  let beat: NodeJS.Timeout | undefined;
  try {
    for await (const line of lines(gone.signal)) {
      if (!res.headersSent) {
        res.status(200).setHeader('Content-Type', 'application/jsonl');
        res.setHeader('X-Accel-Buffering', 'no'); // nginx would hold lines back until the end
        beat = setInterval(() => res.write('\n'), beatMs);
      }
      res.write(`${JSON.stringify(line)}\n`);
    }
    res.end();
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  } finally {
    clearInterval(beat);
  }
}
