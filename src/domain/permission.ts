import type { AttendanceSummary } from './attendance/coverage.ts';
import type { Id } from './ids.ts';

export const permissionStatuses = ['requested', 'granted', 'refused', 'withdrawn', 'expired', 'invalidated'] as const;
export type PermissionStatus = (typeof permissionStatuses)[number];

/**
 * What a permission allows. `take_part` is needed by everybody in a lesson where it is asked for, `record` and `keep` by
 * everybody who is recorded, `release` to show the recording to an audience. Policy P1, P6.
 */
export const purposes = ['take_part', 'record', 'keep', 'release'] as const;
export type Purpose = (typeof purposes)[number];

/** Who a recording may be shown to. */
export const audiences = ['class', 'school', 'sites', 'families'] as const;
export type Audience = (typeof audiences)[number];

/** How a permission was given. Spoken words are noted and never count: P1 asks for written permission. */
export const routes = ['paper', 'electronic', 'email', 'spoken'] as const;
export type Route = (typeof routes)[number];

export const capacities = ['guardian', 'self', 'site_representative'] as const;
export type SignerCapacity = (typeof capacities)[number];

export const participantKinds = ['pupil', 'teacher', 'guest'] as const;
export type ParticipantKind = (typeof participantKinds)[number];

/** Where people take part from. */
export const siteKinds = ['school', 'other'] as const;
export type SiteKind = (typeof siteKinds)[number];

/** How large one lesson may become: everything that the gate reads is read at every playback. */
export const mostSites = 200;
export const mostParticipants = 500;
/** Records of one site or participant: answers, corrections, renewals. */
export const mostPermissions = 100;

/**
 * How sure it is that the right person answered. 1: a member of staff says that a paper exists. 2: the personal link and
 * a typed name. 3: the link and a second thing. 4: ink on paper, seen by two people of the school. 5: a secure electronic
 * signature, verified. A typed or drawn signature is simple evidence, whatever its level.
 */
export const assuranceLevels = [1, 2, 3, 4, 5] as const;
export type AssuranceLevel = (typeof assuranceLevels)[number];

/** The least level that a school accepts, by purpose and by audience. */
export interface LeastAssurance extends Readonly<Record<Exclude<Purpose, 'release'>, AssuranceLevel>> {
  readonly release: Readonly<Record<Audience, AssuranceLevel>>;
}

export interface Permission {
  readonly id: Id;
  readonly subject: { readonly kind: 'site' | 'participant'; readonly id: Id };
  readonly status: PermissionStatus;
  readonly purposes: readonly Purpose[];
  readonly releaseTo: readonly Audience[];
  /** What was asked and answered with no, though something was answered with yes. */
  readonly declined: readonly Purpose[];
  readonly declinedTo: readonly Audience[];
  readonly route: Route;
  readonly signer: { readonly name: string; readonly capacity: SignerCapacity; readonly guardianId: Id | null } | null;
  readonly signedAt: Date | null;
  /** A date on paper: on the day of the lesson it does not say whether it was before. Then `inHandAt` decides. */
  readonly isDatedByDay: boolean;
  /** When the paper came into the school's hands, as the office noted it; null: at `receivedAt`. */
  readonly inHandAt: Date | null;
  /** The first instant at which it no longer counts; null: no end was agreed. */
  readonly validUntil: Date | null;
  /** How sure it is that the signer gave it, from 1 to 5 (`assurance.ts`). */
  readonly assurance: number;
  /** Digest of the terms that the signer read; null: staff noted the answer and only the reason is known. */
  readonly terms: string | null;
  /** The reason for recording as the signer read it. */
  readonly reason: string;
  /** When the school received its yes, by the server's clock; null: it never was one. */
  readonly receivedAt: Date | null;
  /** When the school received each no of this record, its refusal and its withdrawals, by the server's clock. */
  readonly noAt: readonly Date[];
}

/** Somebody who takes part in a lesson. */
export interface LessonParticipant {
  readonly id: Id;
  readonly personId: Id;
  readonly name: string;
  /** Under age, unless `adultFrom` has come when the lesson begins. */
  readonly isMinor: boolean;
  readonly adultFrom: Date | null;
  /** Who may sign, and until when they may; null: still. */
  readonly guardians: readonly { readonly id: Id; readonly name: string; readonly until: Date | null }[];
  /** In a seat that is not recorded: neither seen nor heard, so that `take_part` alone is needed. */
  readonly isUnrecorded: boolean;
  /**
   * Objections to this one lesson, of guardians or the person: until when whoever made it stands for them; null: still, or it
   * was the person.
   */
  readonly objections: readonly { readonly until: Date | null }[];
}

/** From when on a recording needs an attendance report: to be taken, to be cleared and shown, or not at all. */
export const attendanceRules = ['upload', 'release', 'never'] as const;
export type AttendanceRule = (typeof attendanceRules)[number];

/** What the gate needs to know of a lesson. */
export interface LessonRecord {
  readonly id: Id;
  readonly reason: string;
  readonly plannedStart: Date;
  readonly plannedEnd: Date;
  readonly supervisorName: string;
  readonly channel: {
    readonly id: Id;
    readonly name: string;
    readonly approved: boolean;
    readonly assessments: readonly { readonly validFrom: Date; readonly validUntil: Date }[];
  };
  readonly announcement: { readonly at: Date; readonly by: string; readonly how: string } | null;
  /** Whether the course asks for permission to take part (P6). */
  readonly asksToTakePart: boolean;
  /** Digest of the terms in force when the lesson began; null: nobody was asked yet. */
  readonly terms: string | null;
  readonly sites: readonly { readonly id: Id; readonly name: string }[];
  readonly participants: readonly LessonParticipant[];
  readonly rules: {
    readonly requireAllGuardians: boolean;
    readonly requirePupilSignature: boolean;
    readonly leastAssurance: LeastAssurance;
    /** From when on an attendance report is asked for. */
    readonly attendance: AttendanceRule;
  };
  /** What the attendance reports say; null: there is none. */
  readonly attendance: AttendanceSummary | null;
}
