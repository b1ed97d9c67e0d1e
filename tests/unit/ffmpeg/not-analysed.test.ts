import { describe, expect, it } from 'vitest';
import { missingFromStreams } from '../../../src/adapters/ffmpeg/not-analysed.ts';
import type { MediaStream } from '../../../src/pipeline/ports/media.ts';

const streams: MediaStream[] = [
  { index: 0, kind: 'video', codec: 'h264', decodable: true },
  { index: 1, kind: 'audio', codec: 'aac', decodable: true },
];

/** What a decoder had read: the last frame's time in milliseconds, for each stream. */
const decoded = (...endsMs: number[]) => ({
  endMs: (stream: number) => endsMs[stream] ?? 0,
  frames: (stream: number) => (endsMs[stream] ? 25 : 0),
});

describe('what was not analysed of each stream', () => {
  it('says "time limit" from where each stream had come, also when it had not begun', () => {
    expect(missingFromStreams(streams, decoded(2_000, 0), 60_000, true)).toEqual([
      { stream: 0, startMs: 2_000, endMs: 60_000, why: 'TIME_LIMIT' },
      { stream: 1, startMs: 0, endMs: 60_000, why: 'TIME_LIMIT' },
    ]);
  });

  it('says that nothing could be decoded of a stream only when there was time for it', () => {
    expect(missingFromStreams(streams, decoded(60_000, 0), 60_000, false)).toEqual([
      { stream: 1, startMs: 0, endMs: 60_000, why: 'NOTHING_DECODED' },
    ]);
  });

  it('reports the end of a file that ends before its declared end', () => {
    expect(missingFromStreams(streams, decoded(30_000, 20_000), 60_000, false)).toEqual([
      { stream: null, startMs: 30_000, endMs: 60_000, why: 'ENDS_TOO_EARLY' },
    ]);
  });
});
