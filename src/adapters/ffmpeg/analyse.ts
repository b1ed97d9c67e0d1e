import type { NotAnalysedCode } from '../../domain/not-analysed.ts';
import type {
  MediaFeatures,
  MediaProbe,
  MediaSource,
  MediaStream,
  MediaWatcher,
  NotAnalysed,
} from '../../pipeline/ports/media.ts';
import { collectInto, descriptorOf, type PipeReader, readLines, run } from '../process/run.ts';
import { type AnalysisLog, createAnalysisLog } from './analysis-log.ts';
import { containers, isContainerName } from './containers.ts';
import { type CommandOutput, ffmpegArguments } from './ffmpeg-command.ts';
import { everyFrameOnce, type FfmpegPrograms } from './ffmpeg-programs.ts';
import { inputOptions, type MediaLimits, withLoopback } from './media-input.ts';
import { walkBoxes } from './mp4-boxes.ts';
import { decodedEndMs, longerThanDeclared, mergeNotAnalysed, missingFromStreams } from './not-analysed.ts';
import { openContainer } from './open-container.ts';
import { parseSrt } from './srt.ts';
import { pictureOptions, readPictures, readSamples, soundOptions } from './watching.ts';

export interface AnalyseOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (doneMs: number) => void;
  readonly watcher?: MediaWatcher;
}

const textSubtitles = new Set(['subrip', 'srt', 'ass', 'ssa', 'mov_text', 'webvtt', 'text', 'eia_608']);
export const isTextSubtitle = ({ kind, codec, decodable }: MediaStream): boolean =>
  kind === 'subtitle' && decodable && textSubtitles.has(codec ?? '');

/** Chromaprint's own working rate; resampling here gives works and recordings the same path. */
const fingerprintFilter = 'aresample=11025:async=1:first_pts=0';

/** A stream that is not decoded. */
type LeftOut = Pick<NotAnalysed, 'why' | 'detail'> & { readonly stream: MediaStream };

interface Plan {
  readonly decoded: readonly MediaStream[];
  readonly subtitles: readonly MediaStream[];
  /** Streams that are left out, each with its reason. */
  readonly leftOut: readonly LeftOut[];
}

/**
 * Decodes every sound stream and every moving video once, in one ffmpeg process, and reads from it: the fingerprints,
 * the text subtitles, and for every frame the time that it stands for. A complaint of a decoder becomes a stretch that
 * was not analysed, around the time of the complaint. See `MediaTools.analyse`.
 */
export async function analyseMedia(
  programs: FfmpegPrograms,
  limits: MediaLimits,
  source: MediaSource,
  probe: MediaProbe,
  options: AnalyseOptions = {},
): Promise<MediaFeatures> {
  if (!isContainerName(probe.container)) throw new Error(`no such container: ${probe.container}`);
  const plan = planAnalysis(probe, limits);
  const { media } = await openContainer(source, options.signal);
  const log = createAnalysisLog(plan.decoded);
  const outcome = await decode(programs, limits, media, probe, plan, log, options);
  const endMs = decodedEndMs(plan.decoded, log, probe.declaredDurationMs);
  const wholeMs = Math.max(endMs, probe.declaredDurationMs ?? 0);
  const whole = (stream: MediaStream, why: NotAnalysedCode, detail?: string): NotAnalysed => ({
    stream: stream.index,
    startMs: 0,
    endMs: wholeMs,
    why,
    ...(detail === undefined ? {} : { detail }),
  });
  const notAnalysed = [
    ...plan.leftOut.map(({ stream, why, detail }) => whole(stream, why, detail)),
    ...(outcome.broken === null
      ? []
      : plan.decoded.map((stream) => whole(stream, outcome.broken ?? 'DECODING_STOPPED'))),
    ...log.damage(wholeMs),
    ...plan.decoded
      .filter((stream) => stream.kind === 'audio' && log.frames(stream.index) > 0)
      .filter((stream) => !outcome.fingerprints.some((print) => print.stream === stream.index))
      .map((stream) => whole(stream, 'TOO_SHORT')),
    ...missingFromStreams(plan.decoded, log, probe.declaredDurationMs, outcome.hitTimeLimit),
    ...(await cutShort(media, probe, endMs, options.signal)),
  ];
  return {
    analysedDurationMs: endMs,
    fingerprints: outcome.fingerprints.map(({ stream, fingerprint }) => ({
      stream,
      fingerprint,
      silent: log.isSilent(stream),
    })),
    subtitles: outcome.subtitles,
    notAnalysed: [...mergeNotAnalysed(notAnalysed), ...longerThanDeclared(endMs, probe.declaredDurationMs)],
  };
}

