/** What a machine knows of a row. Only the first needs no person to confirm it. */
export const rowStates = ['identified', 'proposed', 'ambiguous', 'device', 'phone', 'unknown'] as const;
export type RowState = (typeof rowStates)[number];

/** Why a row has its state. Pages have words for each. */
export const matchNotes = [
  'school_email',
  'full_name',
  'order',
  'initials',
  'left_out',
  'alias',
  'not_in_course',
  'namesakes',
  'several_fit',
  'address_shared',
  'name_and_address_differ',
  'name_and_number_differ',
  'name_and_class_differ',
  'number_tells',
  'other_name_in_brackets',
  'two_addresses',
  'same_time',
  'device',
  'shared_device',
  'telephone',
  'bot',
  'relative',
  'name_lost',
  'no_name',
] as const;
export type MatchNote = (typeof matchNotes)[number];

export interface RowMatch {
  readonly state: RowState;
  /** 0 by address, 1 by full name, 2 by order, initials or an alias, 3 only ranked, 4 never matched (design, section 8). */
  readonly tier: 0 | 1 | 2 | 3 | 4;
  /** Whether the page ticks the proposal beforehand. A person still has to confirm it. */
  readonly isTicked: boolean;
  /** Ids of persons, the likeliest first. For a row that is not `identified` or `proposed` they are only shown. */
  readonly candidates: readonly string[];
  readonly notes: readonly MatchNote[];
}
