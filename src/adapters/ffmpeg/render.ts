import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Edit } from '../../domain/decision.ts';
import type { MediaProbe, MediaSource, RenditionLayout } from '../../pipeline/ports.ts';
import { readProgress } from './analyse.ts';
import { containers, isContainerName } from './containers.ts';
import { ffmpegArguments } from './ffmpeg-command.ts';
import type { FfmpegPrograms } from './ffmpeg-programs.ts';
import { FragmentIndex } from './fragment-index.ts';
import { inputOptions, type MediaLimits, withLoopback } from './media-input.ts';
import { openContainer } from './open-container.ts';
import { readProbeJson } from './probe.ts';
import { type RenditionRequest, renditionOptions, timelineOf } from './rendition-options.ts';
import { attachedBox, readSubtitles } from './rendition-subtitles.ts';
import { run } from './run.ts';
import { movedTime, type Timeline } from './timeline.ts';

export interface RenderOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (doneMs: number) => void;
  /** Told once, when the output has ended well. */
  readonly onLayout?: (layout: RenditionLayout) => void;
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
  edits: readonly Edit[],
  options: RenderOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const { container } = probe;
  if (!isContainerName(container)) throw new Error(`no such container: ${container}`);
  const stopped = new AbortController();
  const signal = options.signal === undefined ? stopped.signal : AbortSignal.any([options.signal, stopped.signal]);
  try {
    const { media } = await openContainer(source, signal);
    const { streams = [], chapters = [] } = await readProbeJson(programs, limits, media, container, signal);
    const timeline = timelineOf(probe, streams, edits);
    const request = { container, probe, facts: streams, timeline, limits };
    const subtitles = await readSubtitles(programs, limits, media, container, probe, timeline, signal);
    const index = new FragmentIndex();
    let at = 0;
    for await (const chunk of encode(programs, media, request, signal, options.onProgress)) {
      index.push(chunk);
      at += chunk.length;
      yield chunk;
    }
    if (at === 0) throw new Error('the rendition is empty');
    const fragments = index.end();
    const attached: RenditionLayout['subtitles'][number][] = [];
    for (const { language, text } of subtitles) {
      const { box, textAt } = attachedBox(text);
      attached.push({ at: at + textAt, bytes: box.length - textAt, language });
      at += box.length;
      yield box;
    }
    const chaptersMs = moveChapters(chapters, timeline);
    options.onLayout?.({ ...fragments, chaptersMs, subtitles: attached });
  } finally {
    stopped.abort();
  }
}

/** Titles are left out: they are whatever somebody typed. Chapters of which nothing is left begin where the next one does. */
function moveChapters(chapters: readonly { readonly start_time?: string }[], timeline: Timeline): number[] {
  const starts = chapters
    .map(({ start_time }) => Number(start_time))
    .filter((seconds) => seconds >= 0)
    .map((seconds) => Math.round(1000 * movedTime(timeline, seconds)));
  return [...new Set(starts)].sort((a, b) => a - b);
}

/** One run of ffmpeg over the whole file. */
async function* encode(
  programs: FfmpegPrograms,
  media: MediaSource,
  request: RenditionRequest,
  signal: AbortSignal,
  onProgress: RenderOptions['onProgress'],
): AsyncGenerator<Buffer, void, undefined> {
  const { container, limits } = request;
  const output = renditionOptions(request);
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
      pipes: [(pipe) => pipeline(pipe, bytes), readProgress(onProgress)],
    }),
  ).then((result) => {
    if (result.exitCode !== 0 || result.hitLimit !== null) {
      const cause = result.hitLimit ?? result.killedBy ?? `exit status ${result.exitCode}`;
      throw new Error(`the rendition failed (${cause}): ${result.stderrTail.join(' | ')}`);
    }
  });
  // A run that fails before its pipes exist must end the reading too. The reader below meets the same failure.
  finished.catch((error: Error) => bytes.destroy(error));
  try {
    for await (const chunk of bytes) yield chunk as Buffer;
  } catch (error) {
    await finished;
    throw error;
  }
  await finished;
}

/** Media type of the rendition: a video as soon as there is moving video to keep. */
export function renditionType(probe: MediaProbe): string {
  return isContainerName(probe.container) && probe.mediaType !== containers[probe.container].video
    ? 'audio/mp4'
    : probe.streams.some((stream) => stream.kind === 'video' && stream.stillPicture !== true && stream.decodable)
      ? 'video/mp4'
      : 'audio/mp4';
}