function planAnalysis(probe: MediaProbe, limits: MediaLimits): Plan {
  const decoded: MediaStream[] = [];
  const subtitles: MediaStream[] = [];
  const leftOut: LeftOut[] = [];
  for (const stream of probe.streams) {
    const isMoving = stream.kind === 'video' && stream.stillPicture !== true;
    if (stream.kind === 'subtitle') {
      if (isTextSubtitle(stream)) subtitles.push(stream);
      else leftOut.push({ stream, why: 'SUBTITLES_NOT_TEXT' });
    } else if (isMoving || stream.kind === 'audio') {
      const sameKind = decoded.filter((other) => other.kind === stream.kind).length;
      if (!stream.decodable)
        leftOut.push({ stream, why: 'NO_DECODER', ...(stream.codec === null ? {} : { detail: stream.codec }) });
      else if (sameKind >= limits.maxDecodedStreams) leftOut.push({ stream, why: 'TOO_MANY_STREAMS' });
      else decoded.push(stream);
    }
  }
  return { decoded, subtitles: subtitles.slice(0, limits.maxDecodedStreams), leftOut };
}

interface Outcome {
  readonly fingerprints: readonly { readonly stream: number; readonly fingerprint: Uint32Array }[];
  readonly subtitles: MediaFeatures['subtitles'];
  readonly hitTimeLimit: boolean;
  /** Why no result of the run can be relied on; null if it ended well. */
  readonly broken: NotAnalysedCode | null;
}

async function decode(
  programs: FfmpegPrograms,
  limits: MediaLimits,
  media: MediaSource,
  probe: MediaProbe,
  plan: Plan,
  log: AnalysisLog,
  options: AnalyseOptions,
): Promise<Outcome> {
  if (plan.decoded.length + plan.subtitles.length === 0) {
    return { fingerprints: [], subtitles: [], hitTimeLimit: false, broken: null };
  }
  const pipes: PipeReader[] = [readProgress(options.onProgress)];
  const outputs: CommandOutput[] = [];
  const collected = new Map<number, Buffer[]>();
  const addPipe = (stream: MediaStream): string => {
    const chunks: Buffer[] = [];
    collected.set(stream.index, chunks);
    pipes.push(collectInto(chunks));
    return `pipe:${descriptorOf(pipes.length - 1)}`;
  };
  for (const stream of plan.decoded) {
    outputs.push(
      stream.kind === 'audio'
        ? { target: addPipe(stream), options: fingerprintOptions(stream.index) }
        : { target: '-', options: videoOptions(stream.index, programs) },
    );
  }
  const watch = (read: PipeReader, options: string[]) => {
    pipes.push(read);
    outputs.push({ target: `pipe:${descriptorOf(pipes.length - 1)}`, options });
  };
  const { watcher = {} } = options;
  for (const { index, kind } of plan.decoded) {
    if (kind === 'audio' && watcher.sound !== undefined) watch(readSamples(watcher.sound(index)), soundOptions(index));
    if (kind === 'video' && watcher.picture !== undefined)
      watch(
        readPictures(log, 'picture', index, watcher.picture(index)),
        pictureOptions('picture', index, 1 / (watcher.picturesPerSecond ?? 4), programs),
      );
    if (kind === 'video' && watcher.page !== undefined)
      watch(
        readPictures(log, 'page', index, watcher.page(index)),
        pictureOptions('page', index, watcher.secondsPerPage ?? 2, programs, watcher.pageWidth),
      );
  }
  for (const stream of plan.subtitles) {
    outputs.push({ target: addPipe(stream), options: ['-map', `0:${stream.index}`, '-c:s', 'srt', '-f', 'srt'] });
  }
  const result = await withLoopback(media, ({ url, token }) =>
    run(programs.sandbox, {
      command: programs.ffmpeg,
      args: ffmpegArguments(
        ['-hide_banner', '-nostdin', '-nostats', '-v', 'repeat+level+info', '-progress', 'pipe:1'],
        {
          url,
          options: [
            ...inputOptions(probe.container as keyof typeof containers, limits),
            '-threads',
            String(limits.threads),
          ],
        },
        outputs,
      ),
      limits: limits.analyse,
      secret: token,
      signal: options.signal,
      finishAtLimit: true,
      onLine: log.read,
      onLinesEnd: log.end,
      pipes,
    }),
  );
  const hitTimeLimit = result.hitLimit === 'wall' || result.hitLimit === 'processor';
  const ended = result.exitCode === 0 || (hitTimeLimit && result.killedBy === null);
  return {
    fingerprints: plan.decoded
      .filter((stream) => stream.kind === 'audio')
      .map((stream) => ({ stream: stream.index, fingerprint: toFingerprint(collected.get(stream.index) ?? []) }))
      .filter(({ fingerprint }) => fingerprint.length > 0),
    subtitles: plan.subtitles.flatMap((stream) =>
      parseSrt(Buffer.concat(collected.get(stream.index) ?? []).toString('utf8')).map((line) => ({
        stream: stream.index,
        ...line,
      })),
    ),
    hitTimeLimit,
    // Killed although asked to end: the time limit loses what the decoders still held.
    broken: ended ? null : hitTimeLimit ? 'TIME_LIMIT' : 'DECODING_STOPPED',
  };
}

