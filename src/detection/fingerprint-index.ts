import { tellingItems } from './bit-errors.ts';

/**
 * Sub-fingerprints of all works, findable by any of eight 12-bit parts of their 32 bits. Two recordings of one sound agree
 * in a part long before they agree in all 32 bits, which speech on top prevents almost always.
 */
export interface FingerprintIndex {
  /** All works one after the other. */
  readonly items: Uint32Array;
  readonly telling: Uint8Array;
  /** Where each work begins in `items`; one more at the end. */
  readonly starts: readonly number[];
  /** Calls `found` with the place in `items` of everything that shares a part with `item`, once per part. */
  eachCandidate(item: number, found: (place: number) => void): void;
}

const partBits = 12;
const partOffsets = [0, 3, 6, 9, 12, 15, 18, 20] as const;
const partSize = 1 << partBits;

export function buildIndex(fingerprints: readonly Uint32Array[]): FingerprintIndex {
  const starts = [0];
  for (const fingerprint of fingerprints) starts.push(starts.at(-1)! + fingerprint.length);
  const total = starts.at(-1)!;
  const items = new Uint32Array(total);
  const telling = new Uint8Array(total);
  fingerprints.forEach((fingerprint, work) => {
    items.set(fingerprint, starts[work]!);
    telling.set(tellingItems(fingerprint), starts[work]!);
  });
  const tables = partOffsets.map((offset) => buildTable(items, telling, offset));
  return {
    items,
    telling,
    starts,
    eachCandidate: (item, found) => {
      for (const { offset, first, places } of tables) {
        const key = (item >>> offset) & (partSize - 1);
        for (let at = first[key]!; at < first[key + 1]!; at++) found(places[at]!);
      }
    },
  };
}

/** Counting sort by key: the places of key `k` are `places[first[k] .. first[k + 1])`. */
function buildTable(items: Uint32Array, telling: Uint8Array, offset: number) {
  const first = new Uint32Array(partSize + 1);
  const keyAt = (place: number) => (items[place]! >>> offset) & (partSize - 1);
  for (let place = 0; place < items.length; place++) if (telling[place] === 1) first[keyAt(place) + 1]! += 1;
  for (let key = 0; key < partSize; key++) first[key + 1]! += first[key]!;
  const next = first.slice();
  const places = new Uint32Array(first[partSize]!);
  for (let place = 0; place < items.length; place++) {
    if (telling[place] === 1) {
      const key = keyAt(place);
      places[next[key]!] = place;
      next[key]! += 1;
    }
  }
  return { offset, first, places };
}
