import type { StillPicture } from '../../detection/keypoints/work-keypoints.ts';
import type { MediaSource } from '../../pipeline/ports/media.ts';
import type { FfmpegPrograms } from './ffmpeg-programs.ts';
import type { MediaLimits } from './media-input.ts';
import { readBytes } from './mp4-boxes.ts';
import { readOnce } from './read-once.ts';
import { notRecording, unreadable } from './refusal-reasons.ts';

/** Longer side of a still picture, unless it is smaller. Pixels. */
const longSide = 512;

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
): Promise<StillPicture> {
  const demuxer = stillDemuxer(await readBytes(source, 0, 16, signal));
  if (demuxer === null) throw notRecording('unknown');
  const { bytes, result } = await readOnce(programs, source, {
    input: [
      ...['-protocol_whitelist', 'http,tcp', '-format_whitelist', demuxer],
      ...['-max_pixels', String(limits.maxPixels), '-f', demuxer, '-threads', '1'],
    ],
    output: [
      // A binary picture states its size, unlike raw pixels.
      ...['-frames:v', '1', '-vf', `scale='${fitted('iw', 'ih')}':'${fitted('ih', 'iw')}':flags=area,format=ya8`],
      ...['-f', 'image2pipe', '-c:v', 'pam'],
    ],
    limits: limits.probe,
    signal,
  });
  const picture = result.exitCode === 0 ? readPam(bytes) : null;
  if (picture === null) throw unreadable('still picture', result.stderrTail.slice(-3).join(' '));
  return picture;
}

/** At most `longSide` on the longer side, at least a pixel on the other. */
const fitted = (own: string, other: string): string => `max(1,round(${own}*min(1,${longSide}/max(${own},${other}))))`;

/** Grey and alpha as a Portable Arbitrary Map (netpbm.sourceforge.net/doc/pam.html): a header of lines, then the pixels. */
function readPam(bytes: Uint8Array): StillPicture | null {
  const head = /^P7\nWIDTH (\d+)\nHEIGHT (\d+)\nDEPTH 2\nMAXVAL 255\nTUPLTYPE GRAYSCALE_ALPHA\nENDHDR\n/.exec(
    ascii(bytes, 0, 100),
  );
  if (head === null) return null;
  const [width, height] = [Number(head[1]), Number(head[2])];
  const values = bytes.subarray(head[0].length);
  if (values.length !== 2 * width * height) return null;
  const pixels = values.filter((_, at) => at % 2 === 0);
  const alpha = values.filter((_, at) => at % 2 === 1);
  return { width, height, pixels, alpha };
}
