import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { Refusal } from '../domain/errors.ts';
import type { Playback } from '../pipeline/release/play-media.ts';

/**
 * Answers GET and HEAD for a playback: 200, 206 for one range, 304, 416; `If-Range` by ETag. RFC 9110, sections 13 and 14.
 * Several ranges in one request are answered with the whole, which the RFC allows. Closes the playback's source.
 */
export async function sendMedia(req: Request, res: Response, playback: Playback): Promise<void> {
  const { source, etag } = playback;
  try {
    res.setHeader('Content-Type', playback.mediaType);
    res.setHeader('Accept-Ranges', 'bytes');
    res.setHeader('ETag', etag);
    res.setHeader('Cache-Control', 'private, no-store');
    res.setHeader('Content-Disposition', 'inline; filename="recording"');
    res.setHeader('Content-Security-Policy', "default-src 'none'; media-src 'self'; sandbox");
    if (
      req
        .get('if-none-match')
        ?.split(',')
        .some((tag) => tag.trim() === etag || tag.trim() === '*')
    ) {
      res.status(304).end();
      return;
    }
    const range = findRange(req, source.bytes, etag);
    if (range === 'unsatisfiable') {
      res.setHeader('Content-Range', `bytes */${source.bytes}`);
      throw new Refusal('RANGE_NOT_SATISFIABLE');
    }
    const { start, end } = range ?? { start: 0, end: source.bytes };
    if (range) res.setHeader('Content-Range', `bytes ${start}-${end - 1}/${source.bytes}`);
    res.setHeader('Content-Length', String(end - start));
    res.status(range ? 206 : 200);
    if (req.method === 'HEAD') {
      res.end();
      return;
    }
    const gone = new AbortController();
    res.once('close', () => gone.abort());
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

function findRange(req: Request, bytes: number, etag: string): { start: number; end: number } | 'unsatisfiable' | null {
  const ifRange = req.get('if-range');
  if (ifRange !== undefined && ifRange !== etag) return null;
  const ranges = req.range(bytes);
  if (ranges === undefined || ranges === -2) return null;
  if (ranges === -1) return 'unsatisfiable';
  if (ranges.type !== 'bytes' || ranges.length !== 1) return null;
  const { start, end } = ranges[0]!;
  return { start, end: end + 1 };
}
