import { type Place, placeOf } from './parts-seen.ts';
import { type Box, type GreyPicture, sharedPart } from './picture-hash.ts';

/** A part of the picture that moves and changes from shot to shot, as films and television do. */
export interface FilmStretch {
  readonly startMs: number;
  readonly endMs: number;
  readonly cuts: number;
  readonly place: Place;
  readonly confidence: number;
}

export interface FilmFinder {
  /** Pictures in order of time, each with the boxes that may hold a film: the whole, and the moving parts. */
  push(picture: GreyPicture, boxes: readonly Box[], atMs: number): void;
  end(): FilmStretch[];
}

/** Side of the blocks whose means stand for a picture, in pixels. */
const block = 8;
/** Two boxes are the same part of the screen if their common area is this share of their joint area. */
const alike = 0.5;
/** Change of a block that counts as motion, in levels of grey. */
const movedLevels = 1.5;
/**
 * A cut changes at least this share of a box, and leaves at most this much of its pattern (Pearson's correlation of the
 * blocks).
 */
const cutShare = 0.6;
const cutCorrelation = 0.55;
/** Between cuts, at least this share of the box moves, in at least this share of the pictures. */
const movingShare = 0.2;
const movingPictures = 0.5;
/** Levels of grey (standard deviation) below which a picture is of one colour. */
const leastContrast = 5;
/**
 * A dissolve or a fade is looked for over so many pictures: the one in the middle is a mixture of its ends (its pattern,
 * Pearson's correlation), or of one grey.
 */
const dissolve = 4;
const mixtureCorrelation = 0.95;
/** A picture that was moved upwards or downwards, as a scrolled page, by at most so many rows: so much of
 * it is still in sight, and its pattern is left. */
const mostScrolled = 100;
const leastScrolled = 0.4;
/** A page that is scrolled fast is not always known as one: so many times as often as not. */
const scrollsPerCut = 3;
const scrolledCorrelation = 0.6;
/** Pictures before a box was proposed in which a film may have begun in it: three seconds. */
const lookBack = 12;
const longestShotMs = 12_000;
const shortestShotMs = 700;
const leastCuts = 2;
/** Windows that open and close within a shorter time look like a film. */
const leastMs = 4_000;
/** Smaller parts of the screen are ignored: a hand in front of a camera would be a film. */
const leastArea = 0.08;
/** A picture that comes back within so many pictures only flickered. */
const flicker = 10;
const sameCorrelation = 0.93;

interface Cut {
  readonly at: number;
  /** Pictures on either side of a dissolve; a cut has none. */
  readonly half?: number;
  readonly box: Box;
}

type Film = Omit<FilmStretch, 'place'> & { readonly box: Box };

/**
 * Finds films that are not registered: two cuts or more in one place, each within twelve seconds of the one before,
 * with motion between them. Slides that are turned do not move between; a camera moves and has no cuts.
 */
