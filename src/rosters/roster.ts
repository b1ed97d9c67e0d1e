import type { Relation } from '../domain/person.ts';
import type { ColumnMeaning, RosterFormat, RosterNoticeCode } from '../domain/roster.ts';

/** What a person is at the school, as far as a file says it. One person may be several. */
export const rosterKinds = ['pupil', 'staff', 'guardian', 'contact'] as const;
export type RosterKind = (typeof rosterKinds)[number];

/** Where a value stands: the file (a member of an archive, a sheet) and its line or row, from 1. */
export interface Provenance {
  readonly file: string;
  readonly line: number;
}

export interface RosterPerson {
  /** Tells persons of this file apart; means nothing outside it. */
  readonly key: string;
  /** Empty where the file does not say it, as in `changes` that leave the roles out. */
  readonly kinds: readonly RosterKind[];
  /** Given and family name as the file writes them, spaces folded. */
  readonly name: string;
  /** The identifier that the source system keeps for this person; null where the format has none. */
  readonly sourceId: string | null;
  /** A pupil's number at the school with its leading zeros; null where none is given. */
  readonly schoolNumber: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly from: Provenance;
}

/**
 * One row that names somebody beside a pupil. Other contacts than parents and guardians have authority `none`. In `changes`
 * either may be the source identifier of a person whom the file does not tell of.
 */
export interface RosterLink {
  readonly pupil: string;
  readonly other: string;
  readonly relation: Relation;
  /** `undecided`: the file does not say how they are related, so a person decides before anybody may sign. */
  readonly authority: 'may_sign' | 'none' | 'undecided';
  readonly from: Provenance;
}

export interface RosterMembership {
  /** Key of a person; in `changes` perhaps the source identifier of one whom the file does not tell of. */
  readonly person: string;
  /** The class in the form `7-A`; null in `changes` that name it by its identifier only. 10/I and 10/İ are two classes. */
  readonly className: string | null;
  /** The identifier that the source system keeps for the class; null where the format has none. */
  readonly classSourceId: string | null;
  readonly from: Provenance;
}

/** Something that a person should see before the import, and that does not stop it. */
export interface RosterNotice {
  readonly code: RosterNoticeCode;
  readonly params: Readonly<Record<string, string | number>>;
  readonly from: Provenance;
}
/** What one file says, whatever its format. */
export interface Roster {
  readonly format: RosterFormat;
  /** `school`: who is not named is gone. `classes`: of the classes that are named. `changes`: nobody is gone but `leaving`. */
  readonly extent: 'school' | 'classes' | 'changes';
  readonly schoolName: string | null;
  readonly persons: readonly RosterPerson[];
  readonly links: readonly RosterLink[];
  readonly memberships: readonly RosterMembership[];
  /** Memberships that end; only for `changes`. */
  readonly ended: readonly RosterMembership[];
  /** Source identifiers of persons that leave; only for `changes`. */
  readonly leaving: readonly string[];
  readonly notices: readonly RosterNotice[];
  /** Names of columns and files that were dropped unread: passwords, national numbers, demographics. */
  readonly dropped: readonly string[];
}

/** Which column of a table means what, by the heading as written. */
export type ColumnMapping = Readonly<Record<string, ColumnMeaning | null>>;

/** A table that a person has to say the columns of, with what the headings suggest. */
export interface TableToMap {
  readonly headings: readonly string[];
  readonly suggested: ColumnMapping;
  /** Rows below the headings, at most five, to recognise the columns by. */
  readonly sample: readonly (readonly string[])[];
}

export type RosterReading =
  | { readonly outcome: 'roster'; readonly roster: Roster }
  | { readonly outcome: 'mapping'; readonly table: TableToMap };
