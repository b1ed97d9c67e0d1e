import { describe, expect, it } from 'vitest';
import { findTagNotices } from '../../../src/detection/container-tags.ts';
import { type FeaturesToCheck, findingsOf } from '../../../src/detection/findings.ts';
import { findSubtitleNotices } from '../../../src/detection/subtitle-notices.ts';

const tag = (name: string, value: string, stream: number | null = null) => ({ stream, name, value });
const features = (changes: Partial<FeaturesToCheck> = {}): FeaturesToCheck => ({
  analysedDurationMs: 60_000,
  subtitles: [],
  notAnalysed: [],
  ...changes,
});
const probe = { declaredDurationMs: 60_000, tags: [] };

describe('tags', () => {
  it.each([
    ['copyright', '© 2021 Örnek Yayınevi'],
    ['COPYRIGHT', '2021'],
    ['com.apple.quicktime.copyright', 'Somebody'],
    ['copyright-tur', 'Biri'],
    ['comment', 'Tüm hakları saklıdır'],
    ['ISRC', 'TRA012100001'],
    ['album', 'Greatest Hits'],
    ['artist', 'Karissa Hobbs'],
    ['publisher', 'Example Records'],
    ['encoded_by', 'Some Studio'],
  ])('takes %s = %s for a notice', (name, value) => {
    expect(findTagNotices([tag(name, value)])).toHaveLength(1);
  });

  it.each([
    ['encoder', 'Lavf59.27.100'],
    ['title', '9-B Fizik'],
    ['language', 'tur'],
    ['copyright', ' '],
    ['handler_name', 'VideoHandler'],
    ['creation_time', '2021-01-01'],
  ])('takes %s = %s for nothing', (name, value) => {
    expect(findTagNotices([tag(name, value)])).toEqual([]);
  });

  it('reports the container and each stream apart, with title and owner', () => {
    const notices = findTagNotices([tag('title', 'Song', 2), tag('ARTIST', 'Singer', 2), tag('copyright', 'Owner')]);
    expect(notices).toMatchObject([
      { stream: 2, title: 'Song', rightsHolder: 'Singer' },
      { stream: null, rightsHolder: 'Owner' },
    ]);
  });
});

describe('subtitles', () => {
  it.each([
    '© 2019 Warner Example',
    'All Rights Reserved.',
    'TÜM HAKLARI SAKLIDIR',
    'Her hakkı mahfuzdur',
    '(c) 2020 Biri',
  ])('reads a notice in: %s', (text) => {
    expect(findSubtitleNotices([{ stream: 3, startMs: 0, endMs: 1, text }])).toHaveLength(1);
  });
  const notices = (count: number, everyMs: number) =>
    findSubtitleNotices(
      Array.from({ length: count }, (_, at) => ({
        stream: 3,
        startMs: at * everyMs,
        endMs: at * everyMs + 900,
        text: `© ${at}`,
      })),
    );
  it('joins lines close to each other, shows the first and counts the rest', () => {
    expect(notices(9_991, 1_000)).toEqual([
      { stream: 3, startMs: 0, endMs: 9_990_900, texts: ['© 0', '© 1', '© 2', '© 3', '© 4'], more: 9_986 },
    ]);
  });
  it('makes no more findings than a person can look at, and loses no line and no time', () => {
    const found = notices(9_991, 10_000);
    expect(found).toHaveLength(200);
    expect(found.at(-1)).toEqual({
      stream: 3,
      startMs: 1_990_000,
      endMs: 99_900_900,
      texts: ['© 199'],
      more: 9_791,
    });
    const all = findingsOf(
      { ...probe, declaredDurationMs: 100_000_000 },
      features({
        subtitles: Array.from({ length: 9_991 }, (_, at) => ({
          stream: at % 3,
          startMs: at * 10_000,
          endMs: at * 10_000 + 1,
          text: '©',
        })),
      }),
    );
    expect(all).toHaveLength(200);
    expect(all.at(-1)?.evidence).toContainEqual(expect.objectContaining({ more: 9_791 }));
  });
  it('passes ordinary speech', () => {
    expect(findSubtitleNotices([{ stream: 3, startMs: 0, endMs: 1, text: 'Haklarımız ve (c) şıkkı' }])).toEqual([]);
  });
});

