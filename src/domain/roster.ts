/** The kinds of files that tell of a school's people. */
export const rosterFormats = ['oneroster', 'sds', 'e_okul', 'table'] as const;
export type RosterFormat = (typeof rosterFormats)[number];

/** What a reader of rosters points at, and what does not stop an import. */
export const rosterNoticeCodes = [
  'REFERENCE_TO_NOBODY',
  'RELATION_ON_ONE_SIDE_ONLY',
  'LINE_REPEATED',
  'FORMULA_WITHOUT_RESULT',
  'FORMULA_LIKE_TEXT',
  'GUARDIAN_WITHOUT_ADDRESS',
  'RELATION_WITHOUT_ROLE',
  'BULK_OR_DELTA_UNSAID',
] as const;
export type RosterNoticeCode = (typeof rosterNoticeCodes)[number];

/** What a column of a table may mean. Without a meaning it is not read. */
export const columnMeanings = [
  'school_number',
  'name',
  'given',
  'family',
  'class',
  'email',
  'phone',
  'guardian1.name',
  'guardian1.relation',
  'guardian1.email',
  'guardian1.phone',
  'guardian2.name',
  'guardian2.relation',
  'guardian2.email',
  'guardian2.phone',
  'contact.name',
  'contact.relation',
] as const;
export type ColumnMeaning = (typeof columnMeanings)[number];

/** What an import asks before it changes anything. */
export const rosterQuestions = ['OTHER_SCHOOL', 'OTHER_CLASS', 'MANY_GONE', 'NUMBERS_DIFFER'] as const;
export type RosterQuestionCode = (typeof rosterQuestions)[number];

/** Bytes of all files of one roster; a school of ten thousand pupils stays far below. */
export const mostRosterBytes = 20 * 2 ** 20;
