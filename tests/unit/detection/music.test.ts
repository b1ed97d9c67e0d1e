import { describe, expect, it } from 'vitest';
import { findMusic, type MusicModel, musicLikelihood } from '../../../src/detection/music.ts';
import { createMusicFeatures, featureNames, type SecondOfSound } from '../../../src/detection/music-features.ts';
import { musicModel } from '../../../src/detection/music-model.ts';
import { createSoundMapper, soundRate } from '../../../src/detection/sound-map.ts';
import { madeMusic, madeNoise, toInt16 } from '../../support/made-sound.ts';

function secondsOf(samples: Float32Array): SecondOfSound[] {
  const features = createMusicFeatures();
  createSoundMapper(features.push).push(toInt16(samples));
  return features.end();
}

/** Says what its one value says. */
const plainModel: MusicModel = {
  features: ['music'],
  means: [0, 0],
  deviations: [1, 1],
  hidden: { weights: [[1, 0]], biases: [0] },
  output: { weights: [10], bias: -5 },
};
const row = (marks: string): SecondOfSound[] =>
  [...marks].map((mark) => ({ values: Float32Array.from([mark === 'm' ? 1 : 0]), isSilent: mark === ' ' }));
const stretches = (marks: string) =>
  findMusic(row(marks), plainModel).map(({ startMs, endMs }) => [startMs, endMs].map((ms) => Math.round(ms / 992)));

describe('the features of a second', () => {
  it('are as many as their names, and the model is trained on exactly these', () => {
    const [second] = secondsOf(madeMusic(1, 3));
    expect(second!.values).toHaveLength(featureNames.length);
    expect([...second!.values].every(Number.isFinite)).toBe(true);
    expect(musicModel.features).toEqual(featureNames);
    expect(musicModel.means).toHaveLength(2 * featureNames.length);
  });

  it('come once for each 31 frames, and silence is told', () => {
    expect(secondsOf(madeMusic(1, 20)).length).toBeGreaterThanOrEqual(18);
    expect(secondsOf(new Float32Array(5 * soundRate)).every(({ isSilent }) => isSilent)).toBe(true);
    expect(secondsOf(new Float32Array())).toEqual([]);
  });
});

describe('tones', () => {
  it('are left out when they never end, as the hum of a fan', () => {
    const hum = madeNoise(1, 20, 0.005).map(
      (sample, at) => sample + 0.2 * Math.sin((2 * Math.PI * 500 * at) / soundRate),
    );
    const seconds = secondsOf(hum);
    const long = featureNames.indexOf('tones of 0.8 s');
    expect(seconds.slice(0, 4).map(({ values }) => values[long]! > 0.3)).toEqual([true, true, true, true]);
    expect(seconds.slice(6).map(({ values }) => values[long])).toEqual(seconds.slice(6).map(() => 0));
  });
});

describe('stretches of music', () => {
  it.each([
    ['.................', []],
    ['....mmmmmmmmmm...', [[4, 14]]],
    ['....mmmmm..mmmmm.....', [[4, 16]]],
    [
      'mmmmmmmm..........mmmmmmmm',
      [
        [0, 8],
        [18, 26],
      ],
    ],
    ['......mm.........', []],
  ])('of %s', (marks, expected) => {
    const found = stretches(marks);
    expect(found).toHaveLength(expected.length);
    found.forEach(([start, end], at) => {
      expect(Math.abs(start! - expected[at]![0]! - 0.5)).toBeLessThanOrEqual(1.5);
      expect(Math.abs(end! - expected[at]![1]! - 0.5)).toBeLessThanOrEqual(1.5);
    });
  });

  it('are not found in silence, whatever the model says', () => {
    expect(musicLikelihood(row('          '), plainModel)).toEqual(new Array(10).fill(0));
  });

  it('are found by the trained model in chords, and not in noise', () => {
    expect(findMusic(secondsOf(madeMusic(5, 20)), musicModel)).toMatchObject([{ confidence: expect.any(Number) }]);
    expect(findMusic(secondsOf(madeNoise(5, 20, 0.2)), musicModel)).toEqual([]);
  });
});
