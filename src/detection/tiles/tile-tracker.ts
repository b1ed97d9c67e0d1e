import { enlarged } from '../enlarge.ts';
import { areaOf, type Box, commonArea, cropped, type GreyPicture, sharedPart } from '../picture-hash.ts';
import type { ReadLine } from '../text/read-line.ts';
import { createTileFinder, isAlike } from './find-tiles.ts';
import { type LabelPrint, likenessOf, printOf } from './label-print.ts';

/** A tile of somebody who is looked for, for as long as it stood at one place. */
export interface TileStretch<Name> {
  readonly name: Name;
  /** The label as it was read. */
  readonly label: string;
  /** Pixels of the picture. */
  readonly box: Box;
  /** From the last picture without it. Milliseconds. */
  readonly startMs: number;
  /** To the first picture without it. */
  readonly endMs: number;
}

export interface TileTracker<Name> {
  /** Pictures in order of time. Waits for what has to be read. */
  push(picture: GreyPicture, atMs: number): Promise<void>;
  /** Tiles with a name in the last picture. */
  named(): readonly Box[];
  /** Called once, after the last picture. */
  end(endMs: number): TileStretch<Name>[];
}

/** The part of a tile's height in which tools write labels, and the least and the most of it in pixels. */
const labelShare = 0.3;
const [leastLabelHeight, mostLabelHeight] = [30, 72];
/** Letters of 16 pixels become as high as the reader likes them. */
const labelScale = 2.25;
/** Pixels that are read at once, a tenth of a second's work. */
const mostRead = 600_000;
/** A label is still there: another name at the same place has less in common, and so have the letters without their plate. */
const stillThere = 0.6;
const sameBox = 0.8;
/** Width divided by height of tiles, at least; a narrower box may be two, one above the other. */
const leastShape = 1.15;
/** Pictures of a tile that was not read yet are kept, at most this many. */
const mostMissed = 20;
/** A picture is read at most this often: labels take about a tenth of a second each. */
const [mostReads, readsPerSecond] = [40, 2];
/** After a tile that could not be read, in milliseconds; doubled each time. */
const [firstWaitMs, longestWaitMs] = [1_000, 16_000];

interface Track<Name> {
  readonly box: Box;
  startMs: number;
  /** What was there while nothing was read, in order of time. */
  missed: { readonly part: GreyPicture; readonly beforeMs: number }[];
  /** Null: nothing was read that is a name. */
  label: { readonly name: Name; readonly text: string; readonly print: LabelPrint } | null;
  waitMs: number;
  readAtMs: number;
  /** A box that was found in its place once, and the time of the picture before. */
  changed: { readonly box: Box; readonly beforeMs: number } | null;
}

/**
 * Follows the tiles of a videoconference and the names on them. A label is read when it is new, and recognised by its look
 * after that, so that a swap of two tiles of one size is seen. What cannot be read is tried again, later and later.
 * @param read reads a picture.
 * @param match tells whose name a line is, or null. Of everybody who may be seen, because a box with two names is none.
 */
