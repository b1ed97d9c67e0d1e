import { describe, expect, it } from 'vitest';
import { createAnalysisLog } from '../../../src/adapters/ffmpeg/analysis-log.ts';
import { decodedEndMs, longerThanDeclared, missingFromStreams } from '../../../src/adapters/ffmpeg/not-analysed.ts';
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

describe('how long a recording is', () => {
  const ends = (...times: (readonly [lastMs: number, endMs: number])[]) => ({
    lastMs: (stream: number) => times[stream]?.[0] ?? 0,
    endMs: (stream: number) => times[stream]?.[1] ?? 0,
  });
  it.each([
    ['the longest stream', ends([9_960, 10_000], [9_980, 12_000]), null, 12_000],
    ['the declared end where the last picture begins before it', ends([9_000, 40_000]), 10_000, 10_000],
    ['what was decoded where the head says 3 ms', ends([58_960, 59_000]), 3, 59_000],
    ['what was decoded of the sound where the head says 3 ms', ends([0, 0], [67_900, 68_000]), 3, 68_000],
    ['no more than a second of a last picture behind the declared end', ends([10_000, 60_000]), 10_000, 11_000],
    ['what was decoded where the file ends early', ends([4_960, 5_000]), 10_000, 5_000],
  ])('is %s', (_, log, declaredMs, endMs) => {
    expect(decodedEndMs(streams, log, declaredMs)).toBe(endMs);
  });

  it('differs from what the file declares only where it is a finding', () => {
    expect(longerThanDeclared(68_000, 3)).toEqual([
      { stream: null, startMs: 3, endMs: 68_000, why: 'LONGER_THAN_DECLARED' },
    ]);
    expect(longerThanDeclared(61_000, 60_000)).toEqual([]);
    expect(longerThanDeclared(61_300, 60_000)).toHaveLength(1);
    expect(longerThanDeclared(61_000, null)).toEqual([]);
  });

  it('counts frames that have no time of their own', () => {
    const log = createAnalysisLog(streams);
    const frame = (pts: string) =>
      `[ashowinfo@s1 @ 0x1] [info] n:0 pts:0 pts_time:${pts} fmt:fltp channels:2 rate:1000 nb_samples:1000 checksum:0`;
    for (const pts of ['0', 'NOPTS', 'NOPTS']) log.read(frame(pts));
    expect(log.endMs(1)).toBe(3_000);
  });
});
