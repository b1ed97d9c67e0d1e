import type { MediaTools, RenditionLayout } from '../../pipeline/ports/media.ts';
import { analyseMedia } from './analyse.ts';
import { type FfmpegPlaces, ffmpegOnDemand } from './ffmpeg-programs.ts';
import { printSound, showPicture, showSound } from './glimpse.ts';
import { defaultMediaLimits, type MediaLimits } from './media-input.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { drawThumbnails, drawWaveform } from './overview.ts';
import { probeMedia } from './probe.ts';
import { renderMedia, renditionType } from './render.ts';
import { readStill } from './still.ts';

export interface FfmpegToolsConfig extends FfmpegPlaces {
  readonly limits?: Partial<MediaLimits>;
}

/** `MediaTools`, and its description for the operator's log. */
export interface FfmpegTools extends MediaTools {
  /** Version of ffmpeg and what confines its processes. @throws Error if ffmpeg is missing or lacks `chromaprint`. */
  describe(): Promise<{ readonly version: string; readonly sandbox: readonly string[] }>;
}

/** The media tools on an installed ffmpeg (4.4 and later). */
export function createFfmpegTools(config: FfmpegToolsConfig = {}): FfmpegTools {
  const limits: MediaLimits = { ...defaultMediaLimits, ...config.limits };
  const programs = ffmpegOnDemand(config);
  // Each goes through a whole recording while a person waits.
  const inTurn = oneAtATime();
  return {
    describe: async () => {
      const { version, sandbox } = await programs();
      return { version: version.join('.'), sandbox: sandbox.means };
    },
    probe: async (source, options) => probeMedia(await programs(), limits, source, options),
    analyse: async (source, probe, options) => analyseMedia(await programs(), limits, source, probe, options),
    still: async (source, options) => readStill(await programs(), limits, source, options?.signal),
    glimpse: async (source, probe, atMs, options) =>
      showPicture(await programs(), limits, source, probe, atMs, options?.signal),
    spectrogram: async (source, probe, range, options) =>
      showSound(await programs(), limits, source, probe, range, options?.signal),
    soundPrint: async (source, probe, range, options) =>
      printSound(await programs(), limits, source, probe, range, options?.signal),
    waveform: (source, probe, options) =>
      inTurn(options?.signal, async () => drawWaveform(await programs(), limits, source, probe, options?.signal)),
    thumbnails: (source, probe, durationMs, options) =>
      inTurn(options?.signal, async () =>
        drawThumbnails(await programs(), limits, source, probe, durationMs, options?.signal),
      ),
    render: (source, probe, edits, options) => {
      let layout: RenditionLayout | undefined;
      const onLayout = (told: RenditionLayout) => {
        layout = told;
      };
      return {
        mediaType: renditionType(probe),
        output: (async function* () {
          yield* renderMedia(await programs(), limits, source, probe, edits, { ...options, onLayout });
        })(),
        layout: () => {
          if (layout === undefined) throw new Error('the rendition has not ended');
          return layout;
        },
      };
    },
  };
}
