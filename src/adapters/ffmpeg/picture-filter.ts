import type { Region } from '../../domain/decision.ts';
import { type Box, slateFilters } from './slate.ts';
import { type Cover, movedStamp, type Timeline, whileIn } from './timeline.ts';

/** The upright picture in the rendition, both even. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** A blur leaves this many spots along the longer side: too few for a face or a letter, also with a model's help. */
const spots = 8;

/**
 * Filters that cover and remove, over frames of one size at a constant rate. In screen sharing one frame may stand for
 * minutes, and would still show the covered content after a range begins. So the rate is made constant first.
 */
export function pictureFilters(timeline: Timeline, frameRate: number, size: PictureSize): string[] {
  const early = 0.5 / frameRate;
  return [
    `fps=${frameRate}:start_time=0`,
    'format=yuv420p',
    ...coverFilters(timeline.covers, early, size),
    ...(timeline.removed.length > 0
      ? [`select='not(${whileIn(timeline.removed, early)})'`, `setpts='${movedStamp(timeline, early)}'`]
      : []),
  ];
}

/** One filter for each place, however many ranges it is covered in. Black comes last: nothing shows through it. */
function coverFilters(covers: readonly Cover[], early: number, size: PictureSize): string[] {
  const places = Map.groupBy(covers, ({ kind, region }) => JSON.stringify([kind, boxOf(region, size)]));
  const blurs: string[] = [];
  const blacks: string[] = [];
  for (const [place, here] of places) {
    const [kind, box] = JSON.parse(place) as [Cover['kind'], Box];
    const enable = whileIn(here, early);
    if (kind === 'blur') blurs.push(blurFilter(box, enable, `blur${blurs.length}`));
    else blacks.push(blackFilter(box, enable), ...slateFilters(box, enable));
  }
  return [...blurs, ...blacks];
}

const blackFilter = ({ x, y, width, height }: Box, enable: string): string =>
  `drawbox=x=${x}:y=${y}:w=${width}:h=${height}:color=black:t=fill:enable='${enable}'`;

/** Shrunk to a few spots and drawn large again: unlike a soft lens, that cannot be undone. */
function blurFilter({ x, y, width, height }: Box, enable: string, name: string): string {
  const scale = spots / Math.max(width, height);
  const small = [width, height].map((side) => 2 * Math.max(1, Math.round((side * scale) / 2))).join(':');
  return [
    `split[${name}a][${name}b]`,
    `[${name}b]crop=${width}:${height}:${x}:${y},scale=${small}:flags=area,scale=${width}:${height}:flags=bilinear[${name}c]`,
    `[${name}a][${name}c]overlay=${x}:${y}:enable='${enable}',format=yuv420p`,
  ].join(';');
}

/** The pixels of a region, widened to even ones because colour is stored for two at a time. */
function boxOf(region: Region | undefined, { width, height }: PictureSize): Box {
  const { x: left, y: top, width: wide, height: high } = region ?? { x: 0, y: 0, width: 1, height: 1 };
  const [x, width2] = evenSpan(left, wide, width);
  const [y, height2] = evenSpan(top, high, height);
  return { x, y, width: width2, height: height2 };
}

function evenSpan(from: number, length: number, of: number): [at: number, length: number] {
  const at = Math.min(2 * Math.floor((from * of) / 2), of - 2);
  const end = Math.min(2 * Math.ceil(((from + length) * of) / 2), of);
  return [at, Math.max(2, end - at)];
}
