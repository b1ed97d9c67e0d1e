import { Refusal } from '../../domain/errors.ts';
import type { MediaProbe, MediaStream } from '../../pipeline/ports/media.ts';
import { type ContainerName, containers } from './containers.ts';
import type { MediaLimits } from './media-input.ts';
import { type PictureSize, pictureFilters } from './picture-filter.ts';
import type { ProbeJsonStream } from './probe.ts';
import { soundFilter } from './sound-filter.ts';
import type { Timeline } from './timeline.ts';

export interface RenditionRequest {
  readonly container: ContainerName;
  readonly probe: MediaProbe;
  /** The streams, as ffprobe describes them now. */
  readonly facts: readonly ProbeJsonStream[];
  readonly timeline: Timeline;
  /** The picture comes ready made as the second input. Default: it is taken from the recording. */
  readonly isPictureJoined?: boolean;
  readonly limits: MediaLimits;
}

const fastestFrameRate = 30;

/** Output options of one rendition. Policy P11. @throws Refusal `NOT_MEDIA` if no stream can be decoded. */
export function renditionOptions(request: RenditionRequest): string[] {
  const { probe, limits } = request;
  const video = movingPicture(probe);
  const audio = probe.streams
    .filter((stream) => stream.kind === 'audio' && stream.decodable)
    .slice(0, limits.maxDecodedStreams);
  if (video === undefined && audio.length === 0) {
    throw new Refusal('NOT_MEDIA', {
      reasons: [{ code: 'NOTHING_DECODABLE' }],
    });
  }
  return [
    ...(video === undefined ? [] : videoOptions(video, request)),
    ...audio.flatMap((stream, position) => audioOptions(stream, position, request)),
    ...['-threads', String(limits.threads), '-sn', '-dn'],
    ...['-map_metadata', '-1', '-map_metadata:s', '-1', '-map_chapters', '-1'],
    ...['-fflags', '+bitexact', '-avoid_negative_ts', 'make_zero', '-max_muxing_queue_size', '4096'],
    // ffmpeg writes the size of a fragment's header when it is complete, by going back. In a pipe that reaches 32 KiB:
    // with key frames minutes apart the header would outgrow it and keep a size of 0. A second at a time never does.
    ...['-movflags', '+frag_keyframe+empty_moov+default_base_moof+skip_trailer', '-frag_duration', '1000000'],
    ...['-write_tmcd', '0', '-f', 'mp4'],
  ];
}

/** The moving picture that a rendition shows. */
export const movingPicture = (probe: MediaProbe): MediaStream | undefined =>
  probe.streams.find((stream) => stream.kind === 'video' && stream.stillPicture !== true && stream.decodable);

export const factOf = (stream: MediaStream, facts: readonly ProbeJsonStream[]): ProbeJsonStream | undefined =>
  facts.find((each) => each.index === stream.index);

function videoOptions(stream: MediaStream, request: RenditionRequest): string[] {
  const fact = factOf(stream, request.facts);
  if (request.isPictureJoined) return ['-map', '1:v:0', '-c:v', 'copy', ...withoutMessages];
  const isKept = !changesPicture(request.timeline) && fact !== undefined && isCopyable(fact, request.container);
  if (isKept) return ['-map', `0:${stream.index}`, '-c:v', 'copy', ...withoutMessages];
  return [
    ...['-map', `0:${stream.index}`, '-vf', videoFilter(fact, request.timeline)],
    ...encoderOptions('high'),
    // ffmpeg would replace an empty name by that of the encoder; it keeps a blank.
    ...['-metadata:s:v', 'encoder= '],
  ];
}

/** Messages inside H.264 (SEI) carry encoder names, camera data and free text. */
export const withoutMessages = ['-bsf:v', 'filter_units=remove_types=6'];

export const encoderOptions = (profile: string): string[] => [
  ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-profile:v', profile, '-pix_fmt', 'yuv420p'],
  ...['-force_key_frames', 'expr:gte(t,n_forced*4)', '-flags:v', '+bitexact', ...withoutMessages],
];

export const changesPicture = ({ covers, removed }: Timeline): boolean => covers.length + removed.length > 0;
const changesSound = ({ muted, toned, removed }: Timeline): boolean => muted.length + toned.length + removed.length > 0;

/** H.264 that every browser plays unchanged. */
export function isCopyable(fact: ProbeJsonStream, container: ContainerName): boolean {
  return (
    isIndexed(container) &&
    fact.codec_name === 'h264' &&
    fact.pix_fmt === 'yuv420p' &&
    rotationOf(fact) === 0 &&
    isEven(fact.width) &&
    isEven(fact.height)
  );
}

/** Containers whose timestamps a copy can rely on; a transport stream may change its picture size midway. */
const isIndexed = (container: ContainerName): boolean => ['mov', 'matroska'].includes(containers[container].demuxer);

const isEven = (size: number | undefined): boolean => size !== undefined && size > 0 && size % 2 === 0;

const rotationOf = (fact: ProbeJsonStream): number =>
  Math.round(
    fact.side_data_list?.find((data) => data.rotation !== undefined)?.rotation ?? Number(fact.tags?.rotate ?? 0),
  );

/** Upright, of one even size, with the edits of the timeline. */
export function videoFilter(fact: ProbeJsonStream | undefined, timeline: Timeline): string {
  if (!changesPicture(timeline) && !fact?.width) return 'pad=ceil(iw/2)*2:ceil(ih/2)*2,format=yuv420p';
  const size = uprightSize(fact);
  const even = { width: size.width + (size.width % 2), height: size.height + (size.height % 2) };
  return [
    // Fits every frame into the first frame's size, made even; ffmpeg has already turned the picture upright.
    `scale=${size.width}:${size.height}:force_original_aspect_ratio=decrease`,
    `pad=${even.width}:${even.height}:(ow-iw)/2:(oh-ih)/2`,
    ...(changesPicture(timeline) ? pictureFilters(timeline, frameRate(fact), even) : ['format=yuv420p']),
  ].join(',');
}

/** @throws Error for a picture of unknown size: a region to cover has no place in it. */
function uprightSize(fact: ProbeJsonStream | undefined): PictureSize {
  if (!fact?.width || !fact.height) throw new Error('the size of the picture is not known');
  const isTurned = Math.abs(rotationOf(fact)) % 180 === 90;
  return isTurned ? { width: fact.height, height: fact.width } : { width: fact.width, height: fact.height };
}

export function frameRate(fact: ProbeJsonStream | undefined): number {
  const [over = 0, under = 0] = (fact?.avg_frame_rate ?? '').split('/').map(Number);
  const average = under > 0 ? Math.ceil(over / under) : 0;
  return average >= 10 ? Math.min(average, fastestFrameRate) : 15;
}

function audioOptions(stream: MediaStream, position: number, { timeline, container }: RenditionRequest): string[] {
  const map = ['-map', `0:${stream.index}`];
  const canCopy = !changesSound(timeline) && stream.codec === 'aac' && isIndexed(container);
  if (canCopy) return [...map, `-c:a:${position}`, 'copy'];
  const channels = Math.min(stream.channels ?? 2, 2);
  return [
    ...[...map, `-filter:a:${position}`, soundFilter(timeline)],
    ...[`-c:a:${position}`, 'aac', `-b:a:${position}`, channels === 1 ? '64k' : '128k'],
    ...[`-ac:a:${position}`, String(channels), `-flags:a:${position}`, '+bitexact'],
  ];
}
