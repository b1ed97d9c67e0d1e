import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { MediaSource } from '../../pipeline/ports/media.ts';
import { type PipeReader, run } from '../process/run.ts';
import { assertHadTime } from '../process/too-busy.ts';
import type { FfmpegPrograms } from './ffmpeg-programs.ts';
import { type MediaLimits, withLoopback } from './media-input.ts';
import { slateFont } from './slate.ts';

/**
 * The standard output of one ffmpeg run over a source, as it comes. ffmpeg waits while the output is not read, and is
 * killed when the reader stops. A failure is thrown at the end: bytes given out before it count for nothing.
 */
export async function* streamRun(
  programs: FfmpegPrograms,
  media: MediaSource,
  limits: MediaLimits,
  outer: AbortSignal,
  argumentsFor: (url: string) => string[],
  more: { readonly pipes?: readonly PipeReader[]; readonly input?: AsyncIterable<Uint8Array> } = {},
): AsyncGenerator<Buffer, void, undefined> {
  const stopped = new AbortController();
  const signal = AbortSignal.any([outer, stopped.signal]);
  const bytes = new PassThrough();
  const finished = withLoopback(media, ({ url, token }) =>
    run(programs.sandbox, {
      command: programs.ffmpeg,
      args: argumentsFor(url),
      limits: limits.render,
      needs: { paths: [slateFont] },
      secret: token,
      signal,
      pipes: [(pipe) => pipeline(pipe, bytes), ...(more.pipes ?? [])],
      ...(more.input ? { input: more.input } : {}),
    }),
  ).then((result) => {
    if (result.exitCode !== 0 || result.hitLimit !== null) {
      assertHadTime(result);
      const cause = result.hitLimit ?? result.killedBy ?? `exit status ${result.exitCode}`;
      throw new Error(`the rendition failed (${cause}): ${result.stderrTail.join(' | ')}`);
    }
  });
  // A run that fails before its pipes exist must end the reading too. The reader below meets the same failure.
  finished.catch((error: Error) => bytes.destroy(error));
  try {
    for await (const chunk of bytes) yield chunk as Buffer;
    await finished;
  } catch (error) {
    await finished;
    throw error;
  } finally {
    stopped.abort();
    await finished.catch(() => undefined);
  }
}