export function createFilmFinder(): FilmFinder {
  const times: number[] = [];
  const grids: Uint8Array[] = [];
  const cuts: Cut[] = [];
  /** Changes that looked like cuts, of pages that were scrolled. */
  const scrolls: Cut[] = [];
  let [width, height] = [0, 0];
  /** The last pictures, and the boxes of the one before: a film's box becomes known after its first picture. */
  let pictures: GreyPicture[] = [];
  let known = new Set<string>();
  return {
    push(picture, boxes, atMs) {
      if (picture.width !== width || picture.height !== height) [width, height] = [picture.width, picture.height];
      pictures = [...pictures, picture].slice(-1 - lookBack);
      const grid = blockMeans(picture);
      const before = grids.at(-1);
      times.push(atMs);
      grids.push(grid);
      if (before === undefined || before.length !== grid.length) return;
      const columns = Math.floor(width / block);
      const large = boxes.filter((box) => box.width * box.height >= leastArea * width * height);
      const cutAgo = (box: Box, ago: number): boolean => {
        const [a, b] = [grids.at(-2 - ago), grids.at(-1 - ago)];
        const [shownA, shownB] = [pictures.at(-2 - ago), pictures.at(-1 - ago)];
        if (a === undefined || b === undefined || shownA === undefined || shownB === undefined) return false;
        if (a.length !== grid.length || b.length !== grid.length) return false;
        return isCut(a, b, inBlocks(box, columns)) && !isScrolled(shownA, shownB, box);
      };
      const fresh = large.filter((box) => !known.has(nameOf(box)));
      known = new Set(large.map(nameOf));
      for (let ago = pictures.length - 2; ago > 0; ago--) {
        const at = grids.length - 1 - ago;
        const box = fresh.find(
          (each) => !cuts.some((cut) => cut.at === at && isAlike(cut.box, each)) && cutAgo(each, ago),
        );
        if (box !== undefined) cuts.push({ at, box });
      }
      const cut = large.find((box) => isCut(before, grid, inBlocks(box, columns)));
      if (cut !== undefined) {
        (cutAgo(cut, 0) ? cuts : scrolls).push({ at: grids.length - 1, box: cut });
        return;
      }
      const span = grids.slice(-1 - dissolve);
      const isSteady = span.length > dissolve && span.every(({ length }) => length === grid.length);
      if (!isSteady || cuts.some(({ at }) => grids.length - 1 - at <= dissolve)) return;
      const dissolved = large.find((box) => isDissolve(span, inBlocks(box, columns)));
      if (dissolved !== undefined)
        cuts.push({ at: grids.length - 1 - dissolve / 2, half: dissolve / 2, box: dissolved });
    },
    end() {
      const columns = Math.floor(width / block);
      const places = (box: Box) => inBlocks(box, columns);
      const fits = (at: number) => grids[at] !== undefined && grids[at - 1]?.length === grids[at]!.length;
      const moves = (at: number, box: Box) =>
        fits(at) && movedPart(grids[at - 1]!, grids[at]!, places(box)) >= movingShare;
      const isLike = (a: number, b: number, box: Box) =>
        correlation(grids[a]!, grids[b]!, places(box)) > sameCorrelation;
      const comesBack = ({ at, half, box }: Cut) => {
        const [before, after] = half === undefined ? [at - 1, at] : [at - half, at + half];
        for (let by = 1; by <= flicker; by++) {
          if (after + by < grids.length && isLike(before, after + by, box)) return true;
          if (before - by >= 0 && isLike(after, before - by, box)) return true;
        }
        return false;
      };
      const films = joinCuts(
        cuts.filter((cut) => !comesBack(cut)).toSorted((a, b) => a.at - b.at),
        times,
        moves,
      );
      const scrolledIn = ({ startMs, endMs }: Film) =>
        scrolls.filter(({ at }) => times[at]! >= startMs && times[at]! <= endMs).length;
      const shown = films.filter(
        (film) => film.endMs - film.startMs >= leastMs && scrolledIn(film) < scrollsPerCut * film.cuts,
      );
      return largest(shown).map(({ box, ...film }) => ({
        ...film,
        place: placeOf(box, { width, height }),
      }));
    },
  };
}

function blockMeans({ width, height, pixels }: GreyPicture): Uint8Array {
  const [columns, rows] = [Math.floor(width / block), Math.floor(height / block)];
  const sums = new Uint16Array(columns * rows);
  for (let y = 0; y < rows * block; y++) {
    const row = Math.floor(y / block) * columns;
    for (let x = 0; x < columns * block; x++) sums[row + (x >> 3)]! += pixels[y * width + x]!;
  }
  return Uint8Array.from(sums, (sum) => sum / block ** 2);
}

function inBlocks({ x, y, width, height }: Box, columns: number): number[] {
  const places: number[] = [];
  for (let row = Math.ceil(y / block); (row + 1) * block <= y + height; row++)
    for (let column = Math.ceil(x / block); (column + 1) * block <= x + width; column++)
      places.push(row * columns + column);
  return places;
}

function movedPart(a: Uint8Array, b: Uint8Array, places: readonly number[]): number {
  let moved = 0;
  for (const at of places) if (Math.abs(a[at]! - b[at]!) > movedLevels) moved += 1;
  return moved / Math.max(1, places.length);
}

function isCut(a: Uint8Array, b: Uint8Array, places: readonly number[]): boolean {
  return movedPart(a, b, places) >= cutShare && correlation(a, b, places) < cutCorrelation;
}

/** One shot turned into another little by little, or over a picture of one grey. */
function isDissolve(grids: readonly Uint8Array[], places: readonly number[]): boolean {
  const [a, b] = [grids[0]!, grids[grids.length - 1]!];
  if (!isCut(a, b, places)) return false;
  const middle = grids[grids.length >> 1]!;
  if (isOneGrey(middle, places)) return true;
  const half = grids.length >> 2;
  // Each picture on the way is a mixture of the ends; a camera that turns shows others.
  return [half, 2 * half, 3 * half].every((at) => mixed(a, grids[at]!, b, places) >= mixtureCorrelation);
}

function isOneGrey(grid: Uint8Array, places: readonly number[]): boolean {
  const mean = places.reduce((sum, at) => sum + grid[at]!, 0) / Math.max(1, places.length);
  return places.reduce((sum, at) => sum + (grid[at]! - mean) ** 2, 0) <= leastContrast ** 2 * places.length;
}

