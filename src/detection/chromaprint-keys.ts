import { tellingItems } from './bit-errors.ts';
import { type PlacedKey, unitMs } from './landmarks.ts';

/** Chromaprint moves on by 1365 samples at 11 025 Hz per item (4096 samples, two thirds overlapping). */
export const itemMs = (1_365 / 11_025) * 1_000;
/** Two parts of the 32 bits, so that a few wrong bits leave one of them right. */
const partBits = 20;
const partOffsets = [0, 12] as const;

/** Keys of Chromaprint's sub-fingerprints; silence and steady tones, which every work may hold, have none. */
export function chromaprintKeys(fingerprint: Uint32Array): PlacedKey[] {
  const telling = tellingItems(fingerprint);
  return [...fingerprint].flatMap((item, at) =>
    telling[at] === 0
      ? []
      : partOffsets.map((offset, part) => ({
          key: (part << partBits) | ((item >>> offset) & ((1 << partBits) - 1)),
          unit: Math.round((at * itemMs) / unitMs),
        })),
  );
}
