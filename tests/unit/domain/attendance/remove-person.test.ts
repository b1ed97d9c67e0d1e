import { describe, expect, test } from 'vitest';
import { voiceOf } from '../../../../src/domain/attendance/coverage.ts';
import {
  type ProposedRemoval,
  proposeRemovals,
  type RemovalKind,
  uncoveredParts,
} from '../../../../src/domain/attendance/remove-person.ts';
import { rowOf } from '../../../support/attendance.ts';

const span = (startMs: number, endMs: number) => ({ startMs, endMs });
const part = (kind: RemovalKind, startMs: number, endMs: number): ProposedRemoval => ({ kind, startMs, endMs });

describe('how somebody goes can be said', () => {
  const there = [span(10_000, 60_000)];
  const recorded = [span(0, 100_000)];
  test('to cut, although the report tells when they spoke', () => {
    expect(proposeRemovals(there, [span(20_000, 25_000)], recorded, 'cut')).toEqual([part('cut', 9_000, 61_000)]);
  });
  test('to mute and cover, although no report tells when they spoke: then all the time', () => {
    expect(proposeRemovals(there, null, recorded, 'mute_and_cover')).toEqual([
      part('mute', 9_000, 61_000),
      part('cover', 9_000, 61_000),
    ]);
  });
  test('to mute and cover, where they never spoke', () => {
    expect(proposeRemovals(there, [], recorded, 'mute_and_cover')).toEqual([part('cover', 9_000, 61_000)]);
  });
});

describe('of the parts that have to go, only what is not proposed yet is new', () => {
  test.each<[string, ProposedRemoval[], ProposedRemoval[], ProposedRemoval[]]>([
    ['nothing is known', [part('cut', 10, 20)], [], [part('cut', 10, 20)]],
    ['the same is known', [part('cut', 10, 20)], [part('cut', 10, 20)], []],
    ['a longer one is known', [part('cut', 10, 20)], [part('cut', 9, 21)], []],
    ['two that touch are known', [part('cut', 10, 20)], [part('cut', 5, 15), part('cut', 15, 20)], []],
    ['the last millisecond is left', [part('cut', 10, 20)], [part('cut', 10, 19)], [part('cut', 19, 20)]],
    [
      'both ends are left',
      [part('cover', 10, 20)],
      [part('cover', 12, 18)],
      [part('cover', 10, 12), part('cover', 18, 20)],
    ],
    ['what only touches takes nothing', [part('cut', 10, 20)], [part('cut', 0, 10)], [part('cut', 10, 20)]],
    ['a cut mutes and covers', [part('mute', 10, 20), part('cover', 10, 20)], [part('cut', 10, 20)], []],
    ['to mute covers nothing', [part('cover', 10, 20)], [part('mute', 10, 20)], [part('cover', 10, 20)]],
    [
      'to mute and cover is not to cut',
      [part('cut', 10, 20)],
      [part('mute', 10, 20), part('cover', 10, 20)],
      [part('cut', 10, 20)],
    ],
    [
      'they are in order of time',
      [part('cover', 10, 20), part('mute', 5, 8)],
      [],
      [part('mute', 5, 8), part('cover', 10, 20)],
    ],
    ['a part without length is none', [part('cut', 10, 10)], [], []],
  ])('%s', (_, parts, known, left) => {
    expect(uncoveredParts(parts, known)).toEqual(left);
  });
});

describe('when somebody spoke is known', () => {
  const ofAda = { kind: 'persons' as const, personIds: ['ada'] };
  const voice = (...rows: Parameters<typeof rowOf>[]) => {
    const reported = rows.map((row) => rowOf(...row));
    return voiceOf('ada', {
      lesson: span(0, 100),
      recorded: [],
      reports: [{ rows: reported, statedCount: null, resolutionMs: 1_000 }],
      matches: new Map(),
      decisions: new Map(reported.filter(({ name }) => name !== 'Efe').map(({ key }) => [key, ofAda])),
      names: new Map(),
    });
  };
  test('if every row of theirs says so', () => {
    expect(voice(['Ada', { spoke: [span(5, 8)] }], ['Ada 2', { spoke: [span(7, 9)] }])).toEqual([span(5, 9)]);
    expect(voice(['Ada', { spoke: [] }])).toEqual([]);
    expect(voice(['Ada', { spoke: [span(5, 8)] }], ['Ada 2', { spoke: null }])).toBeNull();
  });
  test('and rows of others, and of waiting, say nothing about it', () => {
    expect(voice(['Efe', { spoke: [span(5, 8)] }])).toBeNull();
    expect(voice(['Ada', { spoke: [span(5, 8)] }], ['Ada 2', { isWaiting: true }])).toEqual([span(5, 8)]);
  });
});
