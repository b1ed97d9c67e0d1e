import { type PlacedKey, partnersOf, peaksAround, strongest, unitFrames } from './landmarks.ts';
import type { Peak } from './sound-map.ts';

/** Of a work, the strongest peaks with their next few; of a recording, in which a voice may stand between, more of both. */
const ofWork = { perSecond: 12, partners: 4 } as const;
const ofRecording = { perSecond: 30, partners: 14 } as const;

const leastBetween = 2;
/** Where the second peak stands between the first and the third, in sixteenths. */
const places = 16;
const pitchesPerRegion = 6;
/** Two lengths to an octave, from five frames on. */
const shortest = 5;
const lengths = 8;

/**
 * Keys of three peaks: two intervals, where the second peak stands between the others, and roughly how high and how long
 * all of it is. Three peaks say more than two, so few works share a key. And the key stays when a work is played up to 6 %
 * faster or slower, higher or lower: on a scale of pitches intervals stay as they are, and the place between two peaks
 * does in time (J. Six and M. Leman, "Panako", ISMIR 2014).
 */
export const workTriples = (peaks: readonly Peak[]): PlacedKey[] =>
  combine(strongest(peaks, ofWork.perSecond), ofWork.partners);

/** Keys of a recording, in order of time: those that begin in units `from` to `until` (not included). */
export function recordingTriples(peaks: readonly Peak[], from = 0, until = Infinity): PlacedKey[] {
  const near = peaksAround(peaks, from * unitFrames, until * unitFrames);
  return combine(strongest(near, ofRecording.perSecond), ofRecording.partners).filter(
    ({ unit }) => unit >= from && unit < until,
  );
}

function combine(peaks: readonly Peak[], mostPartners: number): PlacedKey[] {
  const keys: PlacedKey[] = [];
  for (const [at, first] of peaks.entries()) {
    const partners = partnersOf(peaks, at, mostPartners);
    for (const [nth, second] of partners.entries())
      for (const third of partners.slice(nth + 1)) {
        const key = keyOf(first, second, third);
        if (key !== null) keys.push({ key, unit: Math.floor(first.frame / unitFrames) });
      }
  }
  return keys;
}

/** 25 bits: region (4), length (3), two intervals (7 each), place (4). */
function keyOf(first: Peak, second: Peak, third: Peak): number | null {
  const [between, whole] = [second.frame - first.frame, third.frame - first.frame];
  if (whole - between < leastBetween) return null;
  const region = Math.floor(first.pitch / pitchesPerRegion);
  const length = Math.min(lengths - 1, Math.floor(2 * Math.log2(whole / shortest)));
  const place = Math.floor((between / whole) * places);
  return (
    (region << 21) |
    (length << 18) |
    ((second.pitch - first.pitch + 64) << 11) |
    ((third.pitch - first.pitch + 64) << 4) |
    place
  );
}
