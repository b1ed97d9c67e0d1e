import { createHash, hash } from 'node:crypto';
import {
  consistencySpans,
  inclusionSpans,
  isNumber,
  isPowerOfTwo,
  type Span,
  type Subtree,
  subtreesOf,
} from './tree-shape.ts';

/**
 * The Merkle tree of RFC 6962, section 2.1 (the same in RFC 9162), over SHA-256: pure arithmetic on hashes of 32
 * octets. Leaves are numbered from 0. Sizes and numbers are safe integers.
 */
export type Hash = Buffer;

export const hashBytes = 32;
/** Root of the tree without leaves. */
export const emptyRoot: Hash = createHash('sha256').digest();

/** SHA-256(0x00 ‖ entry); a text is hashed as UTF-8. */
export function leafHash(entry: string | Uint8Array): Hash {
  if (typeof entry === 'string') return hash('sha256', `\0${entry}`, 'buffer');
  return createHash('sha256').update(Buffer.of(0)).update(entry).digest();
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Hash, right: Hash): Hash {
  const octets = Buffer.allocUnsafe(1 + 2 * hashBytes);
  octets[0] = 1;
  octets.set(left, 1);
  octets.set(right, 1 + hashBytes);
  return hash('sha256', octets, 'buffer');
}

/** The root of a perfect subtree that is whole in the tree at hand. */
export type ReadHash = (subtree: Subtree) => Hash;

/** Root of a tree of `size` leaves. RFC 6962, 2.1. */
export function rootOf(size: number, read: ReadHash): Hash {
  return size === 0 ? emptyRoot : hashOf({ start: 0, end: size }, read);
}

/**
 * The hashes that lead from leaf `index` to the root of a tree of `size` leaves, bottom first. RFC 6962, 2.1.1.
 * @throws RangeError if there is no such leaf.
 */
export function inclusionProof(index: number, size: number, read: ReadHash): Hash[] {
  return inclusionSpans(index, size).map((span) => hashOf(span, read));
}

/**
 * The hashes that show that the tree of `size` leaves begins with the `oldSize` leaves of the older one. RFC 6962,
 * 2.1.2. Empty if the sizes are the same.
 * @throws RangeError unless 0 < oldSize ≤ size.
 */
export function consistencyProof(oldSize: number, size: number, read: ReadHash): Hash[] {
  return consistencySpans(oldSize, size).map((span) => hashOf(span, read));
}

/**
 * Whether `leaf` is leaf `index` of the tree of `size` leaves with this root. Everything is attacker-controlled. RFC
 * 9162, 2.1.3.2.
 */
export function isIncluded(
  claim: { index: number; size: number; leaf: Uint8Array; root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  const { index, size, leaf, root } = claim;
  if (!isNumber(index) || !isNumber(size) || index >= size || !areHashes([leaf, root, ...proof])) return false;
  let computed: Hash = Buffer.from(leaf);
  const rest = [...proof];
  let node = index;
  let last = size - 1;
  for (; last > 0; node = half(node), last = half(last)) {
    if (node % 2 === 0 && node === last) continue; // a lone node moves up unchanged
    const sibling = rest.shift();
    if (sibling === undefined) return false;
    computed = node % 2 === 1 ? nodeHash(sibling as Hash, computed) : nodeHash(computed, sibling as Hash);
  }
  return rest.length === 0 && computed.equals(root);
}

/**
 * Whether the newer tree begins with every leaf of the older one. Everything is attacker-controlled. An older tree
 * without leaves proves nothing and is refused. RFC 9162, 2.1.4.2.
 */
export function isConsistent(
  claim: { oldSize: number; size: number; oldRoot: Uint8Array; root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  const { oldSize, size, oldRoot, root } = claim;
  if (!isNumber(oldSize) || !isNumber(size) || oldSize < 1 || oldSize > size) return false;
  if (!areHashes([oldRoot, root, ...proof])) return false;
  if (oldSize === size) return proof.length === 0 && Buffer.from(oldRoot).equals(root);
  // A perfect older tree is a node of the newer one and stands first in the path without being sent.
  const path = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : [...proof];
  let node = oldSize - 1;
  let last = size - 1;
  for (; node % 2 === 1; node = half(node), last = half(last));
  const first = path.shift();
  if (first === undefined) return false;
  let older: Hash = Buffer.from(first);
  let newer: Hash = older;
  for (const sibling of path as Hash[]) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      older = nodeHash(sibling, older);
      newer = nodeHash(sibling, newer);
      for (; node % 2 === 0 && node !== 0; node = half(node), last = half(last));
    } else newer = nodeHash(newer, sibling);
    node = half(node);
    last = half(last);
  }
  return last === 0 && older.equals(oldRoot) && newer.equals(root);
}

/** The right edge of a growing tree: the data needed to add leaves and to compute the root, at most 53 hashes. */
export class RightEdge {
  /** Roots of the perfect subtrees that make up the tree, the largest first, with their heights. */
  readonly #roots: { readonly height: number; readonly hash: Hash }[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  append(leaf: Hash): void {
    let height = 0;
    let top = leaf;
    for (let before = this.#roots.at(-1); before?.height === height; before = this.#roots.at(-1)) {
      this.#roots.pop();
      top = nodeHash(before.hash, top);
      height += 1;
    }
    this.#roots.push({ height, hash: top });
    this.#size += 1;
  }

  root(): Hash {
    if (this.#roots.length === 0) return emptyRoot;
    return foldRight(this.#roots.map(({ hash }) => hash));
  }
}

function hashOf(span: Span, read: ReadHash): Hash {
  return foldRight(subtreesOf(span).map(read));
}

/** The hash over perfect subtrees that stand beside each other, the largest first; there is at least one. */
const foldRight = (hashes: readonly Hash[]) => hashes.reduceRight((right, left) => nodeHash(left, right));

const half = (number: number) => Math.floor(number / 2);
const areHashes = (all: readonly Uint8Array[]) => all.every((one) => one.length === hashBytes);
