import type { MediaProbe, MediaSource, MediaStream, MediaWarning } from '../../pipeline/ports/media.ts';
import { collectInto, run } from '../process/run.ts';
import { assertHadTime } from '../process/too-busy.ts';
import { type ContainerName, containers, isDeclarable, nameFits, typeFits } from './containers.ts';
import type { FfmpegPrograms } from './ffmpeg-programs.ts';
import { inputOptions, type MediaLimits, withLoopback } from './media-input.ts';
import { type BoxWalk, walkBoxes } from './mp4-boxes.ts';
import { openContainer } from './open-container.ts';
import { personalTags } from './personal-tags.ts';
import {
  noContent,
  noMovieHeader,
  noSoundOrVideo,
  pictureTooLarge,
  probeTooSlow,
  typeNotAllowed,
  unreadable,
} from './refusal-reasons.ts';

/** The part of ffprobe's JSON that is read. Attacker-controlled: every value may be missing or absurd. */
export interface ProbeJson {
  readonly streams?: readonly ProbeJsonStream[];
  readonly chapters?: readonly { readonly start_time?: string }[];
  readonly packets?: readonly { readonly stream_index?: number; readonly size?: string }[];
  readonly format?: {
    readonly duration?: string;
    readonly start_time?: string;
    readonly tags?: Readonly<Record<string, string>>;
  };
}

export interface ProbeJsonStream {
  readonly index: number;
  readonly codec_type?: string;
  readonly codec_name?: string;
  readonly codec_tag_string?: string;
  readonly pix_fmt?: string;
  readonly profile?: string;
  readonly width?: number;
  readonly height?: number;
  readonly sample_aspect_ratio?: string;
  readonly avg_frame_rate?: string;
  readonly channels?: number;
  readonly sample_rate?: string;
  readonly disposition?: Readonly<Record<string, number>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly side_data_list?: readonly { readonly side_data_type?: string; readonly rotation?: number }[];
}

export interface ProbeOptions {
  readonly declaredType?: string;
  readonly fileName?: string;
  readonly signal?: AbortSignal;
}

/** Recognises a file; see `MediaTools.probe`. */
export async function probeMedia(
  programs: FfmpegPrograms,
  limits: MediaLimits,
  source: MediaSource,
  options: ProbeOptions = {},
): Promise<MediaProbe> {
  const { declaredType, fileName, signal } = options;
  if (declaredType !== undefined && !isDeclarable(declaredType)) throw typeNotAllowed(declaredType);
  const { container, media, skippedBytes } = await openContainer(source, signal);
  const boxes = containers[container].demuxer === 'mov' ? await walkBoxes(source, signal) : null;
  if (boxes !== null && !boxes.hasMovie && !boxes.cutShort && boxes.foreign.length === 0) throw noMovieHeader();
  const json = await readProbeJson(programs, limits, media, container, signal);
  const streams = (json.streams ?? []).map((stream) => describeStream(stream, json.streams ?? [], programs));
  assertHasContent(streams, json, container);
  for (const { width = 0, height = 0 } of streams) {
    if (width * height > limits.maxPixels) throw pictureTooLarge(width, height);
  }
  const tags = collectTags(json);
  const moving = streams.some((stream) => stream.kind === 'video' && stream.stillPicture !== true);
  const declaredSeconds = Number(json.format?.duration);
  const declaredDurationMs = declaredSeconds > 0 ? Math.round(declaredSeconds * 1000) : null;
  return {
    container,
    mediaType: moving ? containers[container].video : containers[container].audio,
    declaredDurationMs,
    streams,
    tags,
    warnings: [
      ...contentWarnings(streams, declaredDurationMs, moving),
      ...boxWarnings(boxes),
      ...(skippedBytes > 0
        ? [{ code: 'TRAILING_DATA' as const, facts: { what: 'bytes_before', bytes: skippedBytes } as const }]
        : []),
      ...personalTags(tags).map((facts) => ({ code: 'PERSONAL_METADATA' as const, facts })),
      ...timedMetadata(json),
      ...mismatchWarnings(container, declaredType, fileName),
    ],
  };
}

/**
 * One ffprobe run: streams, container, and the first packets.
 * @throws Refusal `NOT_MEDIA` if the demuxer cannot open the file, `MEDIA_NOT_ALLOWED` if it costs too much,
 * `PROCESSOR_UNAVAILABLE` if the machine had no time for it.
 */
export async function readProbeJson(
  programs: FfmpegPrograms,
  limits: MediaLimits,
  source: MediaSource,
  container: ContainerName,
  signal?: AbortSignal,
): Promise<ProbeJson> {
  return withLoopback(source, async ({ url, token }) => {
    const chunks: Buffer[] = [];
    const result = await run(programs.sandbox, {
      command: programs.ffprobe,
      args: [
        ...['-hide_banner', '-v', 'error', '-threads', String(limits.threads)],
        ...inputOptions(container, limits),
        ...[
          '-read_intervals',
          '%+#24',
          '-show_packets',
          '-show_streams',
          '-show_chapters',
          '-show_format',
          '-of',
          'json=compact=1',
        ],
        ...['-i', url],
      ],
      limits: limits.probe,
      secret: token,
      signal,
      pipes: [collectInto(chunks)],
    });
    assertHadTime(result);
    if (result.hitLimit !== null || result.killedBy !== null) throw probeTooSlow();
    const tooLarge = /Picture size (\d+)x(\d+)/.exec(result.stderrTail.join('\n'));
    if (tooLarge !== null) throw pictureTooLarge(Number(tooLarge[1]), Number(tooLarge[2]));
    if (result.stderrTail.some((line) => line.includes('moov atom not found'))) throw noMovieHeader();
    if (result.exitCode !== 0) throw unreadable(container, result.stderrTail.slice(-3).join(' '));
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as ProbeJson;
  });
}