describe('findings', () => {
  it('makes a finding of every stretch that was not analysed, so that it never counts as clean', () => {
    const notAnalysed = [
      { stream: 1, startMs: 0, endMs: 60_000, why: 'no decoder' },
      { stream: null, startMs: 50_000, endMs: 60_000, why: 'cut short' },
    ];
    const findings = findingsOf(probe, features({ notAnalysed }));
    expect(findings.map(({ source, startMs, endMs, confidence }) => ({ source, startMs, endMs, confidence }))).toEqual([
      { source: 'not_analysed', startMs: 0, endMs: 60_000, confidence: 0 },
      { source: 'not_analysed', startMs: 50_000, endMs: 60_000, confidence: 0 },
    ]);
  });

  it('names the work, its owner and the place in it, and survives JSON', () => {
    const work = { id: 'w1', title: 'Song', rightsHolder: 'Owner' };
    const times = { startMs: 20_000, endMs: 70_000, workStartMs: 5_000, workEndMs: 55_000 };
    const place = { x: 0.5, y: 0.5, width: 0.5, height: 0.5 };
    const findings = findingsOf(probe, features(), {
      heard: [{ stream: 2, work, match: { ...times, strength: 13, least: 6.5 } }],
      seen: [{ stream: 0, work, match: { ...times, startMs: 30_000, seen: 12, bestDistance: 6, place, moves: true } }],
    });
    expect(findings).toMatchObject([
      { source: 'audio_match', title: 'Song', rightsHolder: 'Owner', workId: 'w1', confidence: 0.75 },
      { source: 'picture_match', workId: 'w1', confidence: 0.95, evidence: { workStartMs: 5_000, place, moments: 12 } },
    ]);
    // Nothing lies behind the end of the recording.
    expect(findings.map(({ endMs }) => endMs)).toEqual([60_000, 60_000]);
    expect(JSON.parse(JSON.stringify(findings))).toEqual(findings);
  });

  it('says what was heard, seen and read that is in no registry', () => {
    const place = { x: 0, y: 0, width: 1, height: 1 };
    const stretch = { startMs: 5_000, endMs: 65_000, confidence: 0.7 };
    const notice = { ...stretch, kind: 'watched_name' as const, name: 'Reuters', text: 'Photo: Reuters', place };
    const findings = findingsOf(probe, features(), undefined, {
      music: new Map([[1, [stretch]]]),
      films: new Map([[0, [{ ...stretch, cuts: 3, place }]]]),
      notices: new Map([[0, [notice, { ...notice, name: 'AFP', text: 'AFP' }]]]),
    });
    expect(findings.map(({ source, endMs, rightsHolder }) => [source, endMs, rightsHolder])).toEqual([
      ['music', 60_000, undefined],
      ['film', 60_000, undefined],
      ['notice', 60_000, 'Reuters'],
      ['notice', 60_000, 'AFP'],
    ]);
    expect(findings[2]!.evidence).toEqual({ stream: 0, kind: 'watched_name', text: 'Photo: Reuters', place });
    expect(JSON.stringify(findings)).not.toMatch(/infring/i);
  });

  it('gives every finding a key of its own, and the same key when the check is repeated', () => {
    const subtitles = [0, 0, 5_000].map((startMs) => ({
      stream: 2,
      startMs,
      endMs: startMs + 900,
      text: '© Somebody',
    }));
    const check = () =>
      findingsOf({ ...probe, tags: [tag('copyright', 'x')] }, features({ subtitles })).map(({ key }) => key);
    expect(new Set(check()).size).toBe(check().length);
    expect(check()).toEqual(check());
    expect(check()).toHaveLength(3);
  });
});
