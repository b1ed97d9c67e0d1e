/** What was put right in a file of captions. */
export const captionsNoticeCodes = [
  'encoding_guessed',
  'sorted',
  'lengthened',
  'joined',
  'named',
  'beyond_end',
  'shortened',
] as const;
export type CaptionsNoticeCode = (typeof captionsNoticeCodes)[number];

export interface CaptionsNotice {
  readonly code: CaptionsNoticeCode;
  /** How many cues it concerns. */
  readonly count: number;
}
