/** Why a stretch of a recording could not be analysed. Never counted as clean. */
export const notAnalysedCodes = [
  'DAMAGED',
  'NO_DECODER',
  'TOO_MANY_STREAMS',
  'SUBTITLES_NOT_TEXT',
  'TOO_SHORT',
  'TIME_LIMIT',
  'DECODING_STOPPED',
  'NOTHING_DECODED',
  'ENDS_TOO_EARLY',
  'TEXT_NOT_READ',
  'PARTS_NOT_SEARCHED',
  'LONGER_THAN_DECLARED',
  'OUT_OF_RANGE',
  'CHECK_FAILED',
] as const;
export type NotAnalysedCode = (typeof notAnalysedCodes)[number];
