import type { Range } from '../../domain/rendition-time.ts';
import { movedStamp, type Timeline, whileIn } from './timeline.ts';

/** Sound is edited in pieces of 10 ms. */
const soundRate = 48_000;
const pieceSamples = 480;
const pieceSeconds = pieceSamples / soundRate;

/**
 * Gaps are filled and surplus is dropped first, from 20 ms on, so that a sample's place is its time. (Stretching
 * instead, `async` above 1, makes ffmpeg 5.1 write sound without end after 45 minutes of uneven stamps.) Sound that is
 * muted or under a tone is taken out whole, in every piece that it touches: a tone that could be filtered out again
 * would remove nothing. After a cut the stamps are exact, so any gap before them is filled at once.
 */
export function soundFilter(timeline: Timeline): string {
  const { muted, toned, removed } = timeline;
  const silent = [...muted, ...toned];
  const isEdited = silent.length + removed.length > 0;
  return [
    `aresample=${soundRate}:async=1:min_hard_comp=0.02:first_pts=0`,
    ...(isEdited ? [`asetnsamples=n=${pieceSamples}:p=0`] : []),
    ...(silent.length > 0 ? [`volume=volume=0:enable='${whileTouching(silent)}'`] : []),
    ...(toned.length > 0
      ? [`aeval=exprs='0.05*sin(2*PI*440*t)':c=same:enable='${whileTouching(exceptIn(toned, muted))}'`]
      : []),
    ...(removed.length > 0
      ? [
          `aselect='not(${whileIn(removed, pieceSeconds / 2)})'`,
          `asetpts='${movedStamp(timeline, pieceSeconds / 2)}'`,
          `aresample=${soundRate}:async=1:min_hard_comp=0.001:first_pts=0`,
        ]
      : []),
  ].join(',');
}

/** Pieces with at least one sample in a range. */
const whileTouching = (ranges: readonly Range[]): string =>
  ranges.length === 0
    ? '0'
    : ranges
        .map(({ start, end }) => `gt(t,${(start - pieceSeconds + 1e-5).toFixed(6)})*lt(t,${(end - 1e-5).toFixed(6)})`)
        .join('+');

/** The parts of these ranges that are in none of the others: silence wins over a tone. */
function exceptIn(ranges: readonly Range[], others: readonly Range[]): Range[] {
  return others.reduce<Range[]>(
    (left, other) =>
      left.flatMap(({ start, end }) =>
        [
          { start, end: Math.min(end, other.start) },
          { start: Math.max(start, other.end), end },
        ].filter((part) => part.end > part.start),
      ),
    [...ranges],
  );
}
