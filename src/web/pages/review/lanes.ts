import type { Answer } from '../../api/types.ts';

export type Segment = Answer<'getRecording'>['segments'][number];
export type Finding = Segment['findings'][number];

/** Lanes of the timeline, from above, by what pointed at a segment. */
export const lanes = ['heard', 'seen', 'read', 'tagged', 'declared', 'unknown'] as const;
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
};

export const laneOf = (source: string): Lane => laneOfSource[source] ?? 'unknown';
