import { Refusal } from '../../domain/errors.ts';
import type { MediaProbe, MediaStream, RenditionEdit } from '../../pipeline/ports.ts';
import { type ContainerName, containers } from './containers.ts';
import type { MediaLimits } from './media-input.ts';
import type { ProbeJsonStream } from './probe.ts';

interface Request {
  readonly container: ContainerName;
  readonly probe: MediaProbe;
  /** What ffprobe says of the streams now. */
  readonly facts: readonly ProbeJsonStream[];
  readonly edits: readonly RenditionEdit[];
  readonly limits: MediaLimits;
}

/** Sound is edited in pieces of 10 ms: a piece that touches a range is in it. */
const audioRate = 48_000;
const audioPieceSamples = 480;
const audioPieceSeconds = audioPieceSamples / audioRate;
const fastestFrameRate = 30;

/** Output options of one rendition. Policy P11. @throws Refusal `NOT_MEDIA` when no stream can be decoded. */
export function renditionOptions(request: Request): string[] {
  const { probe, limits } = request;
  const video = probe.streams.find(
    (stream) => stream.kind === 'video' && stream.stillPicture !== true && stream.decodable,
  );
  const audio = probe.streams
    .filter((stream) => stream.kind === 'audio' && stream.decodable)
    .slice(0, limits.maxDecodedStreams);
  if (video === undefined && audio.length === 0) {
    throw new Refusal('NOT_MEDIA', {
      reasons: [
        {
          code: 'NOTHING_DECODABLE',
          tr: 'Kayıtta çözülebilen bir ses ya da görüntü akışı yok.',
          en: 'The recording has no sound or video stream that can be decoded.',
        },
      ],
    });
  }
  return [
    ...(video === undefined ? [] : videoOptions(video, request)),
    ...audio.flatMap((stream, position) => audioOptions(stream, position, request)),
    ...['-threads', String(limits.threads), '-sn', '-dn'],
    ...['-map_metadata', '-1', '-map_metadata:s', '-1', '-map_chapters', '-1'],
    ...['-fflags', '+bitexact', '-avoid_negative_ts', 'make_zero', '-max_muxing_queue_size', '4096'],
    // Sound alone has no key frames that could cut fragments.
    ...['-movflags', '+frag_keyframe+empty_moov+default_base_moof', ...(video ? [] : ['-frag_duration', '5000000'])],
    ...['-write_tmcd', '0', '-f', 'mp4'],
  ];
}

function videoOptions(stream: MediaStream, request: Request): string[] {
  const fact = request.facts.find((each) => each.index === stream.index);
  // Messages inside H.264 (SEI) carry encoder names, camera data and whatever somebody put there.
  const withoutMessages = ['-bsf:v', 'filter_units=remove_types=6'];
  if (fact !== undefined && isCopyableVideo(fact, request)) {
    return ['-map', `0:${stream.index}`, '-c:v', 'copy', ...withoutMessages];
  }
  return [
    ...['-map', `0:${stream.index}`, '-vf', videoFilter(fact, request.edits)],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-profile:v', 'high', '-pix_fmt', 'yuv420p'],
    // An empty name would be replaced by that of the encoder; a blank is kept.
    ...['-metadata:s:v', 'encoder= '],
    ...['-force_key_frames', 'expr:gte(t,n_forced*4)', '-flags:v', '+bitexact', ...withoutMessages],
  ];
}

