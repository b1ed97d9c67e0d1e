import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCandidates, type Postings } from '../../../src/detection/candidates.ts';
import { createPowerSpectrum } from '../../../src/detection/fft.ts';
import { type PlacedKey, recordingLandmarks, workLandmarks } from '../../../src/detection/landmarks.ts';
import { createSoundMapper, pitches, type SoundMap, soundRate } from '../../../src/detection/sound-map.ts';
import { leastStrength, soundMatch, strongestMatches, type WorkMatch } from '../../../src/detection/sound-match.ts';
import { recordingTriples, workTriples } from '../../../src/detection/triples.ts';
import { madeMusic, madeNoise, mixed, toInt16 } from '../../support/made-sound.ts';

function mapOf(samples: Float32Array): SoundMap {
  const mapper = createSoundMapper();
  mapper.push(toInt16(samples));
  return mapper.end();
}

const works = [1, 2, 3, 4].map((seed) => mapOf(madeMusic(seed, 40)));
const sounds = works.map(({ peaks }) => ({
  frames: Uint32Array.from(peaks, ({ frame }) => frame),
  pitches: Uint8Array.from(peaks, ({ pitch }) => pitch),
}));
function indexOf(keysOf: (peaks: SoundMap['peaks']) => readonly PlacedKey[]): Map<number, Postings> {
  const index = new Map<number, Postings>();
  for (const [number, { peaks }] of works.entries()) {
    for (const { key, unit } of keysOf(peaks)) {
      const { works: before, units } = index.get(key) ?? { works: new Uint32Array(), units: new Uint16Array() };
      index.set(key, { works: Uint32Array.from([...before, number]), units: Uint16Array.from([...units, unit]) });
    }
  }
  return index;
}
const pairs = indexOf(workLandmarks);
const triples = indexOf(workTriples);

function search(samples: Float32Array): WorkMatch[] {
  const map = mapOf(samples);
  const candidates = findCandidates([
    { keys: recordingLandmarks(map.peaks), found: pairs, votes: 1 },
    { keys: recordingTriples(map.peaks), found: triples, votes: 2 },
  ]);
  return strongestMatches(
    candidates.flatMap((candidate) => {
      const match = soundMatch(map, sounds[candidate.work]!, candidate);
      return match === null ? [] : [{ ...match, work: candidate.work }];
    }),
  );
}

const piece = (seed: number, from: number, seconds: number) =>
  madeMusic(seed, 40).slice(from * soundRate, (from + seconds) * soundRate);

describe('the power spectrum', () => {
  it('of a tone has its power at the tone, and as a whole that of the samples (Parseval)', () => {
    const size = 256;
    const samples = Float32Array.from({ length: size }, (_, at) => Math.cos((2 * Math.PI * 19 * at) / size));
    const power = createPowerSpectrum(size)(samples);
    expect(power[19]).toBeCloseTo((size / 2) ** 2, 1);
    expect(power.reduce((sum, value) => sum + value, 0)).toBeCloseTo((size / 2) ** 2, 1);
  });
});

describe('the map of a sound', () => {
  it('is the same in whatever pieces the samples come', () => {
    const samples = toInt16(madeMusic(7, 4));
    const whole = createSoundMapper();
    whole.push(samples);
    const expected = whole.end();
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9_000 }), { maxLength: 12 }), (sizes) => {
        const mapper = createSoundMapper();
        let at = 0;
        for (const size of sizes) {
          mapper.push(samples.subarray(at, at + size));
          at += size;
        }
        mapper.push(samples.subarray(Math.min(at, samples.length)));
        expect(mapper.end()).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  it('does not change with the volume, and has nothing to say of silence, of hum and of nothing at all', () => {
    const loud = mapOf(madeMusic(7, 4));
    const quiet = mapOf(madeMusic(7, 4).map((sample) => sample / 4));
    expect(quiet.peaks.length).toBeGreaterThan(100);
    const near = new Set(
      loud.peaks.flatMap(({ frame, pitch }) => [-1, 0, 1].map((step) => `${frame + step} ${pitch}`)),
    );
    const kept = quiet.peaks.filter(({ frame, pitch }) => near.has(`${frame} ${pitch}`)).length;
    expect(kept / quiet.peaks.length).toBeGreaterThan(0.7);
    expect(mapOf(new Float32Array(5 * soundRate)).peaks).toEqual([]);
    const hum = Float32Array.from(
      { length: 5 * soundRate },
      (_, at) => 0.3 * Math.sin((2 * Math.PI * 440 * at) / soundRate),
    );
    // The hum begins and ends, and stands still between.
    expect(mapOf(hum).peaks.filter(({ frame }) => frame > 15 && frame < 130)).toEqual([]);
    expect(mapOf(new Float32Array())).toEqual({ frames: 0, salience: new Int8Array(), peaks: [] });
  });

  it('counts every pitch of every frame', () => {
    const { frames, salience } = mapOf(madeMusic(7, 2));
    expect(salience).toHaveLength(frames * pitches);
  });
});

