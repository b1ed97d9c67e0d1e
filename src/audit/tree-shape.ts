/**
 * The shape of the Merkle tree of RFC 6962, section 2.1: which subtrees a root or a proof is made of. Arithmetic on
 * numbers of leaves alone, without a hash, so that whoever hashes in another way (a browser) shares it.
 */

/** A perfect subtree: the 2^`height` leaves from `index` · 2^`height`. Height 0 is a leaf. */
export interface Subtree {
  readonly height: number;
  readonly index: number;
}

/** The leaves `[start, end)`, a node of the tree as RFC 6962 cuts it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The largest power of two that is smaller than `size`. */
export function split(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

export const isPowerOfTwo = (number: number): boolean => number > 0 && split(number * 2) === number;

/** The perfect subtrees of which a node is made, from left to right; its hash folds theirs from the right. */
export function subtreesOf({ start, end }: Span): Subtree[] {
  const found: Subtree[] = [];
  for (let from = start; from < end; ) {
    const size = end - from;
    const wide = isPowerOfTwo(size) ? size : split(size);
    found.push({ height: Math.log2(wide), index: from / wide });
    from += wide;
  }
  return found;
}

/**
 * The nodes beside the way from leaf `index` to the root of a tree of `size` leaves, bottom first. RFC 6962, 2.1.1.
 * @throws RangeError if there is no such leaf.
 */
export function inclusionSpans(index: number, size: number): Span[] {
  if (!isNumber(index) || !isNumber(size) || index >= size)
    throw new RangeError(`no leaf ${index} in a tree of ${size}`);
  const spans: Span[] = [];
  for (let [start, end] = [0, size]; end - start > 1; ) {
    const middle = start + split(end - start);
    if (index < middle) {
      spans.unshift({ start: middle, end });
      end = middle;
    } else {
      spans.unshift({ start, end: middle });
      start = middle;
    }
  }
  return spans;
}

/**
 * The nodes that show that the tree of `size` leaves begins with the `oldSize` leaves of the older one. RFC 6962,
 * 2.1.2. Empty if the sizes are the same.
 * @throws RangeError unless 0 < oldSize ≤ size.
 */
export function consistencySpans(oldSize: number, size: number): Span[] {
  if (!isNumber(oldSize) || !isNumber(size) || oldSize < 1 || oldSize > size)
    throw new RangeError(`no proof from ${oldSize} to ${size} leaves`);
  const spans: Span[] = [];
  let isOldRoot = true;
  let [start, end] = [0, size];
  while (oldSize !== end) {
    const middle = start + split(end - start);
    if (oldSize <= middle) {
      spans.unshift({ start: middle, end });
      end = middle;
    } else {
      spans.unshift({ start, end: middle });
      isOldRoot = false;
      start = middle;
    }
  }
  return isOldRoot ? spans : [{ start, end }, ...spans];
}

export const isNumber = (number: number): boolean => Number.isSafeInteger(number) && number >= 0;
