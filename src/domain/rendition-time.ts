/** Seconds of the recording; `end` is the first moment after it. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Ranges that overlap or touch become one; in order of time. */
export function joinRanges(ranges: readonly Range[]): Range[] {
  const joined: { start: number; end: number }[] = [];
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else joined.push({ start, end });
  }
  return joined;
}

/**
 * The time in the rendition of a moment of the recording; a removed moment maps to the place of the cut. `removed` is in
 * order, without overlaps.
 */
export function movedTime({ removed }: { readonly removed: readonly Range[] }, seconds: number): number {
  return removed.reduce((moved, { start, end }) => moved - Math.max(0, Math.min(seconds, end) - start), seconds);
}
