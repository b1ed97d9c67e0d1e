import { describe, expect, test } from 'vitest';
import { spokeBy, type Voice } from '../../../../src/domain/attendance/voice.ts';
import { rowOf } from '../../../support/attendance.ts';

const span = (startMs: number, endMs: number) => ({ startMs, endMs });
/** The recording begins ten seconds before the lesson. */
const times = { recording: span(90_000, 200_000), lesson: span(100_000, 190_000), resolutionMs: 1_000 };
const voice = (covered: [number, number], ...heard: [number, number][]): Voice => ({
  covered: span(...covered),
  heard: heard.map((one) => span(...one)),
});
const whole = voice([0, 110_000], [30_000, 32_000]);
const row = rowOf('Ada', { joinedMs: 110_000, leftMs: 180_000 });

describe('a sound file tells when its attendee spoke', () => {
  test('in places of the recording', () => {
    expect(spokeBy(row, [whole], times)).toEqual([span(120_000, 122_000)]);
    const later = { ...times, recording: span(95_000, 205_000) };
    expect(spokeBy(row, [whole], later)).toEqual([span(125_000, 127_000)]);
  });
  test('and nothing where there is none', () => {
    expect(spokeBy(row, [], times)).toBeNull();
    expect(spokeBy({ ...row, spoke: [] }, [], times)).toEqual([]);
  });
  test('beside what the report tells', () => {
    expect(spokeBy({ ...row, spoke: [span(121_000, 130_000)] }, [whole], times)).toEqual([span(120_000, 130_000)]);
  });
  test('and while they were there and no file has sound, they count as heard', () => {
    const part = voice([25_000, 80_000], [30_000, 32_000]);
    expect(spokeBy(row, [part], times)).toEqual([
      span(110_000, 115_000),
      span(120_000, 122_000),
      span(170_000, 180_000),
    ]);
    expect(spokeBy(row, [part, voice([80_000, 90_000]), voice([20_000, 25_000])], times)).toEqual([
      span(120_000, 122_000),
    ]);
  });
  test('to the end of a minute, where the report tells whole minutes', () => {
    const until = voice([0, 90_000], [30_000, 32_000]);
    expect(spokeBy(row, [until], { ...times, resolutionMs: 11_000 })).toEqual([
      span(120_000, 122_000),
      span(180_000, 190_000),
    ]);
  });
});
