import type { GreyPicture } from '../../detection/picture-hash.ts';
import type { MediaSource } from '../../pipeline/ports/media.ts';
import type { FfmpegPrograms } from './ffmpeg-programs.ts';
import type { MediaLimits } from './media-input.ts';
import { readBytes } from './mp4-boxes.ts';
import { readOnce } from './read-once.ts';
import { notRecording, unreadable } from './refusal-reasons.ts';
import { watchedHeight, watchedWidth } from './watching.ts';

/** Still pictures by their first bytes, each with the one demuxer that may open it. */
const kinds = [
  { demuxer: 'jpeg_pipe', first: [0xff, 0xd8, 0xff] },
  { demuxer: 'png_pipe', first: [0x89, 0x50, 0x4e, 0x47] },
  { demuxer: 'gif_pipe', first: [0x47, 0x49, 0x46, 0x38] },
  { demuxer: 'bmp_pipe', first: [0x42, 0x4d] },
  { demuxer: 'tiff_pipe', first: [0x49, 0x49, 0x2a, 0] },
  { demuxer: 'tiff_pipe', first: [0x4d, 0x4d, 0, 0x2a] },
] as const;

const ascii = (bytes: Uint8Array, from: number, until: number) => String.fromCharCode(...bytes.subarray(from, until));

/** Whether a file begins as a still picture does; never told by its name. */
export function stillDemuxer(head: Uint8Array): string | null {
  if (ascii(head, 0, 4) === 'RIFF' && ascii(head, 8, 12) === 'WEBP') return 'webp_pipe';
  return kinds.find(({ first }) => first.every((value, at) => head[at] === value))?.demuxer ?? null;
}

/** Decodes the first frame; see `MediaTools.still`. */
export async function readStill(
  programs: FfmpegPrograms,
  limits: MediaLimits,
  source: MediaSource,
  signal?: AbortSignal,
): Promise<GreyPicture> {
  const demuxer = stillDemuxer(await readBytes(source, 0, 16, signal));
  if (demuxer === null) throw notRecording('unknown');
  const { bytes, result } = await readOnce(programs, source, {
    input: [
      ...['-protocol_whitelist', 'http,tcp', '-format_whitelist', demuxer],
      ...['-max_pixels', String(limits.maxPixels), '-f', demuxer, '-threads', '1'],
    ],
    output: [
      ...['-frames:v', '1', '-vf', `scale=${watchedWidth}:${watchedHeight}:flags=area,format=gray`],
      ...['-f', 'rawvideo', '-c:v', 'rawvideo'],
    ],
    limits: limits.probe,
    signal,
  });
  const pixels = new Uint8Array(bytes);
  if (result.exitCode !== 0 || pixels.length !== watchedWidth * watchedHeight)
    throw unreadable('still picture', result.stderrTail.slice(-3).join(' '));
  return { width: watchedWidth, height: watchedHeight, pixels };
}
