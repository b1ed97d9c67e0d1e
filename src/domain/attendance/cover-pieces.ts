import type { Region } from '../decision.ts';
import { type Interval, without } from './interval.ts';

/** Somebody's tile, for as long as it stood at one place. Times are those of the recording. */
export interface ShownTile extends Interval {
  /** Shares of the upright picture. */
  readonly region: Region;
  /** The label as it was read. */
  readonly label: string;
}

/** A part of the time in which somebody's picture has to go; a person confirms each. */
export interface CoverPiece extends Interval {
  /** Null: no tile was found then, and a person has to look. */
  readonly tile: { readonly region: Region; readonly label: string } | null;
}

/** Outlines of whoever speaks lie around a tile. A share of the picture's sides. */
const rim = 0.004;
/** Tiles at one place this far apart in time are one: a label may be lost for a moment. Milliseconds. */
const sameForMs = 4_000;
/** Difference of edges within which two places are one, as a share of the picture's sides. */
const samePlace = 0.012;
/** A recording of an hour that changes its layout every ten seconds. More are no help to whoever has to confirm them. */
const mostPieces = 400;

/**
 * Parts a stretch in which somebody has to be covered by the places of their tile: a piece for each place, and pieces without
 * a tile for the rest, so that all of them together leave nothing of the stretch out. Pieces may overlap, as around a change
 * of the layout, whose moment is known to a second only. In order of time.
 */
export function coverPieces(range: Interval, tiles: readonly ShownTile[]): CoverPiece[] {
  const placed = joined(tiles).flatMap(({ region, label, ...times }): CoverPiece[] => {
    const startMs = Math.max(range.startMs, Math.floor(times.startMs));
    const endMs = Math.min(range.endMs, Math.ceil(times.endMs));
    return endMs > startMs ? [{ startMs, endMs, tile: { region: withRim(region), label } }] : [];
  });
  if (placed.length > mostPieces) return [{ ...range, tile: null }];
  const rest = without([range], placed).map((part) => ({ ...part, tile: null }));
  return [...placed, ...rest].toSorted((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
}

/** Tiles that stand at one place, with no more than a moment between. */
function joined(tiles: readonly ShownTile[]): ShownTile[] {
  const done: ShownTile[] = [];
  for (const tile of tiles.toSorted((a, b) => a.startMs - b.startMs)) {
    const at = done.findIndex(
      (other) => isSamePlace(other.region, tile.region) && tile.startMs - other.endMs <= sameForMs,
    );
    const before = done[at];
    if (before === undefined) done.push(tile);
    else
      done[at] = { ...before, endMs: Math.max(before.endMs, tile.endMs), region: around(before.region, tile.region) };
  }
  return done;
}

const edgesOf = ({ x, y, width, height }: Region) => [x, y, x + width, y + height] as const;

const isSamePlace = (a: Region, b: Region): boolean => {
  const [left, top, right, bottom] = edgesOf(a);
  const [left2, top2, right2, bottom2] = edgesOf(b);
  const apart = [left - left2, top - top2, right - right2, bottom - bottom2];
  return apart.every((difference) => Math.abs(difference) <= samePlace);
};

function around(a: Region, b: Region): Region {
  const [left, top, right, bottom] = edgesOf(a);
  const [left2, top2, right2, bottom2] = edgesOf(b);
  return between(Math.min(left, left2), Math.min(top, top2), Math.max(right, right2), Math.max(bottom, bottom2));
}

function withRim(region: Region): Region {
  const [left, top, right, bottom] = edgesOf(region);
  return between(Math.max(0, left - rim), Math.max(0, top - rim), Math.min(1, right + rim), Math.min(1, bottom + rim));
}

const between = (left: number, top: number, right: number, bottom: number): Region => ({
  x: left,
  y: top,
  width: right - left,
  height: bottom - top,
});
