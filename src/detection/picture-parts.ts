import { createMotionTracker, type MovingRegion } from './motion-regions.ts';
import { type Box, type GreyPicture, type PictureSums, sumUp, withoutMargins } from './picture-hash.ts';
import { stillRegions } from './still-regions.ts';

/** A part of one picture that may hold another's picture. */
export interface Part {
  /** Which picture, counted from 0. */
  readonly picture: number;
  readonly sums: PictureSums;
  readonly box: Box;
}

export interface PartFinder {
  /**
   * Takes pictures in order of time. Gives parts of this picture, and parts of earlier ones that have become likely
   * now.
   */
  push(picture: GreyPicture): { readonly parts: Part[]; readonly moving: readonly MovingRegion[] };
}

/** For how many pictures a box is remembered, and searched for in earlier ones: eight seconds at four a second. */
const memory = 32;
/** Boxes tried in each picture, beside the whole. */
const boxesTried = 8;
/** A box around a sudden change counts as often as one around motion over so many pictures. */
const suddenTimes = 12;

/**
 * Finds parts to compare with known pictures: the whole without its margins, boxes on a ground of one colour, and boxes
 * around motion. A border that stands still is proposed again and again, a wrong one changes; so the boxes proposed
 * most often win.
 */
export function createPartFinder(): PartFinder {
  const tracker = createMotionTracker();
  let count = 0;
  let recent: { picture: number; sums: PictureSums; proposed: readonly Proposed[] }[] = [];
  let tried = new Set<string>();
  return {
    push(picture) {
      const sums = sumUp(picture);
      const moving = tracker.push(picture);
      const last = recent.at(-1)?.sums;
      if (last !== undefined && (last.width !== sums.width || last.height !== sums.height))
        [recent, tried] = [[], new Set()];
      recent = [...recent, { picture: count, sums, proposed: counted(moving) }].slice(-memory);
      const now = mostProposed(recent.flatMap(({ proposed }) => proposed));
      // A photograph may have margins of its own, without which it is registered.
      const onGround = stillRegions(picture).flatMap((box) => [box, withoutMargins(picture, box)]);
      const still = onGround.reduce(addBox, [withoutMargins(picture)]);
      const parts: Part[] = still.map((box) => ({ picture: count, sums, box }));
      for (const box of now) {
        // A box that is tried for the first time is searched for in the earlier pictures as well.
        const pictures = tried.has(nameOf(box)) ? recent.slice(-1) : recent;
        parts.push(...pictures.map((each) => ({ picture: each.picture, sums: each.sums, box })));
      }
      tried = new Set(now.map(nameOf));
      count += 1;
      return { parts, moving };
    },
  };
}

const addBox = (boxes: readonly Box[], box: Box): readonly Box[] =>
  boxes.some((other) => nameOf(other) === nameOf(box)) ? boxes : [...boxes, box];

const nameOf = ({ x, y, width, height }: Box): string => `${x} ${y} ${width} ${height}`;

interface Proposed {
  readonly name: string;
  readonly box: Box;
  readonly times: number;
}

const counted = (regions: readonly MovingRegion[]): Proposed[] =>
  joined(
    regions.flatMap(({ boxes, isSudden }) =>
      boxes.map((box) => ({ name: nameOf(box), box, times: isSudden ? suddenTimes : 1 })),
    ),
  );

/** Every box once, with all of its times. */
function joined(proposed: readonly Proposed[]): Proposed[] {
  const counts = new Map<string, { name: string; box: Box; times: number }>();
  for (const { name, box, times } of proposed) {
    const found = counts.get(name);
    if (found === undefined) counts.set(name, { name, box, times });
    else found.times += times;
  }
  return [...counts.values()];
}

function mostProposed(proposed: readonly Proposed[]): Box[] {
  return joined(proposed)
    .sort((a, b) => b.times - a.times || b.box.width * b.box.height - a.box.width * a.box.height)
    .slice(0, boxesTried)
    .map(({ box }) => box);
}
