import type { MediaSource } from '../../pipeline/ports/media.ts';
import { collectInto, type RunResult, run } from '../process/run.ts';
import type { ProcessLimits } from '../process/sandbox.ts';
import { ffmpegArguments } from './ffmpeg-command.ts';
import type { FfmpegPrograms } from './ffmpeg-programs.ts';
import { withLoopback } from './media-input.ts';

/** The whole output of one short ffmpeg run, for example a picture. Its size is limited (`collectInto`). */
export async function readOnce(
  programs: FfmpegPrograms,
  media: MediaSource,
  asked: {
    readonly input: readonly string[];
    readonly output: readonly string[];
    readonly limits: ProcessLimits;
    readonly signal: AbortSignal | undefined;
  },
): Promise<{ readonly bytes: Buffer; readonly result: RunResult }> {
  const chunks: Buffer[] = [];
  const result = await withLoopback(media, ({ url, token }) =>
    run(programs.sandbox, {
      command: programs.ffmpeg,
      args: ffmpegArguments(['-hide_banner', '-nostdin', '-nostats', '-v', 'error'], { url, options: asked.input }, [
        { target: 'pipe:1', options: asked.output },
      ]),
      limits: asked.limits,
      secret: token,
      signal: asked.signal,
      pipes: [collectInto(chunks)],
    }),
  );
  return { bytes: Buffer.concat(chunks), result };
}
