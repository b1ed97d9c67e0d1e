import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { unknownLanguage } from '../domain/captions/language.ts';
import { Refusal } from '../domain/errors.ts';
import type { Language } from '../domain/language.ts';
import type { Playback } from '../pipeline/release/open-playback.ts';
import { writePlaylist } from '../pipeline/release/playlist.ts';
import { tellIn } from './tell.ts';

/** Answers with the playlist of a playback whose media is at `mediaUri`. @throws Refusal `NOT_FOUND` if it has none. */
export function sendPlaylist(res: Response, { source, layout }: Playback, mediaUri: string): void {
  source.close();
  if (layout === null) throw new Refusal('NOT_FOUND');
  res.type('application/vnd.apple.mpegurl').send(writePlaylist(layout, mediaUri));
}

/** `reader`: in whose language it is said that there are no captions. */
export function outlineOf({ source, layout }: Playback, reader: Language) {
  source.close();
  const tell = tellIn(reader);
  return {
    hasPlaylist: layout !== null,
    durationMs: layout?.durationMs ?? null,
    chaptersMs: [...(layout?.chaptersMs ?? [])],
    subtitles: (layout?.subtitles ?? []).map(({ language }, track) => ({
      track,
      language: language === unknownLanguage ? null : language,
      label: tell.languageLabel(language),
    })),
    captionsNote: tell.captionsNote((layout?.subtitles.length ?? 0) > 0),
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