export function createTileTracker<Name>(
  read: (picture: GreyPicture) => Promise<readonly ReadLine[]>,
  match: (line: string) => Name | null,
  isSameName: (a: Name, b: Name) => boolean,
): TileTracker<Name> {
  const opened = (box: Box, startMs: number, atMs: number): Track<Name> => ({
    ...{ box, startMs, missed: [], label: null, changed: null },
    ...{ waitMs: firstWaitMs, readAtMs: atMs },
  });
  const find = createTileFinder();
  let tracks: Track<Name>[] = [];
  const done: TileStretch<Name>[] = [];
  let lastMs: number | null = null;
  let allowed = mostReads;
  const close = (track: Track<Name>, endMs: number) => {
    if (track.label !== null)
      done.push({ name: track.label.name, label: track.label.text, box: track.box, startMs: track.startMs, endMs });
  };
  /** Names in a part of a picture, the surest first, each once. */
  const namesIn = async (picture: GreyPicture, part: Box) => {
    const scale = Math.min(labelScale, Math.sqrt(mostRead / areaOf(part)));
    const lines = await read(enlarged(picture, part, scale));
    const found: (NonNullable<Track<Name>['label']> & { readonly isInPlace: boolean })[] = [];
    for (const { text, box } of lines.toSorted((a, b) => b.confidence - a.confidence)) {
      const name = match(text);
      const place = inPicture(box, part, scale);
      const isInPlace = isLabelPlace(place, part);
      if (name === null || found.some((one) => isSameName(one.name, name) && one.isInPlace >= isInPlace)) continue;
      found.push({ name, text, print: printOf(picture, place), isInPlace });
    }
    return found;
  };
  /** A box with two names is two tiles whose gap was not seen, and nobody's. */
  const readLabel = async (picture: GreyPicture, track: Track<Name>, isOdd: boolean) => {
    const part = labelPart(track.box);
    const below = await namesIn(picture, part);
    const isFirst = track.waitMs === firstWaitMs;
    // With the camera off, some write the name in the middle; and a box of its own size may be two tiles.
    const isWholeRead = isFirst && (below.length === 0 || isOdd);
    const all = isWholeRead ? [...below, ...(await namesIn(picture, track.box))] : below;
    const [first] = all;
    if (first === undefined) return;
    if (!all.every(({ name }) => isSameName(name, first.name))) {
      track.readAtMs = Number.POSITIVE_INFINITY;
      return;
    }
    const only = all.find(({ isInPlace }) => isInPlace);
    if (only === undefined) return;
    track.startMs = sinceWhen(track, only.print);
    track.label = only;
    track.missed = [];
  };
  return {
    async push(picture, atMs) {
      const before = lastMs ?? atMs;
      if (lastMs !== null) allowed = Math.min(mostReads, allowed + ((atMs - lastMs) / 1_000) * readsPerSecond);
      lastMs = atMs;
      const tiles = find(picture);
      const kept: Track<Name>[] = [];
      for (const track of tracks) {
        const same = tiles.find((tile) => sharedPart(tile, track.box) >= sameBox);
        const isLabelled = track.label !== null && likenessOf(track.label.print, picture) >= stillThere;
        const other = isLabelled && same === undefined ? holderOf(tiles, track) : undefined;
        if (track.label === null ? same === undefined : !isLabelled) {
          close(track, atMs);
          continue;
        }
        // One look may be wrong: the box has to be there twice.
        if (other !== undefined && track.changed !== null && sharedPart(other, track.changed.box) >= 0.9) {
          close(track, atMs);
          kept.push(opened(other, track.changed.beforeMs, atMs));
          continue;
        }
        track.changed = other === undefined ? null : { box: other, beforeMs: before };
        kept.push(track);
      }
      for (const tile of tiles) {
        const isKnown = kept.some(
          ({ box, label, changed }) =>
            sharedPart(tile, box) >= sameBox ||
            (label !== null &&
              commonArea(tile, box) > 0.3 * Math.min(areaOf(tile), areaOf(box)) &&
              tile !== changed?.box),
        );
        if (!isKnown) kept.push(opened(tile, before, atMs));
      }
      tracks = kept;
      for (const track of tracks) {
        if (track.label === null)
          track.missed = [...track.missed, { part: cropped(picture, track.box), beforeMs: before }].slice(-mostMissed);
        if (track.label !== null || track.readAtMs > atMs || allowed < 1) continue;
        allowed -= 1;
        const { box } = track;
        const isOdd = box.width < leastShape * box.height || !tiles.some((tile) => tile !== box && isAlike(tile, box));
        await readLabel(picture, track, isOdd);
        if (track.readAtMs <= atMs) track.readAtMs = atMs + track.waitMs;
        track.waitMs = Math.min(longestWaitMs, 2 * track.waitMs);
      }
    },
    named: () => tracks.filter(({ label }) => label !== null).map(({ box }) => box),
    end(endMs) {
      for (const track of tracks) close(track, endMs);
      tracks = [];
      return done.toSorted((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
    },
  };
}

/**
 * Whether tools write a label there: from the left, or in the middle. Of two tiles whose gap was not seen, the label of the
 * right one begins at the middle.
 */
function isLabelPlace(label: Box, part: Box): boolean {
  const from = (label.x - part.x) / part.width;
  const middle = from + label.width / part.width / 2;
  return from < 0.4 || Math.abs(middle - 0.5) < 0.1;
}

/**
 * Since when a label that was read at last has been there: somebody else may have been in the same box, as long as nothing
 * could be read. Milliseconds.
 */
function sinceWhen<Name>({ box, missed, startMs }: Track<Name>, print: LabelPrint): number {
  const inBox = { ...print, box: { ...print.box, x: print.box.x - box.x, y: print.box.y - box.y } };
  let sinceMs = startMs;
  for (const { part, beforeMs } of missed.toReversed()) {
    if (likenessOf(inBox, part) < stillThere) return sinceMs;
    sinceMs = beforeMs;
  }
  return missed.length < mostMissed ? startMs : sinceMs;
}

function labelPart({ x, y, width, height }: Box): Box {
  const high = Math.min(height, Math.max(leastLabelHeight, Math.min(mostLabelHeight, Math.round(labelShare * height))));
  return { x, y: y + height - high, width, height: high };
}

/** A found box that holds the label of a track whose own box was not found. */
function holderOf<Name>(tiles: readonly Box[], { label, box }: Track<Name>): Box | undefined {
  if (label === null) return undefined;
  const { print } = label;
  return tiles.find(
    (tile) =>
      commonArea(tile, print.box) >= 0.95 * areaOf(print.box) &&
      commonArea(tile, box) > 0 &&
      tile.height > 2 * print.box.height,
  );
}

function inPicture({ x, y, width, height }: Box, part: Box, scale: number): Box {
  const [left, top] = [Math.floor(x / scale), Math.floor(y / scale)];
  return {
    x: part.x + left,
    y: part.y + top,
    width: Math.max(1, Math.min(part.width - left, Math.ceil(width / scale))),
    height: Math.max(1, Math.min(part.height - top, Math.ceil(height / scale))),
  };
}
