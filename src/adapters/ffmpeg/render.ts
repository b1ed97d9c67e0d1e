import type { Edit } from '../../domain/decision.ts';
import { movedTime } from '../../domain/rendition-time.ts';
import type { MediaProbe, MediaSource, RenditionCaptions, RenditionLayout } from '../../pipeline/ports/media.ts';
import { readProgress } from './analyse.ts';
import { containers, isContainerName } from './containers.ts';
import { ffmpegArguments } from './ffmpeg-command.ts';
import type { FfmpegPrograms } from './ffmpeg-programs.ts';
import { FragmentIndex } from './fragment-index.ts';
import { inputOptions, type MediaLimits } from './media-input.ts';
import { openContainer } from './open-container.ts';
import { encodedPartAt } from './partial-plan.ts';
import { readProbeJson } from './probe.ts';
import {
  findParts,
  joinedInput,
  type PartsRequest,
  readParameterSets,
  renderParts,
  withParameterSets,
} from './render-parts.ts';
import { attachedBox, writeRenditionCaptions } from './rendition-captions.ts';
import { factOf, frameRate, movingPicture, type RenditionRequest, renditionOptions } from './rendition-options.ts';
import { streamRun } from './stream-run.ts';
import { planTimeline, type Timeline } from './timeline.ts';

export interface RenderOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (doneMs: number) => void;
  /** Captions of the recording, before the edits. */
  readonly captions?: readonly RenditionCaptions[];
  /** Called once, after the output has ended well. */
  readonly onLayout?: (layout: RenditionLayout) => void;
}

/**
 * The bytes of a rendition, as ffmpeg makes them; see `MediaTools.render`. ffmpeg waits while the output is not read,
 * and is killed when the reader stops. A failure is thrown at the end: bytes given out before it are not a rendition.
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
    const json = await readProbeJson(programs, limits, media, container, signal);
    const { streams = [], chapters = [] } = json;
    const parts = await findParts({ programs, limits, media, container, signal }, probe, json, edits);
    const timeline = timelineOf(probe, streams, edits, parts);
    const request = { container, probe, facts: streams, timeline, limits, isPictureJoined: parts !== null };
    const index = new FragmentIndex();
    let at = 0;
    for await (const chunk of encode(programs, media, request, parts, signal, options.onProgress)) {
      index.push(chunk);
      at += chunk.length;
      yield chunk;
    }
    if (at === 0) throw new Error('the rendition is empty');
    const fragments = index.end();
    const attached: RenditionLayout['subtitles'][number][] = [];
    for (const { language, ...captions } of options.captions ?? []) {
      const text = writeRenditionCaptions(captions, timeline);
      // Where the edits leave none, the rendition has none.
      if (text === null) continue;
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

/** Titles are left out: they are free text. Chapters of which nothing is left begin where the next one does. */
function moveChapters(chapters: readonly { readonly start_time?: string }[], timeline: Timeline): number[] {
  const starts = chapters
    .map(({ start_time }) => Number(start_time))
    .filter((seconds) => seconds >= 0)
    .map((seconds) => Math.round(1000 * movedTime(timeline, seconds)));
  return [...new Set(starts)].sort((a, b) => a - b);
}

/** The edits on the frames: of the whole picture, or of each part that is encoded by itself. */
function timelineOf(
  probe: MediaProbe,
  facts: RenditionRequest['facts'],
  edits: readonly Edit[],
  parts: PartsRequest | null,
): Timeline {
  const video = movingPicture(probe);
  const rate = video === undefined ? null : frameRate(factOf(video, facts));
  return planTimeline(edits, rate, (seconds) => (parts && encodedPartAt(parts.plan, seconds)?.start) ?? 0);
}

/** One run of ffmpeg over the whole file; if the picture is made in parts, it is made beforehand. */
async function* encode(
  programs: FfmpegPrograms,
  media: MediaSource,
  request: RenditionRequest,
  parts: PartsRequest | null,
  signal: AbortSignal,
  onProgress: RenderOptions['onProgress'],
): AsyncGenerator<Buffer, void, undefined> {
  const { container, limits, timeline } = request;
  const options = renditionOptions(request);
  const sets = parts && (await readParameterSets(parts, timeline));
  const rendition = streamRun(
    programs,
    media,
    limits,
    signal,
    (url) =>
      ffmpegArguments(
        ['-hide_banner', '-nostdin', '-nostats', '-v', 'error', '-progress', 'pipe:3'],
        [
          { url, options: [...inputOptions(container, limits), '-threads', String(limits.threads)] },
          ...(parts ? [{ url: 'pipe:0', options: joinedInput(parts) }] : []),
        ],
        [{ target: 'pipe:1', options }],
      ),
    { pipes: [readProgress(onProgress)], ...(parts ? { input: renderParts(parts, timeline) } : {}) },
  );
  yield* sets ? withParameterSets(rendition, sets) : rendition;
}

/** Media type of the rendition: video if any moving video is kept. */
export function renditionType(probe: MediaProbe): string {
  return isContainerName(probe.container) && probe.mediaType !== containers[probe.container].video
    ? 'audio/mp4'
    : probe.streams.some((stream) => stream.kind === 'video' && stream.stillPicture !== true && stream.decodable)
      ? 'video/mp4'
      : 'audio/mp4';
}