function describeStream(
  stream: ProbeJsonStream,
  all: readonly ProbeJsonStream[],
  programs: FfmpegPrograms,
): MediaStream {
  const kind = kindOf(stream);
  const still = stream.disposition?.attached_pic === 1 || stream.disposition?.timed_thumbnails === 1;
  const language = stream.tags?.language;
  return {
    index: stream.index,
    kind,
    codec: stream.codec_name ?? null,
    decodable: stream.codec_name !== undefined && programs.decodes(stream.codec_name) && !isProtected(stream, all),
    ...(kind === 'video' && stream.width ? { width: stream.width } : {}),
    ...(kind === 'video' && stream.height ? { height: stream.height } : {}),
    ...(stream.channels === undefined ? {} : { channels: stream.channels }),
    ...(stream.sample_rate === undefined ? {} : { sampleRate: Number(stream.sample_rate) }),
    ...(language === undefined || language === 'und' ? {} : { language }),
    ...(still ? { stillPicture: true } : {}),
  };
}

function kindOf(stream: ProbeJsonStream): MediaStream['kind'] {
  const type = stream.codec_type;
  return type === 'video' || type === 'audio' || type === 'subtitle' || type === 'attachment' ? type : 'other';
}

/**
 * A file that announces content protection (ISO/IEC 23001-7) is protected as a whole: ffmpeg attaches the announcement
 * to the stream that it read last.
 */
function isProtected(stream: ProbeJsonStream, all: readonly ProbeJsonStream[]): boolean {
  if (/^(enc[avts]|drm[siv])$/.test(stream.codec_tag_string ?? '')) return true;
  return all.some((each) => each.side_data_list?.some((data) => data.side_data_type?.startsWith('Encryption')));
}

function assertHasContent(streams: readonly MediaStream[], json: ProbeJson, container: ContainerName): void {
  if (streams.length === 0) throw unreadable(container, 'no streams');
  const heard = streams.filter(
    (stream) => stream.kind === 'audio' || (stream.kind === 'video' && stream.stillPicture !== true),
  );
  if (heard.length === 0) throw noSoundOrVideo();
  if (!(json.packets ?? []).some((packet) => Number(packet.size) > 0)) throw noContent();
}

function collectTags(json: ProbeJson): MediaProbe['tags'] {
  const of = (stream: number | null, tags: Readonly<Record<string, string>> = {}) =>
    Object.entries(tags).map(([name, value]) => ({ stream, name, value: String(value).slice(0, 2000) }));
  return [...of(null, json.format?.tags), ...(json.streams ?? []).flatMap((stream) => of(stream.index, stream.tags))];
}

function contentWarnings(streams: readonly MediaStream[], durationMs: number | null, moving: boolean): MediaWarning[] {
  const found: MediaWarning[] = [];
  const audio = streams.filter((stream) => stream.kind === 'audio');
  const video = streams.filter((stream) => stream.kind === 'video' && stream.stillPicture !== true);
  if (audio.length === 0) found.push({ code: 'NO_AUDIO', facts: {} });
  if (!moving) found.push({ code: 'NO_VIDEO', facts: {} });
  if (durationMs === null) found.push({ code: 'DURATION_UNKNOWN', facts: {} });
  for (const stream of streams) {
    if (stream.kind === 'attachment')
      found.push({ code: 'ATTACHED_FILE', facts: { what: 'stream', stream: stream.index } });
    if (stream.kind === 'other') found.push({ code: 'HIDDEN_STREAM', facts: { what: 'data', stream: stream.index } });
  }
  for (const stream of video.slice(1))
    found.push({ code: 'HIDDEN_STREAM', facts: { what: 'video', stream: stream.index } });
  for (const stream of audio.slice(1))
    found.push({ code: 'HIDDEN_STREAM', facts: { what: 'audio', stream: stream.index } });
  return found;
}

function boxWarnings(boxes: BoxWalk | null): MediaWarning[] {
  if (boxes === null) return [];
  return [
    ...boxes.foreign.map((what) => ({ code: 'TRAILING_DATA' as const, facts: { what } })),
    ...(boxes.deviceTrailer
      ? [{ code: 'PERSONAL_METADATA' as const, facts: { what: 'device_trailer' } as const }]
      : []),
  ];
}

function timedMetadata(json: ProbeJson): MediaWarning[] {
  return (json.streams ?? [])
    .filter((stream) => ['mett', 'metx', 'gpmd', 'camm', 'mebx', 'tmcd'].includes(stream.codec_tag_string ?? ''))
    .map((stream) => ({ code: 'PERSONAL_METADATA', facts: { what: 'timed', stream: stream.index } as const }));
}

function mismatchWarnings(container: ContainerName, declaredType?: string, fileName?: string): MediaWarning[] {
  const found: MediaWarning[] = [];
  const code = 'TYPE_DIFFERS_FROM_DECLARED';
  if (declaredType !== undefined && !typeFits(declaredType, container))
    found.push({ code, facts: { what: 'declared_type', declared: declaredType.slice(0, 100), container } });
  if (fileName !== undefined && !nameFits(fileName, container))
    found.push({ code, facts: { what: 'file_name', container } });
  return found;
}
