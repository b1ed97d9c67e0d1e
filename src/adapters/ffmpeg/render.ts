import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { MediaProbe, MediaSource, RenditionEdit } from '../../pipeline/ports.ts';
import { run } from '../process/run.ts';
import { readProgress } from './analyse.ts';
import { containers, isContainerName } from './containers.ts';
import { ffmpegArguments } from './ffmpeg-command.ts';
import type { FfmpegPrograms } from './ffmpeg-programs.ts';
import { inputOptions, type MediaLimits, withLoopback } from './media-input.ts';
import { openContainer } from './open-container.ts';
import { readProbeJson } from './probe.ts';
import { renditionOptions } from './rendition-options.ts';

export interface RenderOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (doneMs: number) => void;
}

/**
 * The bytes of a rendition, as ffmpeg makes them; see `MediaTools.render`. ffmpeg waits while nobody reads, and is killed
 * when the reader stops. What was given out before a failure is not a rendition: the failure is thrown at the end.
 */
export async function* renderMedia(
  programs: FfmpegPrograms,
  limits: MediaLimits,
  source: MediaSource,
  probe: MediaProbe,
  edits: readonly RenditionEdit[],
  options: RenderOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const { container } = probe;
  if (!isContainerName(container)) throw new Error(`no such container: ${container}`);
  const stopped = new AbortController();
  const signal = options.signal === undefined ? stopped.signal : AbortSignal.any([options.signal, stopped.signal]);
  const { media } = await openContainer(source, signal);
  const { streams = [] } = await readProbeJson(programs, limits, media, container, signal);
  const output = renditionOptions({ container, probe, facts: streams, edits, limits });
  const bytes = new PassThrough();
  const finished = withLoopback(media, ({ url, token }) =>
    run(programs.sandbox, {
      command: programs.ffmpeg,
      args: ffmpegArguments(
        ['-hide_banner', '-nostdin', '-nostats', '-v', 'error', '-progress', 'pipe:3'],
        { url, options: [...inputOptions(container, limits), '-threads', String(limits.threads)] },
        [{ target: 'pipe:1', options: output }],
      ),
      limits: limits.render,
      secret: token,
      signal,
      pipes: [(pipe) => pipeline(pipe, bytes), readProgress(options.onProgress)],
    }),
  ).then((result) => {
    if (result.exitCode !== 0 || result.hitLimit !== null) {
      const cause = result.hitLimit ?? result.killedBy ?? `exit status ${result.exitCode}`;
      throw new Error(`the rendition failed (${cause}): ${result.stderrTail.join(' | ')}`);
    }
  });
  // A run that fails before its pipes exist must end the reading too. The reader below meets the same failure.
  finished.catch((error: Error) => bytes.destroy(error));
  let given = 0;
  try {
    for await (const chunk of bytes) {
      given += (chunk as Buffer).length;
      yield chunk as Buffer;
    }
    await finished;
    if (given === 0) throw new Error('the rendition is empty');
  } catch (error) {
    await finished;
    throw error;
  } finally {
    stopped.abort();
    await finished.catch(() => undefined);
  }
}

/** Media type of the rendition: a video as soon as there is moving video to keep. */
export function renditionType(probe: MediaProbe): string {
  return isContainerName(probe.container) && probe.mediaType !== containers[probe.container].video
    ? 'audio/mp4'
    : probe.streams.some((stream) => stream.kind === 'video' && stream.stillPicture !== true && stream.decodable)
      ? 'video/mp4'
      : 'audio/mp4';
}
