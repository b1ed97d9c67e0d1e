import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  consistencyProof,
  emptyRoot,
  type Hash,
  inclusionProof,
  isConsistent,
  isIncluded,
  leafHash,
  nodeHash,
  type ReadHash,
  RightEdge,
  rootOf,
} from '../../../src/audit/merkle.ts';

interface Vectors {
  inclusion: {
    name: string;
    leafIdx: number;
    treeSize: number;
    root: string;
    leafHash: string;
    proof: string[] | null;
    wantErr: boolean;
  }[];
  consistency: {
    name: string;
    size1: number;
    size2: number;
    root1: string;
    root2: string;
    proof: string[] | null;
    wantErr: boolean;
  }[];
}
const vectors: Vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/vectors/merkle-rfc6962.json'), 'utf8'),
);
const octets = (text: string) => Buffer.from(text, 'base64');

/** Word for word what RFC 6962, 2.1 says, and slow. */
function mth(leaves: readonly Hash[]): Hash {
  if (leaves.length === 0) return emptyRoot;
  if (leaves.length === 1) return leaves[0]!;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeHash(mth(leaves.slice(0, k)), mth(leaves.slice(k)));
}
const leavesOf = (size: number) => Array.from({ length: size }, (_, index) => leafHash(`entry ${index}`));
const readerOf =
  (leaves: readonly Hash[]): ReadHash =>
  ({ height, index }) =>
    mth(leaves.slice(index * 2 ** height, (index + 1) * 2 ** height));

describe('published vectors (transparency-dev/merkle)', () => {
  test.each(vectors.inclusion)('inclusion $name', (vector) => {
    const claim = {
      index: vector.leafIdx,
      size: vector.treeSize,
      leaf: octets(vector.leafHash),
      root: octets(vector.root),
    };
    expect(isIncluded(claim, (vector.proof ?? []).map(octets))).toBe(!vector.wantErr);
  });
  test.each(vectors.consistency)('consistency $name', (vector) => {
    const claim = {
      oldSize: vector.size1,
      size: vector.size2,
      oldRoot: octets(vector.root1),
      root: octets(vector.root2),
    };
    // One vector has a root that is no hash; here that is refused before anything else is asked.
    const areHashes = [claim.oldRoot, claim.root].every((root) => root.length === 32);
    expect(isConsistent(claim, (vector.proof ?? []).map(octets))).toBe(!vector.wantErr && areHashes);
  });
  // The entries behind the vectors: the inputs of the Certificate Transparency reference implementation.
  const reference = [
    '',
    '00',
    '10',
    '2021',
    '3031',
    '40414243',
    '5051525354555657',
    '606162636465666768696a6b6c6d6e6f',
  ].map((hex) => leafHash(Buffer.from(hex, 'hex')));
  test('the root and the proofs of the eight reference leaves', () => {
    expect(emptyRoot.toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    const read = readerOf(reference);
    const inclusions = vectors.inclusion.filter(({ name, wantErr }) => /^\d/.test(name) && !wantErr);
    expect(inclusions.length).toBeGreaterThan(3);
    for (const { leafIdx, treeSize, root, proof } of inclusions) {
      expect(rootOf(treeSize, read).toString('base64')).toBe(root);
      expect(inclusionProof(leafIdx, treeSize, read).map((hash) => hash.toString('base64'))).toEqual(proof ?? []);
    }
    const consistencies = vectors.consistency.filter(({ name, wantErr }) => /^\d/.test(name) && !wantErr);
    expect(consistencies.length).toBeGreaterThan(3);
    for (const { size1, size2, root1, root2, proof } of consistencies) {
      expect(rootOf(size1, read).toString('base64')).toBe(root1);
      expect(rootOf(size2, read).toString('base64')).toBe(root2);
      expect(consistencyProof(size1, size2, read).map((hash) => hash.toString('base64'))).toEqual(proof ?? []);
    }
  });
});

test('root, right edge and every proof agree with the recursive definition, for every tree of up to 40 leaves', () => {
  const edge = new RightEdge();
  for (let size = 0; size <= 40; size++) {
    const leaves = leavesOf(size);
    const read = readerOf(leaves);
    const root = mth(leaves);
    expect(edge.size).toBe(size);
    expect(edge.root()).toEqual(root);
    expect(rootOf(size, read)).toEqual(root);
    for (let index = 0; index < size; index++)
      expect(isIncluded({ index, size, leaf: leaves[index]!, root }, inclusionProof(index, size, read))).toBe(true);
    for (let oldSize = 1; oldSize <= size; oldSize++) {
      const claim = { oldSize, size, oldRoot: mth(leaves.slice(0, oldSize)), root };
      expect(isConsistent(claim, consistencyProof(oldSize, size, read))).toBe(true);
    }
    edge.append(leafHash(`entry ${size}`));
  }
});

test('no proof survives a change of anything in it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 70 }),
      fc.nat(),
      fc.nat(),
      fc.nat(255 * 8),
      (size, indexSeed, placeSeed, bit) => {
        const leaves = leavesOf(size);
        const read = readerOf(leaves);
        const index = indexSeed % size;
        const claim = { index, size, leaf: leaves[index]!, root: mth(leaves) };
        const proof = inclusionProof(index, size, read);
        const flip = (hash: Buffer) => {
          const copy = Buffer.from(hash);
          copy[bit % 32]! ^= 1 << (bit % 8);
          return copy;
        };
        const place = placeSeed % proof.length;
        expect(
          isIncluded(
            claim,
            proof.map((hash, at) => (at === place ? flip(hash) : hash)),
          ),
        ).toBe(false);
        expect(isIncluded(claim, proof.toSpliced(place, 1))).toBe(false);
        expect(isIncluded(claim, proof.toSpliced(place, 0, proof[place]!))).toBe(false);
        expect(isIncluded({ ...claim, leaf: flip(claim.leaf) }, proof)).toBe(false);
        expect(isIncluded({ ...claim, root: flip(claim.root) }, proof)).toBe(false);
        expect(isIncluded({ ...claim, index: (index + 1) % size }, proof)).toBe(false);
      },
    ),
  );
});

test('a changed, removed, inserted or moved leaf before the older head breaks consistency', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 60 }), fc.nat(), fc.nat(), (oldSize, placeSeed, more) => {
      const leaves = leavesOf(oldSize + (more % 40));
      const oldRoot = mth(leaves.slice(0, oldSize));
      const place = placeSeed % oldSize;
      const other = leafHash('another');
      for (const forged of [
        leaves.with(place, other),
        [...leaves.toSpliced(place, 1), other],
        leaves.toSpliced(place, 0, other),
        leaves.with(place, leaves[(place + 1) % oldSize]!).with((place + 1) % oldSize, leaves[place]!),
      ]) {
        const read = readerOf(forged);
        const claim = { oldSize, size: forged.length, oldRoot, root: mth(forged) };
        expect(isConsistent(claim, consistencyProof(oldSize, forged.length, read))).toBe(false);
      }
    }),
  );
});

test.each([
  ['a leaf that is not there', () => inclusionProof(3, 3, readerOf(leavesOf(3)))],
  ['a negative leaf', () => inclusionProof(-1, 3, readerOf(leavesOf(3)))],
  ['an older tree without leaves', () => consistencyProof(0, 3, readerOf(leavesOf(3)))],
  ['an older tree that is larger', () => consistencyProof(4, 3, readerOf(leavesOf(3)))],
  ['a half leaf', () => inclusionProof(0.5, 3, readerOf(leavesOf(3)))],
])('there is no proof for %s', (_, make) => expect(make).toThrow(RangeError));
