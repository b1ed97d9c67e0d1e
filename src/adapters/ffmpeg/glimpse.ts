import { Refusal } from '../../domain/errors.ts';
import type { MediaProbe, MediaSource, MediaStream } from '../../pipeline/ports/media.ts';
import type { SoundPrint } from '../../pipeline/ports/work-look-up.ts';
import { assertHadTime } from '../process/too-busy.ts';
import type { ContainerName } from './containers.ts';
import type { FfmpegPrograms } from './ffmpeg-programs.ts';
import { inputOptions, type MediaLimits } from './media-input.ts';
import { openContainer } from './open-container.ts';
import { readOnce } from './read-once.ts';

const longestMs = 120_000;
/** Chromaprint looks at 2.6 s at a time. */
const shortestPrintMs = 3_000;
const seconds = (ms: number): string => (Math.max(0, ms) / 1_000).toFixed(3);

/** See `MediaTools.glimpse`. */
export function showPicture(
  programs: FfmpegPrograms,
  limits: MediaLimits,
  source: MediaSource,
  probe: MediaProbe,
  atMs: number,
  signal?: AbortSignal,
): Promise<Buffer> {
  const stream = probe.streams.find(
    ({ kind, decodable, stillPicture }) => kind === 'video' && decodable && !stillPicture,
  );
  const options = (index: number) => [
    ...['-map', `0:${index}`, '-frames:v', '1', '-vf', "scale='min(640,iw)':-2,format=yuvj420p"],
    ...['-c:v', 'mjpeg', '-q:v', '4', '-f', 'mjpeg'],
  ];
  return show(programs, limits, { source, probe, stream, startMs: atMs, options, signal });
}

/** See `MediaTools.spectrogram`. */
export function showSound(
  programs: FfmpegPrograms,
  limits: MediaLimits,
  source: MediaSource,
  probe: MediaProbe,
  range: SoundRange,
  signal?: AbortSignal,
): Promise<Buffer> {
  const stream = soundOf(probe, range);
  const lengthMs = lengthOf(range);
  const picture =
    'aresample=16000,showspectrumpic=s=640x160:mode=combined:legend=0:color=viridis:scale=log,format=rgb24';
  const options = (index: number) => [
    ...['-filter_complex', `[0:${index}]atrim=duration=${seconds(lengthMs)},${picture}`],
    ...['-frames:v', '1', '-c:v', 'png', '-f', 'image2pipe'],
  ];
  return show(programs, limits, { source, probe, stream, startMs: range.startMs, options, signal });
}

/** See `MediaTools.soundPrint`. */
export async function printSound(
  programs: FfmpegPrograms,
  limits: MediaLimits,
  source: MediaSource,
  probe: MediaProbe,
  range: SoundRange,
  signal?: AbortSignal,
): Promise<SoundPrint> {
  const durationMs = lengthOf(range);
  if (durationMs < shortestPrintMs) throw new Refusal('NOT_FOUND');
  const options = (index: number) => [
    ...['-map', `0:${index}`, '-t', seconds(durationMs), '-ac', '2', '-ar', '44100'],
    ...['-f', 'chromaprint', '-fp_format', 'base64'],
  ];
  const stream = soundOf(probe, range);
  const print = await show(programs, limits, { source, probe, stream, startMs: range.startMs, options, signal });
  return { fingerprint: print.toString('latin1').trim(), durationMs };
}

interface SoundRange {
  readonly startMs: number;
  readonly endMs: number;
  readonly stream?: number | undefined;
}

const lengthOf = ({ startMs, endMs }: SoundRange): number => Math.max(500, Math.min(longestMs, endMs - startMs));

function soundOf({ streams }: MediaProbe, range: SoundRange): MediaStream | undefined {
  const sounds = streams.filter(({ kind, decodable }) => kind === 'audio' && decodable);
  return sounds.find(({ index }) => index === range.stream) ?? sounds[0];
}

async function show(
  programs: FfmpegPrograms,
  limits: MediaLimits,
  asked: {
    readonly source: MediaSource;
    readonly probe: MediaProbe;
    readonly stream: MediaStream | undefined;
    readonly startMs: number;
    /** Options of the output, from the index of the stream. */
    readonly options: (index: number) => readonly string[];
    readonly signal: AbortSignal | undefined;
  },
): Promise<Buffer> {
  const { source, probe, stream, startMs, options, signal } = asked;
  if (stream === undefined) throw new Refusal('NOT_FOUND');
  const { media } = await openContainer(source, signal);
  const { bytes, result } = await readOnce(programs, media, {
    input: [...inputOptions(probe.container as ContainerName, limits), '-threads', '1', '-ss', seconds(startMs)],
    output: options(stream.index),
    limits: { ...limits.probe, wallMs: 30_000 },
    signal,
  });
  if (bytes.length > 0) return bytes;
  assertHadTime(result);
  if (result.exitCode === 0) throw new Refusal('NOT_FOUND');
  throw new Error(`nothing could be shown: ${result.hitLimit ?? result.stderrTail.slice(-3).join(' | ')}`);
}