function isCopyableVideo(fact: ProbeJsonStream, { edits, container }: Request): boolean {
  return (
    edits.every((edit) => edit.kind === 'mute') &&
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

/**
 * Edits need frames inside their ranges. In screen sharing one frame may stand for minutes, and would go on showing what a
 * range hides; so the frame rate is made constant first, and a range begins one frame early.
 */
function videoFilter(fact: ProbeJsonStream | undefined, edits: readonly RenditionEdit[]): string {
  const rate = frameRate(fact);
  const early = 1 / rate;
  const black = edits.filter((edit) => edit.kind === 'black_out').map((edit) => rangeExpression(edit, early));
  const cuts = edits.filter((edit) => edit.kind === 'cut');
  return [
    ...(edits.length > 0 ? [`fps=${rate}:start_time=0`] : []),
    ...(black.length > 0 ? [`drawbox=x=0:y=0:w=iw:h=ih:color=black:t=fill:enable='${black.join('+')}'`] : []),
    ...(cuts.length > 0
      ? [`select='not(${cuts.map((edit) => rangeExpression(edit, 0)).join('+')})'`, `setpts='${shiftExpression(cuts)}'`]
      : []),
    ...fittedSize(fact),
    'format=yuv420p',
  ].join(',');
}

/** Fits every frame into the first frame's size, made even; ffmpeg has already turned the picture upright. */
function fittedSize(fact: ProbeJsonStream | undefined): string[] {
  if (!fact?.width || !fact.height) return ['pad=ceil(iw/2)*2:ceil(ih/2)*2'];
  const turned = Math.abs(rotationOf(fact)) % 180 === 90;
  const [width, height] = turned ? [fact.height, fact.width] : [fact.width, fact.height];
  const [evenWidth, evenHeight] = [width + (width % 2), height + (height % 2)];
  return [
    `scale=${width}:${height}:force_original_aspect_ratio=decrease`,
    `pad=${evenWidth}:${evenHeight}:(ow-iw)/2:(oh-ih)/2`,
  ];
}

function frameRate(fact: ProbeJsonStream | undefined): number {
  const [over = 0, under = 0] = (fact?.avg_frame_rate ?? '').split('/').map(Number);
  const average = under > 0 ? Math.ceil(over / under) : 0;
  return average >= 10 ? Math.min(average, fastestFrameRate) : 15;
}

function audioOptions(stream: MediaStream, position: number, request: Request): string[] {
  const map = ['-map', `0:${stream.index}`];
  const canCopy = request.edits.length === 0 && stream.codec === 'aac' && isIndexed(request.container);
  if (canCopy) return [...map, `-c:a:${position}`, 'copy'];
  const channels = Math.min(stream.channels ?? 2, 2);
  return [
    ...[...map, `-filter:a:${position}`, audioFilter(request.edits)],
    ...[`-c:a:${position}`, 'aac', `-b:a:${position}`, channels === 1 ? '64k' : '128k'],
    ...[`-ac:a:${position}`, String(channels), `-flags:a:${position}`, '+bitexact'],
  ];
}

/** Gaps are filled first, so that a sample's place is its time and sound stays with the picture after a cut. */
function audioFilter(edits: readonly RenditionEdit[]): string {
  const steps = [`aresample=${audioRate}:async=1:first_pts=0`];
  const muted = edits.filter((edit) => edit.kind === 'mute').map((edit) => rangeExpression(edit, audioPieceSeconds));
  const cuts = edits.filter((edit) => edit.kind === 'cut');
  if (edits.length > 0) steps.push(`asetnsamples=n=${audioPieceSamples}:p=0`);
  if (muted.length > 0) steps.push(`volume=volume=0:enable='${muted.join('+')}'`);
  if (cuts.length > 0) {
    steps.push(`aselect='not(${cuts.map((edit) => rangeExpression(edit, audioPieceSeconds)).join('+')})'`);
    steps.push(`asetpts='${shiftExpression(cuts)}'`, `aresample=${audioRate}:async=1:first_pts=0`);
  }
  return steps.join(',');
}

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

/** 1 for a frame that begins in the range or up to `early` seconds before it, and 0 for one that begins at its end. */
function rangeExpression({ startMs, endMs }: RenditionEdit, early: number): string {
  const start = Math.max(0, startMs / 1000 - early + 0.000_5).toFixed(4);
  return `gte(t,${startMs === 0 ? '0' : start})*lt(t,${seconds(endMs)})`;
}

/** Moves a frame forward by all that was cut before it. Overlapping cuts are joined first, so that none counts twice. */
function shiftExpression(cuts: readonly RenditionEdit[]): string {
  const parts = joinRanges(cuts).map(
    ({ startMs, endMs }) => `gte(T,${seconds(Math.max(startMs, endMs - 1))})*${seconds(endMs - startMs)}`,
  );
  return `PTS-(${parts.join('+')})/TB`;
}

function joinRanges(edits: readonly RenditionEdit[]): { startMs: number; endMs: number }[] {
  const joined: { startMs: number; endMs: number }[] = [];
  for (const { startMs, endMs } of edits.toSorted((a, b) => a.startMs - b.startMs)) {
    const last = joined.at(-1);
    if (last !== undefined && startMs <= last.endMs) last.endMs = Math.max(last.endMs, endMs);
    else joined.push({ startMs, endMs });
  }
  return joined;
}
