import type { Edit } from '../../domain/decision.ts';
import { mustHave } from '../../domain/must-have.ts';
import { movedTime } from '../../domain/rendition-time.ts';
import type { MediaProbe, MediaSource } from '../../pipeline/ports/media.ts';
import { readLines, run } from '../process/run.ts';
import { type ContainerName, containers } from './containers.ts';
import { ffmpegArguments } from './ffmpeg-command.ts';
import type { FfmpegPrograms } from './ffmpeg-programs.ts';
import { inputOptions, type MediaLimits, withLoopback } from './media-input.ts';
import { addParameterSets, type ParameterSets, parameterSetsOf } from './parameter-sets.ts';
import { type PartialPlan, type PicturePacket, type PicturePart, planParts } from './partial-plan.ts';
import type { ProbeJson, ProbeJsonStream } from './probe.ts';
import {
  encoderOptions,
  factOf,
  frameRate,
  isCopyable,
  movingPicture,
  videoFilter,
  withoutMessages,
} from './rendition-options.ts';
import { streamRun } from './stream-run.ts';
import { type Timeline, timelineFrom } from './timeline.ts';

/** Data that the parts of one rendition have in common. */
export interface PartsRequest {
  readonly programs: FfmpegPrograms;
  readonly limits: MediaLimits;
  readonly media: MediaSource;
  readonly container: ContainerName;
  readonly signal: AbortSignal;
  readonly fact: ProbeJsonStream;
  /** H.264 profile, by the encoder's name for it. */
  readonly profile: string;
  readonly plan: PartialPlan;
  /** When the first picture is shown, seconds from the beginning of the recording. */
  readonly firstPicture: number;
}

/** A request before it is known whether the picture can be edited in parts. */
type BareRequest = Omit<PartsRequest, 'fact' | 'profile' | 'plan' | 'firstPicture'>;

/** Names of H.264 profiles for an encoder. A decoder that was opened for one profile is never given another. */
const profiles: ReadonlyMap<string | undefined, string> = new Map([
  ['Baseline', 'baseline'],
  ['Constrained Baseline', 'baseline'],
  ['Main', 'main'],
  ['High', 'high'],
]);
/** Encoder options for each number of frames by which decoding runs ahead. */
const delays = {
  0: ['-bf', '0'],
  1: ['-bf', '2', '-b-pyramid', 'none'],
  2: ['-bf', '3', '-b-pyramid', 'normal'],
} as const;
/** Number of our own parameter sets: encoders begin to count at 0. */
const setNumber = 31;
/** A transport stream has no negative times, and decoding begins before showing. */
const leadSeconds = 10;

/**
 * Plans how to edit the picture without encoding all of it. Null if that is impossible: it takes H.264 in MP4 with an
 * index of its key frames, and edits that change the picture in some places only. Reads the places of all its packets
 * once.
 */
export async function findParts(
  request: BareRequest,
  probe: MediaProbe,
  json: ProbeJson,
  edits: readonly Edit[],
): Promise<PartsRequest | null> {
  const video = movingPicture(probe);
  const fact = video && factOf(video, json.streams ?? []);
  const pictureEdits = edits.filter(({ kind }) => kind === 'black_out' || kind === 'blur' || kind === 'cut');
  if (!fact || pictureEdits.length === 0) return null;
  if (!isCopyable(fact, request.container) || containers[request.container].demuxer !== 'mov') return null;
  const profile = profiles.get(fact.profile);
  if (profile === undefined) return null;
  const packets = await readPackets(request, fact.index, Number(json.format?.start_time ?? 0));
  const plan = packets && planParts(packets, pictureEdits, frameRate(fact));
  const [first] = packets ?? [];
  if (!plan || !first || (plan.delayFrames > 0 && profile === 'baseline')) return null;
  return { ...request, fact, profile, plan, firstPicture: first.pts };
}

/** Every packet of the picture; null if some of them are not to be shown. */
async function readPackets(
  { programs, limits, media, container, signal }: BareRequest,
  index: number,
  startTime: number,
): Promise<PicturePacket[] | null> {
  const packets: PicturePacket[] = [];
  let isWhole = true;
  const result = await withLoopback(media, ({ url, token }) =>
    run(programs.sandbox, {
      command: programs.ffprobe,
      args: [
        ...['-hide_banner', '-v', 'error', ...inputOptions(container, limits), '-select_streams', String(index)],
        ...['-show_entries', 'packet=pts_time,dts_time,flags', '-of', 'csv=print_section=0', '-i', url],
      ],
      limits: limits.render,
      secret: token,
      signal,
      pipes: [
        (pipe) =>
          readLines(pipe, (line) => {
            const [pts, dts, flags = ''] = line.split(',');
            if (flags.includes('D')) isWhole = false;
            packets.push({ pts: Number(pts) - startTime, dts: Number(dts) - startTime, isKey: flags.startsWith('K') });
          }),
      ],
    }),
  );
  if (result.exitCode !== 0) throw new Error(`reading the packets failed: ${result.stderrTail.join(' | ')}`);
  return isWhole ? packets : null;
}

