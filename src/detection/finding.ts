import type { FindingSource } from '../domain/detection-rules.ts';

/** A value that survives `JSON.stringify`. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * One reason for a person to look at a stretch of a recording. Every finding waits for a person's decision. Policy P5.
 */
export interface Finding {
  /** The same if a later check finds the same thing in the same recording; different for every finding of one check. */
  readonly key: string;
  readonly source: Exclude<FindingSource, 'declared'>;
  readonly startMs: number;
  readonly endMs: number;
  /** How sure the source is that there is third-party content, 0 to 1. 0 for `not_analysed`: nothing is known. */
  readonly confidence: number;
  readonly title?: string;
  readonly rightsHolder?: string;
  /** The registered work of an `audio_match` or a `picture_match`. */
  readonly workId?: string;
  readonly evidence: readonly Json[] | { readonly [key: string]: Json };
}
