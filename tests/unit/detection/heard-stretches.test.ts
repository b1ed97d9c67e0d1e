import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createHeardStretches } from '../../../src/detection/heard-stretches.ts';
import { madeMusic, madeNoise, mixed, toInt16 } from '../../support/made-sound.ts';

function heard(...pieces: readonly Int16Array[]) {
  const listener = createHeardStretches();
  for (const piece of pieces) listener.push(piece);
  return listener.end();
}
const silence = (seconds: number) => new Float32Array(8_000 * seconds);
const tone = (seconds: number, level: number) =>
  Float32Array.from({ length: 8_000 * seconds }, (_, i) => level * Math.sin((2 * Math.PI * 220 * i) / 8_000));

describe('who is heard when', () => {
  test('is where the sound is not silent', () => {
    const sound = mixed(mixed(silence(20), madeMusic(1, 3), 4), madeNoise(2, 1, 0.05), 15);
    const { stretches, durationMs } = heard(toInt16(sound));
    expect(durationMs).toBe(20_000);
    expect(stretches).toHaveLength(2);
    expect(Math.abs(stretches[0]!.startMs - 4_000)).toBeLessThanOrEqual(20);
    expect(Math.abs(stretches[0]!.endMs - 7_000)).toBeLessThanOrEqual(20);
    expect(stretches[1]).toEqual({ startMs: 15_000, endMs: 16_000 });
  });
  test.each([
    ['a whisper, 50 dB below the loudest', 0.0032, 1],
    ['59 dB below it', 0.00112, 1],
    ['61 dB below it', 0.00089, 0],
  ])('%s', (_, level, count) => {
    expect(heard(toInt16(mixed(silence(6), tone(1, level), 3))).stretches).toHaveLength(count);
  });
  test.each([
    ['a breath', 1.9, 1],
    ['a pause', 2, 2],
  ])('%s', (_, gap, count) => {
    const sound = mixed(mixed(silence(9), tone(1, 0.5), 1), tone(1, 0.5), 2 + gap);
    expect(heard(toInt16(sound)).stretches).toHaveLength(count);
  });
  test('one loud sample is heard, to the last that there is', () => {
    const click = new Int16Array(8_050);
    click[8_049] = -32_768;
    expect(heard(click)).toEqual({ stretches: [{ startMs: 1_000, endMs: 1_007 }], durationMs: 1_006 });
    expect(heard(new Int16Array(0))).toEqual({ stretches: [], durationMs: 0 });
  });
  test('does not depend on how the samples come', () => {
    const whole = toInt16(mixed(silence(8), madeMusic(3, 2), 3));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: whole.length }), { maxLength: 9 }), (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
        const pieces = places.slice(1).map((to, at) => whole.subarray(places[at], to));
        expect(heard(...pieces)).toEqual(heard(whole));
      }),
      { numRuns: 20 },
    );
  });
});
