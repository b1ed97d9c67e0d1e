import { Refusal } from '../../domain/errors.ts';
import type { MediaProbe, MediaSource, Thumbnails, Waveform } from '../../pipeline/ports/media.ts';
import { descriptorOf, run } from '../process/run.ts';
import { assertHadTime } from '../process/too-busy.ts';
import type { ContainerName } from './containers.ts';
import { ffmpegArguments } from './ffmpeg-command.ts';
import type { FfmpegPrograms } from './ffmpeg-programs.ts';
import { inputOptions, type MediaLimits, withLoopback } from './media-input.ts';
import { openContainer } from './open-container.ts';
import { joinPeaks, Peaks } from './peaks.ts';
import { readOnce } from './read-once.ts';
import { readSamples, soundOptions } from './watching.ts';

/** A person waits for it. Memory is that of a probe. */
const patience = { wallMs: 180_000, cpuSeconds: 360 };
const columns = 10;
const rows = 10;
const width = 160;
const height = 90;

/** See `MediaTools.waveform`. */
export async function drawWaveform(
  programs: FfmpegPrograms,
  limits: MediaLimits,
  source: MediaSource,
  probe: MediaProbe,
  signal?: AbortSignal,
): Promise<Waveform> {
  const streams = probe.streams
    .filter(({ kind, decodable }) => kind === 'audio' && decodable)
    .slice(0, limits.maxDecodedStreams);
  if (streams.length === 0) throw new Refusal('NOT_FOUND');
  const heard = streams.map(({ index }) => ({ index, peaks: new Peaks() }));
  const { media } = await openContainer(source, signal);
  const result = await withLoopback(media, ({ url, token }) =>
    run(programs.sandbox, {
      command: programs.ffmpeg,
      args: ffmpegArguments(
        ['-hide_banner', '-nostdin', '-nostats', '-v', 'error'],
        { url, options: [...inputOptions(probe.container as ContainerName, limits), '-threads', '1'] },
        heard.map(({ index }, place) => ({ target: `pipe:${descriptorOf(place)}`, options: soundOptions(index) })),
      ),
      limits: { ...limits.analyse, ...patience, memoryBytes: limits.probe.memoryBytes },
      secret: token,
      signal,
      pipes: heard.map(({ peaks }) => readSamples((samples) => peaks.hear(samples))),
    }),
  );
  const waveform = joinPeaks(heard.map(({ peaks }) => peaks));
  // Of a damaged file, what could be decoded; a line that was cut short by a limit would look like the whole.
  if (result.hitLimit === null && waveform.peaks.length > 0) return waveform;
  assertHadTime(result);
  throw new Error(`no waveform could be drawn: ${result.hitLimit ?? result.stderrTail.slice(-3).join(' | ')}`);
}

/** See `MediaTools.thumbnails`. */
export async function drawThumbnails(
  programs: FfmpegPrograms,
  limits: MediaLimits,
  source: MediaSource,
  probe: MediaProbe,
  durationMs: number,
  signal?: AbortSignal,
): Promise<Thumbnails> {
  const stream = probe.streams.find(
    ({ kind, decodable, stillPicture }) => kind === 'video' && decodable && !stillPicture,
  );
  if (stream === undefined) throw new Refusal('NOT_FOUND');
  const stepMs = Math.max(1_000, Math.ceil(durationMs / (columns * rows)));
  const filter = [
    // A picture stands for the next moment, never for one before it; the first and the last stand for what has none.
    `fps=1000/${stepMs}:start_time=0:round=up`,
    'tpad=stop=-1:stop_mode=clone',
    `scale=${width}:${height}:force_original_aspect_ratio=decrease:force_divisible_by=2`,
    `pad=${width}:${height}:-1:-1,setsar=1,tile=${columns}x${rows},format=yuvj420p`,
  ].join(',');
  const { media } = await openContainer(source, signal);
  const { bytes: jpeg, result } = await readOnce(programs, media, {
    // Key pictures alone: decoding an hour of all of them takes minutes.
    input: [
      ...inputOptions(probe.container as ContainerName, limits),
      ...['-threads', '1', '-skip_frame', 'nokey', '-an', '-sn'],
    ],
    output: [
      ...['-map', `0:${stream.index}`, '-frames:v', '1', '-vf', filter],
      ...['-c:v', 'mjpeg', '-q:v', '5', '-f', 'mjpeg'],
    ],
    limits: { ...limits.probe, ...patience },
    signal,
  });
  if (jpeg.length > 0 && result.hitLimit === null)
    return {
      stepMs,
      count: Math.max(1, Math.min(columns * rows, Math.ceil(durationMs / stepMs))),
      columns,
      rows,
      width,
      height,
      jpeg,
    };
  if (result.exitCode === 0) throw new Refusal('NOT_FOUND');
  assertHadTime(result);
  throw new Error(`no thumbnails could be made: ${result.hitLimit ?? result.stderrTail.slice(-3).join(' | ')}`);
}
