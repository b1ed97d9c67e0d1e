import { describe, expect, it } from 'vitest';
import {
  certainty,
  evidenceOf,
  evidentStretches,
  findMusic,
  type MusicModel,
  musicOdds,
} from '../../../src/detection/music.ts';
import { inputNames, modelInput } from '../../../src/detection/music-context.ts';
import { createMusicFeatures, featureNames, type SecondOfSound } from '../../../src/detection/music-features.ts';
import { musicModel } from '../../../src/detection/music-model.ts';
import { createSoundMapper, soundRate } from '../../../src/detection/sound-map.ts';
import { seeded } from '../../eval/sound.ts';
import { madeMusic, madeNoise, toInt16 } from '../../support/made-sound.ts';

function secondsOf(samples: Float32Array): SecondOfSound[] {
  const features = createMusicFeatures();
  createSoundMapper(features.push).push(toInt16(samples));
  return features.end();
}

/** Says what its one value says. */
const plainModel: MusicModel = {
  inputs: ['music'],
  means: new Array(11).fill(0),
  deviations: new Array(11).fill(1),
  hidden: { weights: [[1, ...new Array(10).fill(0)]], biases: [0] },
  output: { weights: [10], bias: -5 },
  rule: {
    second: { slope: 1, offset: 0 },
    most: 4,
    caution: 0,
    change: 5,
    least: 10,
    stretch: { offset: -4, mean: 1, length: 1 },
  },
};
const row = (marks: string): SecondOfSound[] =>
  [...marks].map((mark) => ({
    values: Float32Array.from([mark === 'm' || mark === ' ' ? 1 : 0]),
    isSilent: mark === ' ',
    notes: new Uint8Array(96),
    onsets: new Float32Array(31),
  }));
const stretches = (marks: string) =>
  findMusic(row(marks), plainModel).map(({ startMs, endMs }) => [startMs, endMs].map((ms) => Math.round(ms / 992)));

describe('the features of a second', () => {
  it('are as many as their names, and the model is trained on exactly these', () => {
    const [second] = secondsOf(madeMusic(1, 3));
    expect(second!.values).toHaveLength(featureNames.length);
    expect([...second!.values].every(Number.isFinite)).toBe(true);
    expect(musicModel.inputs).toEqual(inputNames);
    const input = modelInput(secondsOf(madeMusic(1, 20)), 9);
    expect(input).toHaveLength(inputNames.length);
    expect([...input].every(Number.isFinite)).toBe(true);
    for (const of of [musicModel.means, musicModel.deviations, ...musicModel.hidden.weights])
      expect(of).toHaveLength(inputNames.length);
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
    expect(musicOdds(row('          '), plainModel)).toEqual(new Array(10).fill(null));
    expect(findMusic(row('          '), plainModel)).toEqual([]);
    expect(evidenceOf([null, 5], plainModel.rule)).toEqual([-4, 4]);
  });

  it('are found by the trained model in chords, and not in noise', () => {
    expect(findMusic(secondsOf(madeMusic(5, 20)), musicModel)).toMatchObject([{ confidence: expect.any(Number) }]);
    expect(findMusic(secondsOf(madeNoise(5, 20, 0.2)), musicModel)).toEqual([]);
  });
});

describe('the rule for stretches', () => {
  const { rule } = plainModel;
  const found = (evidence: readonly number[], change = 2, least = 4) =>
    evidentStretches(evidence, { ...rule, change, least }).map(({ from, until }) => [from, until]);

  it('needs evidence, whether a little for long or much for a short time', () => {
    expect(found([-1, 1, 1, 1, -1])).toEqual([]);
    expect(found([-1, 1, 1, 1, 1, 1, 1, -1])).toEqual([[1, 7]]);
    expect(found([-1, 3, 3, -1])).toEqual([[1, 3]]);
    expect(found([-1, 3, 3, -1], 2, 7)).toEqual([]);
  });

  it('keeps a stretch together over a doubt that weighs less than two changes', () => {
    expect(found([4, 4, -3, 4, 4])).toEqual([[0, 5]]);
    expect(found([4, 4, -3, -3, 4, 4])).toEqual([
      [0, 2],
      [4, 6],
    ]);
  });

  it('finds what an exhaustive search finds', () => {
    const random = seeded(11);
    for (let tries = 0; tries < 60; tries++) {
      const evidence = Array.from({ length: 10 }, () => Math.round((random() * 8 - 4) * 100) / 100);
      const change = 0.5 + random() * 3;
      const worth = (isMusic: (at: number) => boolean) => {
        let sum = 0;
        for (let at = 0; at <= evidence.length; at++) {
          if (at < evidence.length && isMusic(at)) sum += evidence[at]!;
          if ((at > 0 && isMusic(at - 1)) !== (at < evidence.length && isMusic(at))) sum -= change;
        }
        return sum;
      };
      const best = Math.max(...Array.from({ length: 1_024 }, (_, marks) => worth((at) => (marks & (1 << at)) !== 0)));
      const said = evidentStretches(evidence, { ...rule, change, least: 0 });
      expect(worth((at) => said.some(({ from, until }) => at >= from && at < until))).toBeCloseTo(best, 9);
    }
  });

  it('takes caution from every second, and lets no second say more than the most', () => {
    expect(evidenceOf([9, 1, -9], { ...rule, caution: 0.5 })).toEqual([3.5, 0.5, -4.5]);
    expect(evidenceOf([1], { ...rule, second: { slope: 2, offset: 1 } })).toEqual([3]);
  });

  it('is surer of more evidence and of longer stretches, between nothing and all', () => {
    const sure = (evidence: number, length: number) => certainty({ from: 0, until: length, evidence }, rule);
    expect(sure(30, 10)).toBeGreaterThan(sure(20, 10));
    expect(sure(60, 20)).toBeGreaterThan(sure(30, 10));
    expect(sure(16, 4)).toBeCloseTo(1 / (1 + Math.exp(4 - 4 - Math.log(4))), 9);
    expect(sure(1e6, 1)).toBeLessThanOrEqual(1);
  });
});

describe('the model', () => {
  it('is surer of a stretch with more evidence, and raises none below the least', () => {
    const { rule } = musicModel;
    expect(rule.second.slope).toBeGreaterThan(0);
    expect(rule.least).toBeGreaterThanOrEqual(2 * rule.change);
    expect(rule.stretch.mean).toBeGreaterThanOrEqual(0);
    expect(rule.stretch.length).toBeGreaterThanOrEqual(0);
  });
});
