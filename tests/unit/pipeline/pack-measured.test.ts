import { expect, test } from 'vitest';
import { createFfmpegTools } from '../../../src/adapters/ffmpeg/ffmpeg-tools.ts';
import { findingsOf } from '../../../src/detection/findings.ts';
import { isAlike } from '../../../src/pipeline/review/compare-measured.ts';
import { type Measured, measureRecording } from '../../../src/pipeline/review/measure-recording.ts';
import { MeasuredMalformed, packMeasured, unpackMeasured } from '../../../src/pipeline/review/pack-measured.ts';
import { bufferSource, shortLesson } from '../../support/media.ts';

const media = createFfmpegTools();
const source = bufferSource(shortLesson());
const probe = await media.probe(source);
/** Reads the same words on every page. */
const textReader = {
  open: async () => ({
    read: async () => [
      { text: 'All rights reserved', confidence: 96, box: { x: 10, y: 10, width: 300, height: 30 }, words: [] },
    ],
    close: async () => {},
  }),
};
const rules = { names: [], pagesPerHour: 120 };
const measured = await measureRecording(
  { media, textReader },
  { source, probe, rules },
  { signal: new AbortController().signal, onProgress: () => {} },
);
const packed = Buffer.concat(packMeasured(measured));

test('what was measured of a real recording comes back as it was', () => {
  const back = unpackMeasured(packed, probe);
  expect(back.features).toEqual(measured.features);
  expect(back.read).toEqual(measured.read);
  for (const name of ['sounds', 'music', 'films'] as const)
    expect(back.watched[name], name).toEqual(measured.watched[name]);
  const [stream, parts] = [...measured.watched.pictures][0]!;
  expect(parts.count).toBeGreaterThan(0);
  expect(back.watched.pictures.get(stream)?.kept).toEqual(parts.kept);
  const [page, keypoints] = [...measured.watched.keypoints][0]!;
  expect(keypoints.count).toBeGreaterThan(0);
  expect(back.watched.keypoints.get(page)).toMatchObject({ xs: keypoints.xs });
  expect(back.watched.keypoints.get(page)?.words).toEqual(keypoints.words.subarray(0, 4 * keypoints.count));
  const found = ({ features, watched, read }: Measured) =>
    findingsOf(probe, features, undefined, { ...watched, ...read });
  expect(found(back)).toEqual(found(measured));
  expect(isAlike(probe, back, measured)).toBe(true);
});

test('wherever it is cut, it is refused', () => {
  for (let bytes = 0; bytes < packed.length; bytes += 4_099)
    expect(() => unpackMeasured(packed.subarray(0, bytes), probe)).toThrow(MeasuredMalformed);
});

test('a changed octet is refused or comes back as something that a recording of that length may hold', () => {
  for (let at = 0; at < 6_000; at += 7) {
    const changed = Buffer.from(packed);
    changed[at] = (changed[at]! + 1) & 255;
    try {
      const { features, watched } = unpackMeasured(changed, probe);
      expect(features.analysedDurationMs).toBeLessThan(2 ** 31);
      for (const { frames, salience } of watched.sounds.values()) expect(salience).toHaveLength(96 * frames);
    } catch (error) {
      expect(error).toBeInstanceOf(MeasuredMalformed);
    }
  }
});

test('a measurement that leaves something out is not like one that does not', () => {
  const { features, watched, read } = measured;
  const without: [string, Measured][] = [
    ['prints of sound', { features: { ...features, fingerprints: [] }, watched, read }],
    ['sound', { features, watched: { ...watched, sounds: new Map() }, read }],
    ['pictures', { features, watched: { ...watched, pictures: new Map() }, read }],
    ['keypoints', { features, watched: { ...watched, keypoints: new Map() }, read }],
    [
      'a minute',
      { features: { ...features, analysedDurationMs: features.analysedDurationMs + 60_000 }, watched, read },
    ],
    [
      'music',
      { features, watched: { ...watched, music: new Map([[1, [{ startMs: 0, endMs: 8_000, confidence: 1 }]]]) }, read },
    ],
    [
      'silence',
      {
        features,
        watched: {
          ...watched,
          sounds: new Map(
            [...watched.sounds].map(([stream, map]) => [
              stream,
              { ...map, salience: map.salience.map((value) => -value) },
            ]),
          ),
        },
        read,
      },
    ],
  ];
  for (const [name, other] of without) expect([name, isAlike(probe, measured, other)]).toEqual([name, false]);
});
