import { type Authority, isOfAge } from './person.ts';

/** How somebody stands in a row that is about two people. `self`: they are both. */
export const exportSides = ['self', 'subject', 'signer'] as const;
export type ExportSide = (typeof exportSides)[number];

/** What the file about a person does not hold; `language/` says of each where it is instead, or why not. */
export const exportOmissions = [
  /** Faces and voices of everybody in a lesson. */
  'media',
  /** Pictures of scans and signed documents, which stand in it by their digests. */
  'pictures',
  /** Names, addresses and signatures of others. */
  'others',
  /** Free words of staff, which may be about somebody else. */
  'staff_notes',
  /** Network addresses beside the log. */
  'network_addresses',
  /** Who of the school looked at what: the log, for auditors. */
  'whole_log',
  /** Copies that the operator keeps of the database and the store. */
  'backups',
] as const;
export type ExportOmission = (typeof exportOmissions)[number];

/** Why something that belongs into the file is named in it and not given. */
export const exportGaps = ['cannot_be_opened', 'too_large'] as const;
export type ExportGap = (typeof exportGaps)[number];

/** What such a gap is of. */
export const exportGapKinds = ['contact', 'evidence', 'receipt'] as const;
export type ExportGapKind = (typeof exportGapKinds)[number];

/**
 * Whether the name on the other side of a guardianship is theirs to know (GDPR article 15, paragraph 4): it is in force, and
 * gives at least the right to be told. What a guardian learns of a pupil ends when the pupil comes of age.
 */
export function isNameTheirs(
  { authority, until }: { readonly authority: Authority; readonly until: Date | null },
  pupilAdultFrom: Date | null,
  asks: 'pupil' | 'guardian',
  now: Date,
): boolean {
  const isTold = asks === 'pupil' || !isOfAge(pupilAdultFrom, now);
  return authority !== 'none' && (until === null || until > now) && isTold;
}
