import { differingBits } from '../../detection/bit-errors.ts';
import type { Finding } from '../../detection/finding.ts';
import { findingsOf } from '../../detection/findings.ts';
import type { MediaProbe } from '../ports/media.ts';
import type { Measured } from './measure-recording.ts';

/** Programs of other versions may see edges elsewhere: as much may differ of what is found. */
const [edgeMs, edgeShare] = [2_000, 0.05];
/** As much may differ of what is compared with registered works: numbers of parts and keypoints, bits, and tenths of a dB. */
const [countShare, countSlack, bitShare, tenths, tenthsShare] = [0.1, 20, 0.15, 20, 0.1];

/**
 * Whether two measurements of one recording say the same: as long, of each source the same stretches but for edges, and the
 * same prints but for what another version of a decoder changes.
 */
export function isAlike(probe: MediaProbe, a: Measured, b: Measured): boolean {
  if (Math.abs(a.features.analysedDurationMs - b.features.analysedDurationMs) > 1_000) return false;
  const [ofA, ofB] = [a, b].map(({ features, watched, read }) =>
    findingsOf(probe, features, undefined, { ...watched, ...read }),
  ) as [Finding[], Finding[]];
  const sources = new Set([...ofA, ...ofB].map(({ source }) => source));
  return (
    [...sources].every((source) =>
      isSameStretches(
        ofA.filter((one) => one.source === source),
        ofB.filter((one) => one.source === source),
      ),
    ) && hasSamePrints(a, b)
  );
}

function isSameStretches(a: readonly Finding[], b: readonly Finding[]): boolean {
  if ((a.length === 0) !== (b.length === 0)) return false;
  const [ofA, ofB] = [joined(a), joined(b)];
  const [lengthA, lengthB] = [lengthOf(ofA), lengthOf(ofB)];
  const differs = lengthA + lengthB - 2 * overlapOf(ofA, ofB);
  return differs <= Math.max(edgeMs * Math.max(ofA.length, ofB.length), edgeShare * Math.max(lengthA, lengthB));
}

function hasSamePrints(a: Measured, b: Measured): boolean {
  const prints = ({ features }: Measured) =>
    new Map(features.fingerprints.map(({ stream, fingerprint }) => [stream, fingerprint] as const));
  return (
    isSameByStream(prints(a), prints(b), isSamePrint) &&
    isSameByStream(a.watched.sounds, b.watched.sounds, (one, other) => isSameSound(one.salience, other.salience)) &&
    isSameByStream(a.watched.pictures, b.watched.pictures, isSameCount) &&
    isSameByStream(a.watched.keypoints, b.watched.keypoints, isSameCount)
  );
}

function isSameByStream<T>(
  a: ReadonlyMap<number, T>,
  b: ReadonlyMap<number, T>,
  isSame: (one: T, other: T) => boolean,
): boolean {
  if (a.size !== b.size) return false;
  return [...a].every(([stream, one]) => {
    const other = b.get(stream);
    return other !== undefined && isSame(one, other);
  });
}

const isSameCount = (a: { readonly count: number }, b: { readonly count: number }): boolean =>
  Math.abs(a.count - b.count) <= countSlack + countShare * Math.max(a.count, b.count);

function isSamePrint(a: Uint32Array, b: Uint32Array): boolean {
  if (!isSameCount({ count: a.length }, { count: b.length })) return false;
  let bits = 0;
  for (const [at, word] of a.entries()) bits += differingBits(word, b[at] ?? word);
  return bits <= bitShare * 32 * a.length;
}

function isSameSound(a: Int8Array, b: Int8Array): boolean {
  if (!isSameCount({ count: a.length }, { count: b.length })) return false;
  let differing = 0;
  for (const [at, value] of a.entries()) if (Math.abs(value - (b[at] ?? value)) > tenths) differing += 1;
  return differing <= tenthsShare * a.length;
}

type Stretch = readonly [startMs: number, endMs: number];

function joined(findings: readonly Finding[]): Stretch[] {
  const found: [number, number][] = [];
  for (const { startMs, endMs } of findings.toSorted((a, b) => a.startMs - b.startMs)) {
    const last = found.at(-1);
    if (last !== undefined && startMs <= last[1]) last[1] = Math.max(last[1], endMs);
    else found.push([startMs, endMs]);
  }
  return found;
}

const lengthOf = (stretches: readonly Stretch[]): number =>
  stretches.reduce((sum, [start, end]) => sum + end - start, 0);

function overlapOf(a: readonly Stretch[], b: readonly Stretch[]): number {
  let sum = 0;
  for (const [start, end] of a)
    for (const [from, until] of b) sum += Math.max(0, Math.min(end, until) - Math.max(start, from));
  return sum;
}
