import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { Refusal } from '../domain/errors.ts';
import type { Playback } from '../pipeline/release/open-playback.ts';
import { answerMediaRequest } from './media-request.ts';

/** Answers GET and HEAD for a playback as `answerMediaRequest` decides. Closes the playback's source. */
export async function sendMedia(req: Request, res: Response, playback: Playback): Promise<void> {
  const { source, etag } = playback;
  try {
    res.setHeader('Accept-Ranges', 'bytes');
    res.setHeader('ETag', etag);
    const answer = answerMediaRequest(
      {
        method: req.method,
        range: req.get('range'),
        ifRange: req.get('if-range'),
        ifMatch: req.get('if-match'),
        ifNoneMatch: req.get('if-none-match'),
      },
      { bytes: source.bytes, etag },
    );
    if (answer.status === 416) {
      res.setHeader('Content-Range', `bytes */${source.bytes}`);
      throw new Refusal('RANGE_NOT_SATISFIABLE');
    }
    res.status(answer.status);
    if (!('start' in answer)) {
      res.end();
      return;
    }
    const { start, end } = answer;
    res.setHeader('Content-Type', playback.mediaType);
    res.setHeader('Content-Disposition', 'inline; filename="recording"');
    res.setHeader('Content-Security-Policy', "default-src 'none'; media-src 'self'; sandbox");
    res.setHeader('Content-Length', String(end - start));
    if (answer.status === 206) res.setHeader('Content-Range', `bytes ${start}-${end - 1}/${source.bytes}`);
    if (req.method === 'HEAD') {
      res.end();
      return;
    }
    const gone = new AbortController();
    res.once('close', () => gone.abort(res.errored ?? undefined));
    try {
      await pipeline(playback.read(start, end, gone.signal), res);
    } catch (error) {
      // A viewer who seeks or leaves ends the request; that is no fault.
      if (!(gone.signal.aborted && !(error instanceof Refusal))) throw error;
    }
  } finally {
    source.close();
  }
}
