import type { MediaProbe, MediaSource } from '../../pipeline/ports/media.ts';
import { collectInto, descriptorOf, run } from '../process/run.ts';
import { isTextSubtitle } from './analyse.ts';
import type { ContainerName } from './containers.ts';
import { ffmpegArguments } from './ffmpeg-command.ts';
import type { FfmpegPrograms } from './ffmpeg-programs.ts';
import { inputOptions, type MediaLimits, withLoopback } from './media-input.ts';
import { parseSrt, type SubtitleLine } from './srt.ts';
import { movedTime, type Timeline } from './timeline.ts';

export interface RenditionSubtitles {
  readonly language: string | null;
  /** A WebVTT file. */
  readonly text: string;
}

/** Marks our own box among those of type `uuid`, which every player skips. */
const boxId = Buffer.from('7f1d6c1b5a0e4d6ba6a5d3c0e1b7a942', 'hex');

/** Text subtitles of the recording after the edits. If there are none, reads nothing. */
export async function readSubtitles(
  programs: FfmpegPrograms,
  limits: MediaLimits,
  media: MediaSource,
  container: ContainerName,
  probe: MediaProbe,
  timeline: Timeline,
  signal: AbortSignal,
): Promise<RenditionSubtitles[]> {
  const streams = probe.streams.filter(isTextSubtitle).slice(0, limits.maxDecodedStreams);
  if (streams.length === 0) return [];
  const collected = streams.map(({ language }) => {
    const chunks: Buffer[] = [];
    return { language, chunks };
  });
  const result = await withLoopback(media, ({ url, token }) =>
    run(programs.sandbox, {
      command: programs.ffmpeg,
      args: ffmpegArguments(
        ['-hide_banner', '-nostdin', '-nostats', '-v', 'error'],
        { url, options: inputOptions(container, limits) },
        streams.map(({ index }, at) => ({
          target: `pipe:${descriptorOf(at)}`,
          options: ['-map', `0:${index}`, '-c:s', 'srt', '-f', 'srt'],
        })),
      ),
      limits: limits.render,
      secret: token,
      signal,
      pipes: collected.map(({ chunks }) => collectInto(chunks)),
    }),
  );
  if (result.exitCode !== 0) throw new Error(`reading subtitles failed: ${result.stderrTail.join(' | ')}`);
  return collected.map(({ language, chunks }) => ({
    // From the file, which may hold anything in its place.
    language: language !== undefined && /^[a-z]{2,3}$/i.test(language) ? language.toLowerCase() : null,
    text: writeWebVtt(moveLines(parseSrt(Buffer.concat(chunks).toString('utf8')), timeline)),
  }));
}

/**
 * Lines move with the media that they belong to. A line that overlaps a cut, or a stretch whose sound was taken out, is
 * left out whole: half a line of a song that was removed would still quote it.
 */
export function moveLines(lines: readonly SubtitleLine[], timeline: Timeline): SubtitleLine[] {
  const gone = [...timeline.removed, ...timeline.muted, ...timeline.toned];
  return lines
    .filter(({ startMs, endMs }) => !gone.some(({ start, end }) => startMs < end * 1000 && endMs > start * 1000))
    .map((line) => ({
      ...line,
      startMs: Math.round(1000 * movedTime(timeline, line.startMs / 1000)),
      endMs: Math.round(1000 * movedTime(timeline, line.endMs / 1000)),
    }));
}

/** https://www.w3.org/TR/webvtt1/: text holds no markup here, and an empty line would end a cue. */
function writeWebVtt(lines: readonly SubtitleLine[]): string {
  const cues = lines.map(({ startMs, endMs, text }) => {
    const plain = text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replace(/(\r?\n)+/g, '\n');
    return `${stamp(startMs)} --> ${stamp(endMs)}\n${plain}\n`;
  });
  return ['WEBVTT\n', ...cues].join('\n');
}

function stamp(ms: number): string {
  const part = (unitMs: number, of: number, digits = 2) => String(Math.floor(ms / unitMs) % of).padStart(digits, '0');
  return `${part(3_600_000, 1000)}:${part(60_000, 60)}:${part(1000, 60)}.${part(1, 1000, 3)}`;
}

/** A box around a file that belongs to the rendition, and the offset of the file in the box. */
export function attachedBox(text: string): { readonly box: Buffer; readonly textAt: number } {
  const body = Buffer.from(text, 'utf8');
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + boxId.length + body.length);
  header.write('uuid', 4, 'latin1');
  return { box: Buffer.concat([header, boxId, body]), textAt: 8 + boxId.length };
}