/** How well the best mixture of two pictures makes a third (multiple correlation). */
function mixed(a: Uint8Array, of: Uint8Array, b: Uint8Array, places: readonly number[]): number {
  const [ra, rb, rab] = [correlation(a, of, places), correlation(b, of, places), correlation(a, b, places)];
  const square = (ra ** 2 + rb ** 2 - 2 * ra * rb * rab) / Math.max(0.01, 1 - rab ** 2);
  // One that is like one end alone lies on no way between them.
  return Math.sqrt(Math.max(0, square));
}

/** Whether a box shows what it showed before, further up or down. */
function isScrolled(before: GreyPicture, after: GreyPicture, { x, y, width, height }: Box): boolean {
  const rowLength = after.width;
  const at = (picture: GreyPicture, row: number, column: number) => picture.pixels[row * rowLength + column]!;
  // Differences of neighbouring rows: lines of writing stand out, planes do not.
  const alike = (shift: number) => {
    let [ab, aa, bb] = [0, 0, 0];
    // What is in the box now may have come from outside of it.
    const [from, until] = [Math.max(y + 1, 1 + shift), Math.min(y + height, after.height + shift)];
    if (until - from < leastScrolled * height) return 0;
    for (let row = from; row < until; row += 2) {
      for (let column = x; column < x + width; column += 3) {
        const a = at(before, row - shift, column) - at(before, row - shift - 1, column);
        const b = at(after, row, column) - at(after, row - 1, column);
        ab += a * b;
        aa += a * a;
        bb += b * b;
      }
    }
    return ab / Math.sqrt(Math.max(1, aa * bb));
  };
  for (let shift = -mostScrolled; shift <= mostScrolled; shift++)
    if (shift !== 0 && alike(shift) >= scrolledCorrelation) return true;
  return false;
}

/** Pearson's correlation; 1 if either is of one colour, as in a fade, because then it cannot be computed. */
function correlation(a: Uint8Array, b: Uint8Array, places: readonly number[]): number {
  let [meanA, meanB] = [0, 0];
  for (const at of places) {
    meanA += a[at]! / places.length;
    meanB += b[at]! / places.length;
  }
  let [ab, aa, bb] = [0, 0, 0];
  for (const at of places) {
    const [da, db] = [a[at]! - meanA, b[at]! - meanB];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  const contrast = leastContrast ** 2 * places.length;
  return aa > contrast && bb > contrast ? ab / Math.sqrt(aa * bb) : 1;
}

function joinCuts(cuts: readonly Cut[], times: readonly number[], moves: (at: number, box: Box) => boolean): Film[] {
  const films: Film[] = [];
  let left = [...cuts];
  while (left.length > 0) {
    const [first, ...others] = left as [Cut, ...Cut[]];
    let last = first;
    let count = 1;
    left = [];
    for (const cut of others) {
      const sinceMs = times[cut.at]! - times[last.at]!;
      if (sinceMs > longestShotMs || !isAlike(cut.box, first.box)) left.push(cut);
      else if (sinceMs >= shortestShotMs) {
        last = cut;
        count += 1;
      }
    }
    let moving = 0;
    for (let at = first.at; at <= last.at; at++) if (moves(at, first.box)) moving += 1;
    if (count < leastCuts || moving / (last.at - first.at + 1) < movingPictures) continue;
    films.push({
      box: first.box,
      startMs: times[reach(times, first.at, -1, (at) => moves(at, first.box))]!,
      endMs: times[reach(times, last.at, 1, (at) => moves(at, first.box))]!,
      cuts: count,
      confidence: Math.min(0.9, Math.round(10 * (0.3 + 0.1 * count)) / 10),
    });
  }
  return films;
}

/** Of films at the same time, the largest: parts of a film have cuts at the same times. */
function largest(films: readonly Film[]): Film[] {
  const area = ({ box }: Film) => box.width * box.height;
  const kept: Film[] = [];
  for (const film of films.toSorted((a, b) => area(b) - area(a)))
    if (!kept.some(({ startMs, endMs }) => film.startMs < endMs && film.endMs > startMs)) kept.push(film);
  return kept.toSorted((a, b) => a.startMs - b.startMs);
}

/** How far the motion extends before the first cut or after the last; it may pause for a second. */
function reach(times: readonly number[], from: number, step: 1 | -1, moves: (at: number) => boolean): number {
  let last = from;
  for (let at = from + step; at > 0 && at < times.length; at += step) {
    if (Math.abs(times[at]! - times[last]!) > 1_000 || Math.abs(times[at]! - times[from]!) > longestShotMs) break;
    if (moves(at)) last = at;
  }
  return last;
}

const nameOf = ({ x, y, width, height }: Box): string => `${x} ${y} ${width} ${height}`;
const isAlike = (a: Box, b: Box): boolean => sharedPart(a, b) >= alike;
