import type { GreyPicture } from '../../detection/picture-hash.ts';
import type { MediaSource } from '../../pipeline/ports/media.ts';
import type { PictureReader } from '../../pipeline/ports/readers.ts';
import type { ProcessLimits } from '../process/sandbox.ts';
import { assertHadTime } from '../process/too-busy.ts';
import { type FfmpegPlaces, type FfmpegPrograms, ffmpegOnDemand } from './ffmpeg-programs.ts';
import { readBytes } from './mp4-boxes.ts';
import { readOnce } from './read-once.ts';
import { notRecording, pictureTooLarge, probeTooSlow, unreadable } from './refusal-reasons.ts';
import { stillDemuxer } from './still.ts';

/** Longer side of what is handed on, in pixels. */
const mostSide = 3_200;
/** Telephones take pictures of 50 million pixels. */
const mostPixels = 64_000_000;
const demuxers: readonly (string | null)[] = ['jpeg_pipe', 'png_pipe'];

/** For one picture. */
const defaultLimits: ProcessLimits = {
  wallMs: 30_000,
  cpuSeconds: 30,
  memoryBytes: 2 * 1024 ** 3,
  outputBytes: mostSide ** 2 + 64,
};

/** Pictures of cameras and scanners on ffmpeg. */
export function createPictureReader(
  config: FfmpegPlaces & { readonly limits?: Partial<ProcessLimits> } = {},
): PictureReader {
  const programs = ffmpegOnDemand(config);
  const limits = { ...defaultLimits, ...config.limits };
  return {
    picture: async (source, { signal } = {}) => readPicture(await programs(), limits, source, signal),
  };
}

async function readPicture(
  programs: FfmpegPrograms,
  limits: ProcessLimits,
  source: MediaSource,
  signal: AbortSignal | undefined,
): Promise<GreyPicture> {
  const demuxer = stillDemuxer(await readBytes(source, 0, 16, signal));
  if (demuxer === null || !demuxers.includes(demuxer)) throw notRecording('unknown');
  const { bytes, result } = await readOnce(programs, source, {
    input: [
      ...['-protocol_whitelist', 'http,tcp', '-format_whitelist', demuxer],
      // A picture that ends early, or is damaged, is not taken for a whole one.
      ...['-err_detect', 'explode', '-xerror'],
      ...['-max_pixels', String(mostPixels), '-f', demuxer, '-threads', '1'],
    ],
    output: [...['-frames:v', '1', '-vf', `${shrink},format=gray`], ...['-f', 'image2pipe', '-c:v', 'pgm']],
    limits,
    signal,
  });
  const said = result.stderrTail.join('\n');
  const tooLarge = /Picture size (\d+)x(\d+)/.exec(said);
  if (tooLarge !== null) throw pictureTooLarge(Number(tooLarge[1]), Number(tooLarge[2]));
  assertHadTime(result);
  if (result.hitLimit !== null || result.killedBy !== null) throw probeTooSlow();
  const picture = result.exitCode === 0 ? parsePgm(bytes) : null;
  if (picture === null) throw unreadable('still picture', result.stderrTail.slice(-3).join(' '));
  return picture;
}

const shrink = `scale=w='min(${mostSide},iw)':h='min(${mostSide},ih)':force_original_aspect_ratio=decrease:flags=area`;

/** A picture of netpbm, format P5 with one byte a pixel; null: it is none, or not whole. */
function parsePgm(bytes: Buffer): GreyPicture | null {
  const header = /^P5\s+(\d{1,5})\s+(\d{1,5})\s+255\s/.exec(bytes.toString('latin1', 0, 32));
  if (header === null) return null;
  const [width, height] = [Number(header[1]), Number(header[2])];
  const pixels = new Uint8Array(bytes.subarray(header[0].length));
  return pixels.length === width * height && pixels.length > 0 ? { width, height, pixels } : null;
}