/**
 * `ashowinfo` names every frame's time on stderr, `volumedetect` the loudest sample; both pass the sound on unchanged.
 */
function fingerprintOptions(stream: number): string[] {
  return [
    ...['-map', `0:${stream}`],
    ...['-af', `ashowinfo@s${stream},volumedetect@s${stream},${fingerprintFilter}`],
    ...['-ac', '1', '-f', 'chromaprint', '-fp_format', 'raw', '-algorithm', '1'],
  ];
}

/**
 * Every frame once, at its own time. No frame is invented for a gap, so a file of 100 hours with few frames takes
 * little work.
 */
function videoOptions(stream: number, programs: FfmpegPrograms): string[] {
  return [
    ...['-map', `0:${stream}`, '-vf', `showinfo@s${stream}=checksum=0`],
    ...everyFrameOnce(programs),
    ...['-f', 'null'],
  ];
}

/** Sub-fingerprints are written in the machine's byte order; every machine that Node runs on today is little-endian. */
function toFingerprint(chunks: readonly Buffer[]): Uint32Array {
  const bytes = Buffer.concat(chunks);
  const fingerprint = new Uint32Array(Math.floor(bytes.length / 4));
  for (let at = 0; at < fingerprint.length; at++) fingerprint[at] = bytes.readUInt32LE(at * 4);
  return fingerprint;
}

/** Reads `-progress` output: `out_time_us` grows with the decoded time. */
export function readProgress(onProgress: ((doneMs: number) => void) | undefined): PipeReader {
  return (pipe) =>
    readLines(pipe, (line) => {
      const doneUs = Number(/^out_time_us=(\d+)$/.exec(line)?.[1]);
      if (Number.isFinite(doneUs)) onProgress?.(Math.round(doneUs / 1000));
    });
}

/** A file whose last box was cut: everything after it is lost, even if no declared duration includes the lost part. */
async function cutShort(
  media: MediaSource,
  probe: MediaProbe,
  endMs: number,
  signal?: AbortSignal,
): Promise<NotAnalysed[]> {
  if (!isContainerName(probe.container) || containers[probe.container].demuxer !== 'mov') return [];
  const boxes = await walkBoxes(media, signal);
  if (!boxes.cutShort) return [];
  const until = Math.max(endMs, probe.declaredDurationMs ?? 0);
  return [{ stream: null, startMs: Math.max(0, Math.min(endMs, until) - 1000), endMs: until, why: 'ENDS_TOO_EARLY' }];
}
