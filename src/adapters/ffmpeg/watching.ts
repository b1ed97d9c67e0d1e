import type { GreyPicture } from '../../detection/picture-hash.ts';
import { lend } from '../../domain/memory.ts';
import type { PipeReader } from '../process/run.ts';
import type { AnalysisLog, PictureOutput } from './analysis-log.ts';
import { everyFrameOnce, type FfmpegPrograms } from './ffmpeg-programs.ts';

/** Sample rate of the sound that a `MediaWatcher` hears. Hz. */
const samplesPerSecond = 8_000;
export const watchedWidth = 320;
export const watchedHeight = 180;

export function soundOptions(stream: number): string[] {
  return [
    ...['-map', `0:${stream}`, '-af', `aresample=${samplesPerSecond}:async=1:first_pts=0`],
    ...['-ac', '1', '-f', 's16le', '-c:a', 'pcm_s16le'],
  ];
}

/**
 * Frames at least `everySeconds` apart, each at its own time: `showinfo` states it on stderr, in the order in which the
 * frames come through the pipe. Pages keep their shape; `showinfo` states their size, too.
 */
export function pictureOptions(
  of: PictureOutput,
  stream: number,
  everySeconds: number,
  programs: FfmpegPrograms,
  pageWidth = 1_280,
): string[] {
  // A frame that comes a little early, as in 30 frames a second, counts.
  const apart = (everySeconds - 0.005).toFixed(3);
  const size =
    of === 'picture' ? `${watchedWidth}:${watchedHeight}:flags=area` : `w='min(${pageWidth},iw)':h=-2:flags=area`;
  return [
    ...['-map', `0:${stream}`, '-vf'],
    `select='isnan(prev_selected_t)+gte(t-prev_selected_t,${apart})',scale=${size},format=gray,showinfo@${of}${stream}=checksum=0`,
    ...everyFrameOnce(programs),
    ...['-f', 'rawvideo', '-c:v', 'rawvideo'],
  ];
}

/** Passes 16-bit samples on; every machine that Node runs on today is little-endian, as the pipe is. */
export function readSamples(hear: (samples: Int16Array) => void): PipeReader {
  return async (pipe) => {
    let odd: Buffer = Buffer.alloc(0);
    for await (const chunk of lend(pipe)) {
      const bytes =
        odd.length > 0 ? Buffer.concat([odd, chunk]) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
      const even = bytes.length & ~1;
      // A copy: samples have to begin at an even address.
      hear(new Int16Array(new Uint8Array(bytes.subarray(0, even)).buffer));
      odd = Buffer.from(bytes.subarray(even));
    }
  };
}

/** Puts the bytes of each picture together and passes it on with its time. */
export function readPictures(
  log: AnalysisLog,
  of: PictureOutput,
  stream: number,
  see: (picture: GreyPicture, atMs: number) => void | Promise<void>,
): PipeReader {
  return async (pipe) => {
    let open: { atMs: number; filled: number; picture: GreyPicture } | null = null;
    // ffmpeg scales every later picture to the size of the first, whatever its filter says of it.
    let size: { width: number; height: number } | null = null;
    for await (const chunk of lend(pipe)) {
      let bytes = chunk;
      while (bytes.length > 0) {
        if (open === null) {
          const next = await log.nextPicture(of, stream);
          // Only a killed process leaves bytes behind that it did not announce.
          if (next === null) break;
          size ??= { width: next.width, height: next.height };
          const pixels = new Uint8Array(size.width * size.height);
          open = { atMs: next.atMs, filled: 0, picture: { ...size, pixels } };
        }
        const { pixels } = open.picture;
        const take = Math.min(bytes.length, pixels.length - open.filled);
        pixels.set(bytes.subarray(0, take), open.filled);
        open.filled += take;
        bytes = bytes.subarray(take);
        if (open.filled < pixels.length) continue;
        await see(open.picture, open.atMs);
        open = null;
      }
    }
  };
}
