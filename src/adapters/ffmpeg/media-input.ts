import type { MediaSource } from '../../pipeline/ports/media.ts';
import type { ProcessLimits } from '../process/sandbox.ts';
import { type ContainerName, containers } from './containers.ts';
import { registerOnLoopback } from './loopback-range-server.ts';

export interface MediaLimits {
  /** A picture of more pixels is refused before it is decoded. */
  readonly maxPixels: number;
  /** Streams that a demuxer may make; a file with more cannot be opened. */
  readonly maxStreams: number;
  /** Streams of one kind that are decoded; the rest are reported as not analysed, and left out of renditions. */
  readonly maxDecodedStreams: number;
  /** Decoder and encoder threads of one process. */
  readonly threads: number;
  readonly probe: ProcessLimits;
  readonly analyse: ProcessLimits;
  readonly render: ProcessLimits;
}

const gibibyte = 1024 ** 3;

export const defaultMediaLimits: MediaLimits = {
  maxPixels: 7680 * 4320,
  maxStreams: 128,
  maxDecodedStreams: 16,
  threads: 2,
  probe: { wallMs: 10_000, cpuSeconds: 20, memoryBytes: 2 * gibibyte, outputBytes: 16 * 1024 ** 2 },
  // Pictures of ten hours. Output that is kept whole has a limit of its own (`collectInto`).
  analyse: { wallMs: 2 * 3_600_000, cpuSeconds: 4 * 3_600, memoryBytes: 4 * gibibyte, outputBytes: 32 * gibibyte },
  render: { wallMs: 6 * 3_600_000, cpuSeconds: 12 * 3_600, memoryBytes: 4 * gibibyte, outputBytes: 64 * gibibyte },
};

/**
 * Options in front of `-i` that confine a demuxer: it is named, so content cannot choose another; nested demuxers
 * (AVI's GAB2 subtitles) meet the same list; only our loopback address can be opened; QuickTime data references stay
 * closed.
 */
export function inputOptions(container: ContainerName, limits: MediaLimits): string[] {
  const { demuxer } = containers[container];
  return [
    ...['-protocol_whitelist', 'http,tcp'],
    ...['-format_whitelist', demuxer],
    ...['-max_streams', String(limits.maxStreams)],
    ...['-max_pixels', String(limits.maxPixels)],
    ...(demuxer === 'mov' ? ['-enable_drefs', '0', '-use_absolute_path', '0'] : []),
    ...['-f', demuxer],
  ];
}

/**
 * Opens `source` on the loopback server for as long as `use` runs. If the source itself failed, throws its fault: to
 * ffmpeg it looks like a file that ends early, and it must not be taken for one.
 */
export async function withLoopback<T>(
  source: MediaSource,
  use: (registration: { url: string; token: string }) => Promise<T>,
): Promise<T> {
  const registration = await registerOnLoopback(source);
  const assertSourceHeld = () => {
    if (registration.failure() !== undefined) throw registration.failure();
  };
  try {
    const result = await use(registration);
    assertSourceHeld();
    return result;
  } catch (error) {
    assertSourceHeld();
    throw error;
  } finally {
    await registration.revoke();
  }
}
