/**
 * Why a person is erased. A closed set, because free words would be one more thing about them. `request`: they, or whoever
 * stands for them, asked (GDPR article 17); `left`: they left, and nothing needs the data any more; `mistake`: they were taken
 * in by mistake.
 */
export const personErasureReasons = ['request', 'left', 'mistake'] as const;
export type PersonErasureReason = (typeof personErasureReasons)[number];

/** What stands in the place of the name of somebody who is erased. The database checks it. */
export const erasedName = '—';

/** What goes with a person. */
export const erasedKinds = [
  'contacts',
  'identifiers',
  'memberships',
  'guardianships',
  'participations',
  'requests',
  'mails',
  'links',
  'sheets',
  'pictures',
  'documents',
  'evidence',
  'objections',
  'tasks',
  'attendance',
] as const;
export type ErasedKind = (typeof erasedKinds)[number];

/** What stays after a person is erased; `language/` says of each why. */
export const erasureRemains = [
  /** That somebody answered, when and what, without names and words. */
  'answers',
  /** Entries of the log under a pseudonym. */
  'log',
  /** Its key, as long as a recording is kept whose trail names them. */
  'pseudonym_key',
  /** Receipts and letters that others have. */
  'given_away',
  /** Pages of scans that nobody has assigned. */
  'unassigned_scans',
  /** Captions of recordings that are kept, in which their name stands. */
  'captions',
  /** Titles, reasons, and names of viewers, which staff typed. */
  'free_words',
  /** An account of the same person. */
  'account',
  'backups',
] as const;
export type ErasureRemain = (typeof erasureRemains)[number];
