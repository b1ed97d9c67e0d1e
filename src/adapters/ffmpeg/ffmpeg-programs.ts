import { collectInto, run } from '../process/run.ts';
import { findProgram, findSandbox, type ProcessLimits, type Sandbox } from '../process/sandbox.ts';
import { assertHadTime } from '../process/too-busy.ts';

/** The installed ffmpeg: where it is, what it can do, and what confines it. */
export interface FfmpegPrograms {
  readonly ffmpeg: string;
  readonly ffprobe: string;
  /** Major and minor, `[5, 1]`; a build without a release number counts as newest. */
  readonly version: readonly [number, number];
  readonly sandbox: Sandbox;
  /** Whether a codec, by ffmpeg's name of it, can be decoded. */
  decodes(codec: string): boolean;
}

const limits: ProcessLimits = {
  wallMs: 10_000,
  cpuSeconds: 10,
  memoryBytes: 2 * 1024 ** 3,
  outputBytes: 4 * 1024 ** 2,
};

/**
 * Looks the programs up once, at the first use.
 * @throws Error if ffmpeg or ffprobe is not installed, or lacks the `chromaprint` muxer that the third-party check
 * rests on.
 */
export async function findFfmpeg(names: {
  ffmpeg: string;
  ffprobe: string;
  apart?: string | undefined;
}): Promise<FfmpegPrograms> {
  const [ffmpeg, ffprobe, sandbox] = await Promise.all([
    findProgram(names.ffmpeg),
    findProgram(names.ffprobe),
    findSandbox({ apart: names.apart }),
  ]);
  if (ffmpeg === null || ffprobe === null)
    throw new Error(`${names.ffmpeg} and ${names.ffprobe} are needed and not installed`);
  const ask = async (...args: string[]) => {
    const chunks: Buffer[] = [];
    const result = await run(sandbox, {
      command: ffmpeg,
      args: ['-hide_banner', ...args],
      limits,
      pipes: [collectInto(chunks)],
    });
    if (result.exitCode !== 0) assertHadTime(result);
    if (result.exitCode !== 0) throw new Error(`ffmpeg ${args.join(' ')} failed: ${result.stderrTail.join(' ')}`);
    return Buffer.concat(chunks).toString('utf8');
  };
  const [version, codecs, muxers] = [await ask('-version'), await ask('-codecs'), await ask('-muxers')];
  if (!/^\s*E\S*\s+chromaprint\b/m.test(muxers)) throw new Error('this ffmpeg is built without chromaprint');
  const decodable = new Set([...codecs.matchAll(/^ D[.E][VASDT]\S*\s+(\S+)/gm)].map((match) => match[1]));
  const number = /^ffmpeg version n?(\d+)\.(\d+)/.exec(version);
  return {
    ffmpeg,
    ffprobe,
    version: number === null ? [99, 0] : [Number(number[1]), Number(number[2])],
    sandbox,
    decodes: (codec) => decodable.has(codec),
  };
}

/** Output options for passing every frame on at the time it has: no frame is invented and none is dropped. */
export function everyFrameOnce({ version: [major, minor] }: FfmpegPrograms): string[] {
  const hasFpsMode = major > 5 || (major === 5 && minor >= 1);
  return hasFpsMode ? ['-fps_mode', 'passthrough'] : ['-vsync', 'passthrough'];
}

export interface FfmpegPlaces {
  /** Absolute paths, or names to be found in the system's program folders. */
  readonly ffmpegPath?: string;
  readonly ffprobePath?: string;
  /** Socket of the process that runs them. Default: this process runs them. */
  readonly apart?: string | undefined;
}

/**
 * The programs at the first call, which looks them up; before it, no process is started. If the look-up fails, the next
 * call retries it.
 */
export function ffmpegOnDemand({ ffmpegPath, ffprobePath, apart }: FfmpegPlaces): () => Promise<FfmpegPrograms> {
  let found: Promise<FfmpegPrograms> | undefined;
  return () => {
    found ??= findFfmpeg({ ffmpeg: ffmpegPath ?? 'ffmpeg', ffprobe: ffprobePath ?? 'ffprobe', apart });
    found.catch(() => {
      found = undefined;
    });
    return found;
  };
}
