import { defaultWatchedNames, type WatchedName } from './watched-names.ts';

/** What points at a stretch of a recording: a detector, what could not be analysed, or a teacher who declares it. */
export const findingSources = [
  'tag',
  'audio_match',
  'picture_match',
  'music',
  'film',
  'notice',
  'subtitle',
  'not_analysed',
  'declared',
  'attendance',
] as const;
export type FindingSource = (typeof findingSources)[number];

/** What may be registered as a work. */
export const workKinds = ['sound', 'film', 'picture', 'pages'] as const;
export type WorkKind = (typeof workKinds)[number];

/** Sources of findings with a confidence, which a school's threshold may leave out. */
export const rankedSources = ['audio_match', 'picture_match', 'music', 'film', 'notice', 'tag'] as const;
export type RankedSource = (typeof rankedSources)[number];

/** What a school wants to be shown of what the detectors find. Policy P5. */
export interface DetectionRules {
  /** Whose names in a picture are pointed at. */
  readonly watchedNames: readonly WatchedName[];
  /** Findings that are less sure than this (0 to 1) are left out. What could not be analysed is never left out. */
  readonly least: Readonly<Record<RankedSource, number>>;
  /** Findings of one kind that are this close together are one segment. */
  readonly gapMs: number;
}

/** Default: every finding of a detector is shown. */
export const defaultDetectionRules: DetectionRules = {
  watchedNames: defaultWatchedNames,
  least: { audio_match: 0, picture_match: 0, music: 0, film: 0, notice: 0, tag: 0 },
  gapMs: 3_000,
};

const isRanked = (source: string): source is RankedSource => (rankedSources as readonly string[]).includes(source);

/** Whether a school with these rules wants to see a finding. */
export const isSureEnough = (
  { least }: Pick<DetectionRules, 'least'>,
  { source, confidence }: { readonly source: string; readonly confidence: number },
): boolean => !isRanked(source) || confidence >= least[source];