describe.each([
  ['pairs', recordingLandmarks],
  ['triples', recordingTriples],
])('the %s of a recording', (_, keysOf) => {
  const { peaks, frames } = works[0]!;
  const whole = keysOf(peaks);

  it('are the same, in the same order, in whatever stretches they are asked for', () => {
    const units = Math.ceil(frames / 4);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: units })), (cuts) => {
        const borders = [0, ...cuts.toSorted((a, b) => a - b), Infinity];
        const pieces = borders.slice(1).map((until, at) => keysOf(peaks, borders[at]!, until));
        expect(pieces.flat()).toEqual(whole);
      }),
      { numRuns: 10 },
    );
  });

  it('are those of the stretch and no others, also where stretches overlap', () => {
    expect(whole.length).toBeGreaterThan(10_000);
    expect(keysOf(peaks, 100, 133)).toEqual(whole.filter(({ unit }) => unit >= 100 && unit < 133));
    expect(keysOf(peaks, 7, 7)).toEqual([]);
    expect(keysOf([], 0, 500)).toEqual([]);
  });
});

describe('a registered work', () => {
  it.each([
    ['alone', 1, 0],
    ['under noise as loud as it is', 1, 0.25],
    ['at a fifth of the volume, under noise', 0.2, 0.04],
  ])('is found %s, with where it begins and ends', (_, gain, noise) => {
    const bed = madeNoise(1, 30, noise);
    const matches = search(mixed(bed, piece(2, 11, 6), 12, gain));
    expect(matches.map(({ work }) => work)).toEqual([1]);
    const { startMs, endMs, workStartMs, strength } = matches[0]!;
    expect(Math.abs(startMs - 12_000)).toBeLessThan(700);
    expect(Math.abs(endMs - 18_000)).toBeLessThan(700);
    expect(Math.abs(workStartMs - startMs - (11_000 - 12_000))).toBeLessThan(100);
    expect(strength).toBeGreaterThan(leastStrength(30_000 / 128, (4 * 40_000) / 128));
  });

  it.each([
    ['6 % faster and higher', 1.06, 1.06],
    ['6 % slower and lower', 0.94, 0.94],
    ['2.9 % faster and higher', 1.029, 1.029],
  ])('is found when it is played %s', (_, tempo) => {
    const source = piece(2, 8, 12);
    const played = Float32Array.from({ length: Math.floor(source.length / tempo) - 1 }, (__, at) => {
      const place = at * tempo;
      const before = Math.floor(place);
      return source[before]! + (place - before) * (source[before + 1]! - source[before]!);
    });
    const matches = search(mixed(madeNoise(1, 30, 0.02), played, 10));
    expect(matches.map(({ work }) => work)).toEqual([1]);
    const { startMs, endMs, workStartMs, workEndMs } = matches[0]!;
    expect(Math.abs(startMs - 10_000)).toBeLessThan(700);
    expect(Math.abs(endMs - 10_000 - 12_000 / tempo)).toBeLessThan(700);
    expect(Math.abs(workStartMs - 8_000)).toBeLessThan(700);
    expect(Math.abs((workEndMs - workStartMs) / (endMs - startMs) - tempo)).toBeLessThan(0.02);
  });

  it('is found together with another one at the same time, and again later', () => {
    const bed = mixed(madeNoise(1, 40, 0.01), piece(1, 5, 10), 5);
    const matches = search(mixed(mixed(bed, piece(3, 20, 8), 8), piece(1, 30, 6), 28));
    expect(matches.map(({ work, startMs }) => [work, Math.round(startMs / 1000)])).toEqual([
      [0, 5],
      [2, 8],
      [0, 28],
    ]);
  });

  it.each([0, 1, 2, 3])('is not found in music of nobody, in noise or in silence (%i)', (seed) => {
    expect(search(madeMusic(100 + seed, 30))).toEqual([]);
    expect(search(madeNoise(seed, 30, 0.3))).toEqual([]);
    expect(search(new Float32Array(10 * soundRate))).toEqual([]);
  });
});

describe('the strength that a match must have', () => {
  it('grows with the recording and with the works that are tried, and is never below 6.5', () => {
    const hour = 3_600_000 / 128;
    const minute = 60_000 / 128;
    expect(leastStrength(0, 0)).toBe(6.5);
    expect(leastStrength(minute, 10 * minute)).toBeLessThan(leastStrength(hour, 10 * minute));
    expect(leastStrength(hour, 1_000 * minute)).toBeLessThan(leastStrength(hour, 100_000 * minute));
  });

  it('leaves one wrong match in a thousand searches, by the tail of the normal distribution', () => {
    for (const tries of [1e8, 1e10, 1e12]) {
      const strength = leastStrength(Math.sqrt(tries / 10), Math.sqrt(tries / 10));
      // Mills' ratio lies between x/(1+x²) and 1/x.
      const density = Math.exp(-(strength ** 2) / 2) / Math.sqrt(2 * Math.PI);
      expect(tries * density * (strength / (1 + strength ** 2))).toBeLessThan(0.0011);
      expect((tries * density) / strength).toBeGreaterThan(0.0009);
    }
  });
});

describe('candidates', () => {
  it('look at the rarest keys first, so that a key of a hundred thousand works does not hold anybody up', () => {
    const everywhere: Postings = {
      works: Uint32Array.from({ length: 100_000 }, (_, at) => at + 10),
      units: new Uint16Array(100_000).fill(3),
    };
    const rare: Postings = { works: Uint32Array.from([5]), units: Uint16Array.from([40]) };
    const keys = [0, 1, 2, 3, 4].map((at) => ({ key: at, unit: at }));
    const found = new Map(
      keys.map(({ key }) => [key, key === 0 ? everywhere : { ...rare, units: Uint16Array.from([40 + key]) }]),
    );
    expect(findCandidates([{ keys, found, votes: 1 }])).toEqual([{ work: 5, unit: 0, ahead: 40, votes: 4 }]);
  });
});
