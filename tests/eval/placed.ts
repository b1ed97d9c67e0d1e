import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bufferSource } from '../support/media.ts';
import type { EvalOptions, PartResult } from './parts.ts';
import {
  cleanKinds,
  logoPlaces,
  logoShares,
  makeLogoCase,
  makePhotoSlide,
  makeUnplacedCase,
  type PlacedCase,
  photoShares,
} from './placed-cases.ts';
import { type PlacedSetName, placedMaterial } from './placed-material.ts';
import { openRegistry } from './registry.ts';
import { failures, type Scored } from './score.ts';

/**
 * Photographs on slides and logos of the set on which no threshold was set, every other one registered: those that were
 * not when keypoints were measured for the first time, on other slides.
 */
export const evaluatePlaced = (options: EvalOptions): Promise<PartResult> => evaluateSet(options, 'fresh', 1);

/** The same of the set that the detector was made with. */
export const evaluatePlacedTuned = (options: EvalOptions): Promise<PartResult> => evaluateSet(options, 'tuned', 0);

async function evaluateSet({ media, isQuick, say }: EvalOptions, set: PlacedSetName, half: 0 | 1): Promise<PartResult> {
  const folder = await mkdtemp(join(tmpdir(), 'emanet-logos-'));
  try {
    const material = await placedMaterial(media, set, folder);
    const isRegistered = (_: unknown, at: number) => at % 2 === half;
    const registered = [...material.photos.filter(isRegistered), ...material.logos.filter(isRegistered)];
    const names = new Set(registered.map(({ name }) => name));
    const registry = await openRegistry(
      '/',
      registered.map(({ name, path }) => ({ work: name, file: path, type: 'image' })),
    );
    const cases: Scored[] = [];
    let [seconds, tookMs, seed] = [0, 0, 10_000 * half];
    const search = async (making: Promise<PlacedCase>) => {
      const made = await making;
      const searched = await registry.search(bufferSource(made.bytes));
      seconds += made.seconds;
      tookMs += searched.tookMs;
      const isKnown = made.truth.every(({ what }) => names.has(what));
      cases.push({
        case: made.name,
        condition: isKnown ? made.condition : `not registered: ${made.condition.split(',')[0]}`,
        seconds: made.seconds,
        truth: isKnown ? made.truth : [],
        said: searched.found
          .filter(({ work }) => !made.also.includes(work))
          .map(({ work, startMs, endMs }) => ({ what: work, start: startMs / 1000, end: endMs / 1000 })),
      });
    };
    try {
      for (const [at, photo] of material.photos.entries()) {
        if (isQuick && at > 2) break;
        // Those that are not registered are shown once.
        for (const share of names.has(photo.name) ? photoShares : [photoShares[at % photoShares.length]!])
          await search(makePhotoSlide(material, photo, share, ++seed));
      }
      say('  photographs');
      for (const [at, logo] of material.logos.entries()) {
        if (isQuick && at > 2) break;
        for (const [turn, place] of logoPlaces.entries()) {
          const share = logoShares[(Math.floor(at / 2) + turn) % logoShares.length]!;
          if (names.has(logo.name) || turn === Math.floor(at / 2) % logoPlaces.length)
            await search(makeLogoCase(material, logo, share, place, ++seed));
        }
      }
      say('  logos');
      for (const [at, kind] of cleanKinds.entries())
        for (let number = 0; number < (isQuick ? 1 : 2); number++)
          await search(makeUnplacedCase(material, kind, 2 * at + number));
      say('  nothing');
      for (const failure of failures(cases)) say(`  ${failure}`);
    } finally {
      await registry.close();
    }
    return {
      name: set === 'fresh' ? 'photographs and logos' : 'photographs and logos that thresholds were set on',
      about: `${registered.length} photographs and logos registered, shown for 8 s on slides, lectures and photographs`,
      methods: { Emanet: cases },
      speed: seconds / (tookMs / 1000),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
