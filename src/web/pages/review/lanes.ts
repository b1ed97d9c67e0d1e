import type { Answer } from '../../api/types.ts';

export type Segment = Answer<'getRecording'>['segments'][number];
export type Finding = Segment['findings'][number];

/** Lanes of the timeline, from above, by what pointed at a segment. */
export const lanes = ['person', 'heard', 'seen', 'read', 'tagged', 'declared', 'unknown'] as const;
export type Lane = (typeof lanes)[number];

const laneOfSource: Readonly<Record<string, Lane>> = {
  audio_match: 'heard',
  music: 'heard',
  picture_match: 'seen',
  film: 'seen',
  notice: 'read',
  subtitle: 'read',
  captions: 'read',
  tag: 'tagged',
  declared: 'declared',
  attendance: 'person',
};

export const laneOf = (source: string): Lane => laneOfSource[source] ?? 'unknown';

/** Rows of one lane, at most: more are no help, and the last one takes the rest. */
const mostRows = 6;

/** A row of the timeline; the first of its lane bears the lane's name. */
export interface LaneRow {
  readonly lane: Lane;
  readonly isFirst: boolean;
  readonly segments: readonly Segment[];
}

/** The lanes that hold something, in rows in which no segment lies on another, so that each can be pressed. */
export function rowsOf(segments: readonly Segment[]): LaneRow[] {
  return lanes.flatMap((lane) => {
    const rows: Segment[][] = [];
    const ofLane = segments.filter(({ source }) => laneOf(source) === lane);
    for (const segment of ofLane.toSorted((a, b) => a.startMs - b.startMs || b.endMs - a.endMs)) {
      const free = rows.find((row) => (row.at(-1)?.endMs ?? 0) <= segment.startMs);
      if (free !== undefined) free.push(segment);
      else if (rows.length < mostRows) rows.push([segment]);
      else rows[mostRows - 1]?.push(segment);
    }
    return rows.map((row, at) => ({ lane, isFirst: at === 0, segments: row }));
  });
}
