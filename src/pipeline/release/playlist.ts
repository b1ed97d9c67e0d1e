import type { RenditionLayout } from '../ports/media.ts';

/**
 * An HLS media playlist over one fragmented MP4: the segments are ranges of it, so that nothing is stored twice.
 * `mediaUri` is relative to the playlist or absolute. RFC 8216 sections 4.3.2.2, 4.3.2.5 and 4.3.3.
 */
export function writePlaylist(layout: RenditionLayout, mediaUri: string): string {
  const longestMs = Math.max(...layout.segments.map(([, , durationMs]) => durationMs));
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${Math.max(1, Math.round(longestMs / 1000))}`,
    '#EXT-X-PLAYLIST-TYPE:VOD',
    `#EXT-X-MAP:URI="${mediaUri}",BYTERANGE="${layout.initBytes}@0"`,
    ...layout.segments.flatMap(([at, bytes, durationMs]) => [
      `#EXTINF:${(durationMs / 1000).toFixed(3)},`,
      `#EXT-X-BYTERANGE:${bytes}@${at}`,
      mediaUri,
    ]),
    '#EXT-X-ENDLIST',
    '',
  ].join('\n');
}

/** A range of a rendition in bytes and in about seconds, as the log says it. */
export interface LoggedSpan {
  readonly bytes: readonly [start: number, end: number];
  readonly aboutSeconds: readonly [start: number, end: number];
}

/** Segments of a playlist that the log announces together: about a minute. */
const announcedSegments = 6;

/** The stretch in which a range lies that is one segment of the playlist; null for any other range. */
export function announcedStretch(
  layout: RenditionLayout,
  start: number,
  end: number,
): [start: number, end: number] | null {
  const index = layout.segments.findIndex(([at, bytes]) => at === start && at + bytes === end);
  if (index === -1) return null;
  const first = index - (index % announcedSegments);
  const stretch = layout.segments.slice(first, first + announcedSegments);
  const [begin, last] = [stretch[0], stretch.at(-1)];
  return begin && last ? [begin[0], last[0] + last[1]] : null;
}

/** Where in time a byte lies, roughly: within a segment it is shared out by size. What follows the last one is its end. */
export function secondOf(layout: RenditionLayout, byte: number): number {
  let passedMs = 0;
  for (const [at, bytes, durationMs] of layout.segments) {
    if (byte < at + bytes) return Math.round((passedMs + (Math.max(0, byte - at) / bytes) * durationMs) / 1000);
    passedMs += durationMs;
  }
  return Math.round(passedMs / 1000);
}
