import type { GreyPicture } from './picture-hash.ts';

/** Pages are compared in tiles of this many pixels a side: about one letter of a notice that can be read. */
const tile = 16;
/** Levels of grey by which a tile differs on average when something else is written in it; noise of cameras stays below. */
const tileLevels = 6;
/** A pointer that moved changes four tiles where it was and four where it is, at most. */
const leastTiles = 9;
/** Reading a page takes about a second. So many are read at once, and one in so many seconds after that. */
const mostAtOnce = 6;
const secondsPerPage = 30;
/** What is still changing, as a film or a text that is scrolled does, leaves so many for what stands. */
const keptForStanding = 3;

/**
 * Chooses the pages of one video stream that are worth reading: those that differ from the last one that was read, rather
 * when they stand than while they change. What stands for half a minute is always chosen. Pages come in order of time.
 */
export function createPageChooser(): (page: GreyPicture, atMs: number) => boolean {
  let read: GreyPicture | null = null;
  let last: { page: GreyPicture; atMs: number } | null = null;
  let allowed = mostAtOnce;
  return (page, atMs) => {
    const before = last;
    last = { page, atMs };
    if (before !== null) allowed = Math.min(mostAtOnce, allowed + (atMs - before.atMs) / 1_000 / secondsPerPage);
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
