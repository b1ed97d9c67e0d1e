import type { Id } from './ids.ts';

export const permissionStatuses = ['requested', 'granted', 'refused', 'withdrawn', 'expired'] as const;
export type PermissionStatus = (typeof permissionStatuses)[number];

/** What a permission allows. `record` and `keep` are needed to accept a recording, `release` to show it to an audience. */
export const purposes = ['record', 'keep', 'release'] as const;
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

export interface Permission {
  readonly id: Id;
  readonly subject: { readonly kind: 'site' | 'participant'; readonly id: Id };
  readonly status: PermissionStatus;
  readonly purposes: readonly Purpose[];
  readonly releaseTo: readonly Audience[];
  readonly route: Route;
  readonly signer: { readonly name: string; readonly capacity: SignerCapacity; readonly guardianId: Id | null } | null;
  readonly signedAt: Date | null;
  /** The first instant at which it no longer counts; null: no end was agreed. */
  readonly validUntil: Date | null;
  /** The reason for recording as the signer read it. */
  readonly reason: string;
  /** When the school received its yes, by the server's clock; null: it never was one. */
  readonly receivedAt: Date | null;
  /** When the school received each no of this record, its refusal and its withdrawals, by the server's clock. */
  readonly noAt: readonly Date[];
}

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
  readonly sites: readonly { readonly id: Id; readonly name: string }[];
  readonly participants: readonly {
    readonly id: Id;
    readonly name: string;
    readonly isMinor: boolean;
    readonly guardians: readonly { readonly id: Id; readonly name: string }[];
  }[];
  readonly rules: { readonly requireAllGuardians: boolean; readonly requirePupilSignature: boolean };
}
