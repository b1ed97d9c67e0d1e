import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { announcedStretch, secondOf, writePlaylist } from '../../../src/pipeline/release/playlist.ts';
import { ViewingLog } from '../../../src/pipeline/release/viewing-log.ts';

/** Eight segments of 10 s and 100 bytes behind a header of 50 bytes. */
const layout = {
  durationMs: 80_000,
  initBytes: 50,
  segments: Array.from({ length: 8 }, (_, n) => [50 + 100 * n, 100, 10_000] as const),
  chaptersMs: [],
  subtitles: [],
};

describe('a playlist', () => {
  test('names the ranges of one file', () => {
    expect(writePlaylist({ ...layout, segments: layout.segments.slice(0, 2) }, '../rendition')).toBe(
      [
        '#EXTM3U',
        '#EXT-X-VERSION:7',
        '#EXT-X-TARGETDURATION:10',
        '#EXT-X-PLAYLIST-TYPE:VOD',
        '#EXT-X-MAP:URI="../rendition",BYTERANGE="50@0"',
        '#EXTINF:10.000,',
        '#EXT-X-BYTERANGE:100@50',
        '../rendition',
        '#EXTINF:10.000,',
        '#EXT-X-BYTERANGE:100@150',
        '../rendition',
        '#EXT-X-ENDLIST',
        '',
      ].join('\n'),
    );
  });
  test.each([
    [50, 150, [50, 650]],
    [550, 650, [50, 650]],
    [650, 750, [650, 850]],
    [50, 151, null],
    [0, 50, null],
    [50, 250, null],
  ])('bytes %d to %d belong to the stretch %j', (start, end, stretch) => {
    expect(announcedStretch(layout, start, end)).toEqual(stretch);
  });
  test.each([
    [0, 0],
    [50, 0],
    [100, 5],
    [650, 60],
    [850, 80],
    [9_999, 80],
  ])('byte %d is at about %d s', (byte, second) => {
    expect(secondOf(layout, byte)).toBe(second);
  });
});

describe('the log of a viewing', () => {
  const recorder = () => {
    const lines: string[] = [];
    return {
      lines,
      announce: async () => void lines.push('opened'),
      note: async ([start, end]: readonly [number, number]) => void lines.push(`served ${start}-${end}`),
    };
  };
  test('has one entry before the first segment of a stretch and one after its last', async () => {
    const { lines, announce, note } = recorder();
    const log = new ViewingLog({ quietMs: 30 });
    for (const start of [0, 10, 20]) {
      const { leave } = await log.enter('a', announce, note);
      expect(lines).toEqual(['opened']);
      leave([start, start + 10]);
    }
    await pause(80);
    expect(lines).toEqual(['opened', 'served 0-30']);
    (await log.enter('a', announce, note)).leave([0, 10]);
    await log.close();
    expect(lines).toEqual(['opened', 'served 0-30', 'opened', 'served 0-10']);
  });
  test('says apart what was not watched together, and nothing of what was not served', async () => {
    const { lines, announce, note } = recorder();
    const log = new ViewingLog();
    (await log.enter('a', announce, note)).leave([20, 30]);
    (await log.enter('a', announce, note)).leave([0, 10]);
    (await log.enter('a', announce, note)).leave([50, 50]);
    await log.close();
    expect(lines).toEqual(['opened', 'served 0-10', 'served 20-30']);
  });
  test('serves nothing that could not be announced', async () => {
    const { note } = recorder();
    const log = new ViewingLog();
    const fails = async () => {
      throw new Error('no database');
    };
    await expect(log.enter('a', fails, note)).rejects.toThrow('no database');
    const { lines, announce } = recorder();
    await log.enter('a', announce, note);
    expect(lines).toEqual(['opened']);
  });
  test('tries again to note what the database did not take', async () => {
    const { lines, announce, note } = recorder();
    let refusals = 2;
    const log = new ViewingLog({ quietMs: 10 });
    const { leave } = await log.enter('a', announce, async (span) => {
      if (refusals-- > 0) throw new Error('no database');
      await note(span);
    });
    leave([0, 10]);
    await pause(120);
    expect(lines).toEqual(['opened', 'served 0-10']);
  });
});
