import { Refusal } from '../../domain/errors.ts';
import type { MediaSource, MediaTools } from '../../pipeline/ports.ts';
import { analyseMedia, fingerprintOptions, toFingerprint } from './analyse.ts';
import { createAnalysisLog } from './analysis-log.ts';
import { ffmpegArguments } from './ffmpeg-command.ts';
import { type FfmpegPrograms, findFfmpeg } from './ffmpeg-programs.ts';
import { defaultMediaLimits, inputOptions, type MediaLimits, withLoopback } from './media-input.ts';
import { openContainer } from './open-container.ts';
import { probeMedia } from './probe.ts';
import { noContent, unreadable } from './refusal-reasons.ts';
import { renderMedia, renditionType } from './render.ts';
import { collectInto, run } from './run.ts';

export interface FfmpegToolsConfig {
  /** Absolute paths, or names to be found in the system's program folders. */
  readonly ffmpegPath?: string;
  readonly ffprobePath?: string;
  readonly limits?: Partial<MediaLimits>;
}

/** `MediaTools` and what the operator's log wants to know of them. */
export interface FfmpegTools extends MediaTools {
  /** Version of ffmpeg and what holds its processes down. @throws Error when ffmpeg is missing or lacks `chromaprint`. */
  describe(): Promise<{ readonly version: string; readonly sandbox: readonly string[] }>;
}

/**
 * The media tools on an installed ffmpeg (4.4 and later). Nothing is started before the first call, which looks the
 * programs up; a failed look-up is tried again by the next call.
 */
export function createFfmpegTools(config: FfmpegToolsConfig = {}): FfmpegTools {
  const limits: MediaLimits = { ...defaultMediaLimits, ...config.limits };
  let found: Promise<FfmpegPrograms> | undefined;
  const programs = (): Promise<FfmpegPrograms> => {
    found ??= findFfmpeg({ ffmpeg: config.ffmpegPath ?? 'ffmpeg', ffprobe: config.ffprobePath ?? 'ffprobe' });
    found.catch(() => {
      found = undefined;
    });
    return found;
  };
  return {
    describe: async () => {
      const { version, sandbox } = await programs();
      return { version: version.join('.'), sandbox: sandbox.means };
    },
    probe: async (source, options) => probeMedia(await programs(), limits, source, options),
    analyse: async (source, probe, options) => analyseMedia(await programs(), limits, source, probe, options),
    fingerprint: async (source, options) => fingerprintWork(await programs(), limits, source, options?.signal),
    render: (source, probe, edits, options) => ({
      mediaType: renditionType(probe),
      output: (async function* () {
        yield* renderMedia(await programs(), limits, source, probe, edits, options);
      })(),
    }),
  };
}

/** Fingerprint of the first sound stream that can be decoded. A damaged work is refused: it would match badly for ever. */
async function fingerprintWork(
  programs: FfmpegPrograms,
  limits: MediaLimits,
  source: MediaSource,
  signal?: AbortSignal,
): Promise<{ fingerprint: Uint32Array; durationMs: number }> {
  const probe = await probeMedia(programs, limits, source, signal === undefined ? {} : { signal });
  const stream = probe.streams.find((each) => each.kind === 'audio' && each.decodable);
  if (stream === undefined) throw noSoundToFingerprint();
  const { container, media } = await openContainer(source, signal);
  const log = createAnalysisLog([stream]);
  const chunks: Buffer[] = [];
  const result = await withLoopback(media, ({ url, token }) =>
    run(programs.sandbox, {
      command: programs.ffmpeg,
      args: ffmpegArguments(
        ['-hide_banner', '-nostdin', '-nostats', '-v', 'repeat+level+info'],
        { url, options: [...inputOptions(container, limits), '-threads', String(limits.threads)] },
        [{ target: 'pipe:1', options: fingerprintOptions(stream.index) }],
      ),
      limits: limits.analyse,
      secret: token,
      signal,
      onLine: log.read,
      pipes: [collectInto(chunks)],
    }),
  );
  if (result.exitCode !== 0) throw unreadable(container, result.stderrTail.slice(-3).join(' '));
  const fingerprint = toFingerprint(chunks);
  if (fingerprint.length === 0) throw noContent();
  return { fingerprint, durationMs: log.endMs(stream.index) };
}

function noSoundToFingerprint(): Refusal {
  return new Refusal('NOT_MEDIA', {
    reasons: [
      {
        code: 'NO_SOUND',
        tr: 'Dosyada parmak izi çıkarılabilecek bir ses akışı yok.',
        en: 'The file has no sound stream to take a fingerprint of.',
      },
    ],
  });
}