/** The edited picture as one MPEG transport stream, part after part; see `joinedInput`. */
export async function* renderParts(request: PartsRequest, timeline: Timeline): AsyncGenerator<Buffer, void, undefined> {
  for (const part of request.plan.parts)
    yield* streamRun(request.programs, request.media, request.limits, request.signal, (url) =>
      ffmpegArguments(['-hide_banner', '-nostdin', '-nostats', '-v', 'error'], seekTo(request, part, url), [
        { target: 'pipe:1', options: partOptions(request, part, timeline) },
      ]),
    );
}

/**
 * Options of the input through which the joined picture comes; its first time stamp becomes that of the first picture.
 */
export const joinedInput = ({ firstPicture }: PartsRequest): string[] => [
  ...['-itsoffset', firstPicture.toFixed(6), '-protocol_whitelist', 'pipe', '-f', 'mpegts'],
];

/**
 * A moment shortly after the start of the first frame: from there a seek finds its key frame, and rounding cannot miss
 * it.
 */
const pastFirst = ({ fact }: PartsRequest, { start }: PicturePart): number => start + 0.25 / frameRate(fact);

function seekTo(request: PartsRequest, part: PicturePart, url: string) {
  const { container, limits } = request;
  return {
    url,
    options: [
      ...inputOptions(container, limits),
      ...['-threads', String(limits.threads), '-noaccurate_seek', '-ss', pastFirst(request, part).toFixed(6)],
    ],
  };
}

function partOptions(request: PartsRequest, part: PicturePart, timeline: Timeline): string[] {
  const { fact, limits } = request;
  const map = ['-map', `0:${fact.index}`];
  const moved = movedTime(timeline, part.start) + leadSeconds;
  const asStream = ['-muxdelay', '0', '-muxpreload', '0', '-f', 'mpegts'];
  if (part.kind === 'copy')
    return [
      ...[...map, '-c:v', 'copy', ...withoutMessages],
      ...(part.end === Number.POSITIVE_INFINITY ? [] : ['-frames:v', String(part.packets)]),
      // A copy keeps its distance from the moment of the seek.
      ...['-output_ts_offset', (moved + pastFirst(request, part) - part.start).toFixed(6), ...asStream],
    ];
  return [
    ...[...map, '-vf', partFilter(request, part, timeline), ...partEncoder(request)],
    ...['-threads', String(limits.threads), '-output_ts_offset', moved.toFixed(6), ...asStream],
  ];
}

function partFilter({ fact }: PartsRequest, part: PicturePart, timeline: Timeline): string {
  const lastFrame = part.end - part.start - 0.5 / frameRate(fact);
  return [
    'setpts=PTS-STARTPTS',
    ...(Number.isFinite(lastFrame) ? [`trim=end=${lastFrame.toFixed(6)}`] : []),
    videoFilter(fact, timelineFrom(timeline, part.start)),
  ].join(',');
}

const partEncoder = ({ profile, plan }: PartsRequest): string[] => [
  ...[...encoderOptions(profile), ...delays[plan.delayFrames]],
  ...['-x264-params', `sps-id=${setNumber}`],
];

/** The parameter sets that our encoder makes for these parts, from the first frame that it would encode. */
export async function readParameterSets(request: PartsRequest, timeline: Timeline): Promise<ParameterSets> {
  const part = mustHave(
    request.plan.parts.find(({ kind }) => kind === 'encode'),
    'part to encode',
  );
  const chunks: Buffer[] = [];
  const frame = streamRun(request.programs, request.media, request.limits, request.signal, (url) =>
    ffmpegArguments(['-hide_banner', '-nostdin', '-nostats', '-v', 'error'], seekTo(request, part, url), [
      {
        target: 'pipe:1',
        options: [
          ...['-map', `0:${request.fact.index}`, '-vf', partFilter(request, part, { ...timeline, removed: [] })],
          ...[...partEncoder(request), '-frames:v', '1', '-threads', String(request.limits.threads), '-f', 'h264'],
        ],
      },
    ]),
  );
  for await (const chunk of frame) chunks.push(chunk);
  return parameterSetsOf(Buffer.concat(chunks));
}

/** Passes a rendition on with more parameter sets in its header. Only the header is held in memory. */
export async function* withParameterSets(
  rendition: AsyncIterable<Buffer>,
  added: ParameterSets,
): AsyncGenerator<Buffer, void, undefined> {
  let header: Buffer | null = Buffer.alloc(0);
  for await (const chunk of rendition) {
    if (header === null) {
      yield chunk;
      continue;
    }
    header = Buffer.concat([header, chunk]);
    const end = endOfMovie(header);
    if (end === null) continue;
    yield addParameterSets(header.subarray(0, end), added);
    if (end < header.length) yield header.subarray(end);
    header = null;
  }
}

function endOfMovie(bytes: Buffer): number | null {
  for (let at = 0; at + 8 <= bytes.length; ) {
    const end = at + Math.max(8, bytes.readUInt32BE(at));
    if (bytes.toString('latin1', at + 4, at + 8) === 'moov') return end <= bytes.length ? end : null;
    at = end;
  }
  return null;
}
