import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { Refusal } from '../domain/errors.ts';
import type { Playback } from '../pipeline/release/open-playback.ts';
import { writePlaylist } from '../pipeline/release/playlist.ts';

/** Answers with the playlist of a playback whose media is at `mediaUri`. @throws Refusal `NOT_FOUND` if it has none. */
export function sendPlaylist(res: Response, { source, layout }: Playback, mediaUri: string): void {
  source.close();
  if (layout === null) throw new Refusal('NOT_FOUND');
  res.type('application/vnd.apple.mpegurl').send(writePlaylist(layout, mediaUri));
}

export function outlineOf({ source, layout }: Playback) {
  source.close();
  return {
    hasPlaylist: layout !== null,
    durationMs: layout?.durationMs ?? null,
    chaptersMs: [...(layout?.chaptersMs ?? [])],
    subtitles: (layout?.subtitles ?? []).map(({ language }, track) => ({ track, language })),
  };
}

/** Subtitles are content: reading them is on the log like any other part. @throws Refusal `NOT_FOUND`. */
export async function sendSubtitles(req: Request, res: Response, playback: Playback, track: number): Promise<void> {
  const { source, layout } = playback;
  try {
    const subtitles = layout?.subtitles[track];
    if (subtitles === undefined) throw new Refusal('NOT_FOUND');
    res.setHeader('Content-Length', String(subtitles.bytes));
    res.type('text/vtt');
    if (req.method === 'HEAD') return void res.end();
    const gone = new AbortController();
    res.once('close', () => gone.abort());
    await pipeline(playback.read(subtitles.at, subtitles.at + subtitles.bytes, gone.signal), res);
  } finally {
    source.close();
  }
}
