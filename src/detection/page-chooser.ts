import type { GreyPicture } from './picture-hash.ts';

/** Pages are compared in tiles of this many pixels a side: about one letter of a legible notice. */
const tile = 16;
/** Mean difference of a tile when its writing changes, in levels of grey; noise of cameras stays below. */
const tileLevels = 6;
/** A pointer that moved changes at most four tiles at its old place and four at its new one. */
const leastTiles = 9;
/** Share of the hourly number of pages that may be read at once. */
const atOnce = 1 / 20;

/**
 * Chooses the pages of one video stream that are worth reading: those that differ from the last one that was read. It
 * prefers standing pages to changing ones, as in a film or a scrolled text. Reading a page takes about a second, so at
 * most `pagesPerHour` are read. With 120 of them, a page that stands for half a minute is always read. Pages come in
 * order of time.
 */
export function createPageChooser(pagesPerHour: number): (page: GreyPicture, atMs: number) => boolean {
  const most = Math.max(1, pagesPerHour * atOnce);
  const keptForStanding = Math.floor(most / 2);
  let read: GreyPicture | null = null;
  let last: { page: GreyPicture; atMs: number } | null = null;
  let allowed = most;
  return (page, atMs) => {
    const before = last;
    last = { page, atMs };
    if (before !== null) allowed = Math.min(most, allowed + ((atMs - before.atMs) * pagesPerHour) / 3_600_000);
    if (allowed < 1 || (read !== null && isAlike(read, page))) return false;
    const stands = before === null || isAlike(before.page, page);
    if (!stands && allowed < 1 + keptForStanding) return false;
    allowed -= 1;
    read = page;
    return true;
  };
}

function isAlike(a: GreyPicture, b: GreyPicture): boolean {
  if (a.width !== b.width || a.height !== b.height) return false;
  const { width, height } = a;
  let differing = 0;
  for (let top = 0; top < height; top += tile) {
    for (let left = 0; left < width; left += tile) {
      const [bottom, right] = [Math.min(height, top + tile), Math.min(width, left + tile)];
      let sum = 0;
      for (let y = top; y < bottom; y++)
        for (let at = y * width + left; at < y * width + right; at++) sum += Math.abs(a.pixels[at]! - b.pixels[at]!);
      if (sum <= tileLevels * (bottom - top) * (right - left)) continue;
      differing += 1;
      if (differing >= leastTiles) return false;
    }
  }
  return true;
}
