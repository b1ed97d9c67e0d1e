import type { AttendeeDecisionKind } from './attendance/decision.ts';
import type { Region } from './decision.ts';
import type { Id, Scope, StaffRole } from './ids.ts';
import type { JobKind } from './job-kind.ts';
import type { Route } from './permission.ts';
import type { DeliveryKind } from './request.ts';
import type { LeaseEnd, RunnerCapability, RunnerFault } from './runner.ts';
import type { ScanFinding } from './scan-page.ts';

/** Everything that gets onto the log, each with a sentence in `language/`. Past tense: it has happened. */
export const auditActions = [
  'system.started',
  'keys.generated',
  'keys.imported',
  'keys.rotated',
  'keys.retired',
  'keys.epoch_renewed',
  'keys.epoch_ending',
  'keys.epoch_destroyed',
  'keys.rewrapped',
  'request.denied',
  'request.refused',
  'staff.invited',
  'staff.invitation_revoked',
  'staff.joined',
  'staff.signed_in',
  'staff.sign_in_failed',
  'staff.locked_out',
  'staff.code_asked',
  'staff.confirmed',
  'staff.signed_out',
  'staff.session_revoked',
  'staff.second_factor_enabled',
  'staff.second_factor_begun',
  'staff.second_factor_removed',
  'staff.backup_codes_made',
  'staff.passkey_added',
  'staff.passkey_removed',
  'staff.password_changed',
  'staff.password_reset_asked',
  'staff.password_reset_issued',
  'staff.password_reset',
  'staff.factor_reset_asked',
  'staff.factor_reset_cancelled',
  'staff.factor_reset',
  'staff.roles_changed',
  'staff.disabled',
  'staff.emergency_made',
  'staff.emergency_used',
  'staff.linked',
  'staff.provisioned',
  'staff.roles_followed',
  'staff.deprovisioned',
  'staff.profile_followed',
  'scim.token_created',
  'scim.token_revoked',
  'token.created',
  'token.revoked',
  'school.opened',
  'school.closed',
  'school.taken_out',
  'school.put_in',
  'school.removed',
  'school.changed',
  'channel.approved',
  'channel.assessed',
  'channel.withdrawn',
  'lesson.created',
  'lesson.changed',
  'lesson.announced',
  'lesson.site_added',
  'lesson.participant_added',
  'lesson.seat_marked',
  'attendance.report_taken',
  'attendance.report_removed',
  'attendance.row_decided',
  'attendance.decision_undone',
  'attendance.voice_taken',
  'recording.person_removal_begun',
  'recording.person_removal_extended',
  'recording.tiles_looked_for',
  'lesson.objected',
  'lesson.objection_lifted',
  'course.created',
  'course.changed',
  'course.terms_set',
  'course.people_added',
  'course.participant_removed',
  'course.asked',
  'course.reminded',
  'terms.archived',
  'sheet.printed',
  'scan.page_sealed',
  'scan.page_shown',
  'scan.page_assigned',
  'scan.page_read',
  'scan.page_confirmed',
  'scan.page_rejected',
  'mail.accepted',
  'mail.refused',
  'mail.bounced',
  'mail.unknown',
  'signer.second_thing_wrong',
  'signer.locked_out',
  'signer.receipt_read',
  'signer.link_revoked',
  'school.text_set',
  'roster.imported',
  'person.shown',
  'person.created',
  'person.changed',
  'person.exported',
  'person.erased',
  'person.erasure_finished',
  'guardianship.added',
  'guardianship.decided',
  'class.joined',
  'class.left',
  'task.done',
  'permission.requested',
  'permission.granted',
  'permission.refused',
  'permission.withdrawn',
  'permission.expired',
  'permission.invalidated',
  'permission.document_sealed',
  'permission.document_read',
  'permission.receipt_read',
  'permission.viewed',
  'gate.held',
  'gate.refused',
  'recording.receiving',
  'recording.received',
  'recording.upload_cancelled',
  'recording.upload_failed',
  'recording.upload_abandoned',
  'recording.sealed',
  'recording.checked',
  'recording.check_failed',
  'recording.check_requested',
  'segment.declared',
  'segment.decided',
  'segment.decision_taken_back',
  'captions.file_sealed',
  'captions.taken',
  'captions.refused',
  'captions.shown',
  'captions.changed',
  'captions.undone',
  'captions.removed',
  'recording.cleared',
  'recording.reopened',
  'recording.approved',
  'recording.rejected',
  'recording.quarantined',
  'recording.quarantine_lifted',
  'recording.released',
  'recording.expired',
  'recording.erased',
  'recording.erasure_finished',
  'recording.hold_set',
  'recording.hold_lifted',
  'recording.reseal_requested',
  'recording.resealed',
  'recording.reseal_failed',
  'certificate.read',
  'retention.change_asked',
  'retention.change_confirmed',
  'retention.change_called_back',
  'retention.policy_added',
  'retention.policy_removed',
  'recording.exported',
  'recording.release_ended',
  'rendition.made',
  'rendition.failed',
  'link.created',
  'link.revoked',
  'media.opened',
  'media.served',
  'media.stopped',
  'detection.changed',
  'segment.shown',
  'segment.looked_up',
  'recording.overview_shown',
  'work.registered',
  'work.described',
  'scrub.started',
  'scrub.failed',
  'scrub.recovered',
  'scrub.finished',
  'store.reconciled',
  'backup.made',
  'backup.restored',
  'drill.passed',
  'drill.failed',
  'runner.invited',
  'runner.registered',
  'runner.disabled',
  'runner.enabled',
  'runner.removed',
  'runner.key_sealed',
  'runner.body_begun',
  'runner.lease_lost',
  'runner.result_accepted',
  'runner.result_refused',
  'job.failed',
  'job.retried',
  'jobs.paused',
  'jobs.resumed',
  'audit.read',
  'audit.exported',
  'audit.pack_made',
  'audit.anomalies_read',
  'audit.digest_signed',
  'audit.forked',
  'person.forgotten',
] as const;

export type AuditAction = (typeof auditActions)[number];

/** A person on the log, under a pseudonym. An invitation and a personal link stand for the person who holds them. */
export const personKinds = ['staff', 'participant', 'viewer', 'invitation', 'person', 'signer'] as const;
export type PersonKind = (typeof personKinds)[number];
export interface Person {
  readonly person: PersonKind;
  readonly id: Id;
}
/** Null guardian: the participant themself. */
export interface ObjectionOnLog {
  readonly participant: Person;
  readonly guardian: Person | null;
  readonly route: Route;
}
/** Code and subject of a reason of a refusal. Its sentences are made from them. */
export interface ReasonOnLog {
  readonly code: string;
  readonly subject: Person | Id | null;
}
/** What binds a sealed object to its bytes: digests and salt in hex (docs/vault-format.md). */
export interface Binding {
  readonly sealedId: Id;
  readonly salt: string;
  readonly chunkOctet: number;
  readonly bodyBytes: number;
  readonly bodySha256: string;
  readonly envelopeSha256: string;
  readonly commitment: string;
}
/** Of an entry that stands for several events of one kind: how many there were and between when. */
export interface Counted {
  readonly times?: {
    readonly count: number;
    readonly from: string;
    readonly until: string;
    /** They came from more addresses than one minute can tell apart. */
    readonly more?: true;
  };
}
interface Refused extends Counted {
  readonly code: string;
  readonly route: string;
  readonly reasons: readonly ReasonOnLog[];
}
/** `segments`: how many were proposed; `from`: the instant of the recording's first millisecond that they rest on. */
interface PersonRemovalOnLog {
  readonly persons: readonly Person[];
  readonly segments: number;
  readonly from: string;
}
/** How many sessions and API tokens ended with it. */
interface EndedAccess {
  readonly sessions: number;
  readonly tokens: number;
}
interface PermissionChange {
  readonly site: Id | null;
  readonly participant: Person | null;
  /** SHA-256 of the evidence of the signature, where somebody signed with Emanet. */
  readonly evidence?: string;
}
interface MailToSigner {
  readonly delivery: Id;
  readonly kind: DeliveryKind;
}
/** `findings`: notices and names in the text that were not known. */
interface CaptionsOnLog extends Binding {
  readonly language: string;
  readonly version: number;
  readonly cues: number;
  readonly showsSpeakers: boolean;
  readonly findings: number;
}
/** Range of the media in bytes, and roughly in seconds. */
interface Span {
  readonly bytes: readonly number[];
  readonly aboutSeconds: readonly number[];
}
/** A filter as it was asked for; a person in it under their pseudonym. */
type Asked = Readonly<Record<string, string | Person>>;
interface Retention {
  readonly kind?: string | null;
  readonly schoolYear?: number | null;
  readonly keepDays: number | null;
  readonly keepUntil: string | null;
}

/** One lease of one job of a runner; `lease` and `runner` are empty where nobody has it any more. */
interface Leased {
  readonly runner: Id;
  readonly job: Id;
  readonly lease: Id;
}

/** Jobs of one kind. */
interface OfKind {
  readonly kind: JobKind;
}

/** What the entries say beyond action, outcome and object, for the actions that say more. Times are RFC 3339. */
/** What of the provider says so: the groups at a sign-in, or SCIM. */
type Provider = 'groups' | 'scim';

export interface AuditPayloads {
  /**
   * The first hex digits of the SHA-256 of each setting that differs from its default, so that a change is seen.
   * Secrets are left out.
   */
  'system.started': { readonly settings: Readonly<Record<string, string>> };
  'keys.generated': { readonly role: string; readonly version: 4 | 6 };
  'keys.imported': { readonly role: string };
  'keys.rotated': { readonly recipients: readonly string[] };
  'keys.retired': { readonly role: string };
  'keys.epoch_renewed': { readonly before: number };
  'keys.epoch_ending': { readonly current: number };
  'keys.epoch_destroyed': { readonly current: number };
  'keys.rewrapped': {
    readonly recipients: readonly string[];
    readonly epoch: number;
    /** SHA-256 of the new envelope, by sealed object: the scrub compares stored envelopes with the newest of these. */
    readonly envelopes: Readonly<Record<Id, string>>;
    readonly unopened?: readonly Id[];
  };
  'request.denied': Refused;
  'request.refused': Refused;
  'gate.refused': Refused;
  'staff.invited': { readonly roles: readonly StaffRole[] };
  'staff.joined': { readonly invitation: Person };
  'staff.locked_out': Counted;
  'staff.signed_in': { readonly factor: string };
  'staff.confirmed': { readonly factor: string };
  /** `step`: what was wrong: password, code, passkey, or what a session was to be confirmed with. */
  'staff.sign_in_failed': { readonly locked: boolean; readonly step: string } & Counted;
  'staff.session_revoked': { readonly owner: Person; readonly sessions: number };
  'staff.password_changed': EndedAccess;
  'staff.password_reset': EndedAccess;
  'staff.factor_reset': EndedAccess;
  'staff.password_reset_asked': { readonly by: 'mail' | 'hand' };
  'staff.password_reset_issued': { readonly by: 'mail' | 'hand' };
  'staff.roles_changed': { readonly roles: readonly StaffRole[] };
  'staff.disabled': { readonly disabled: boolean };
  'staff.linked': { readonly by: 'email' } & EndedAccess;
  'staff.provisioned': { readonly by: Provider; readonly roles: readonly StaffRole[] };
  'staff.roles_followed': {
    readonly by: Provider;
    readonly gained: readonly StaffRole[];
    readonly lost: readonly StaffRole[];
  };
  'staff.profile_followed': { readonly fields: readonly ('name' | 'email')[] };
  'staff.deprovisioned': { readonly by: Provider } & EndedAccess;
  'token.created': { readonly scopes: readonly Scope[] };
  /** The rules that changed, with their new values. */
  'school.opened': { readonly again: boolean };
  'school.closed': { readonly sessions: number; readonly tokens: number };
  /** `to`: where it goes on, in the operator's words. */
  'school.taken_out': {
    readonly to: string;
    readonly sessions: number;
    readonly tokens: number;
    readonly runners: number;
  };
  /**
   * `from`: id of the installation that it comes from; `size`, `root`: the head of its log, in hex, that it goes on from;
   * `takenOut`: it was closed there before; `renamed`: accounts that got another address.
   */
  'school.put_in': {
    readonly from: Id;
    readonly backup: string;
    readonly size: number;
    readonly root: string;
    readonly takenOut: boolean;
    readonly renamed: number;
  };
  /** What was left of a school that was taken out. `held`: objects that a lock of the store still keeps. */
  'school.removed': { readonly objects: number; readonly held: number; readonly accounts: number };
  'school.changed': Readonly<Record<string, string | boolean | number | null | readonly StaffRole[]>>;
  'channel.assessed': { readonly validFrom: string; readonly validUntil: string };
  'jobs.paused': OfKind;
  'jobs.resumed': OfKind;
  'channel.withdrawn': { readonly recordings: number };
  'lesson.created': { readonly sites?: number; readonly participants?: number; readonly course?: Id };
  'lesson.seat_marked': { readonly unrecorded: boolean };
  'attendance.report_taken': Binding & { readonly tool: string; readonly rows: number; readonly quarantined: number };
  'attendance.report_removed': { readonly rows: number; readonly why: string };
  'attendance.row_decided': {
    readonly line: number;
    readonly decision: AttendeeDecisionKind;
    readonly persons: readonly Person[];
    readonly why: string | null;
  };
  'attendance.decision_undone': { readonly line: number; readonly decision: AttendeeDecisionKind };
  /** `sha256`: of the sound, which is not kept; `atMs`: where in the recording it begins; `stretches`: in which something is heard. */
  'attendance.voice_taken': {
    readonly line: number;
    readonly sha256: string;
    readonly atMs: number;
    readonly stretches: number;
  };
  'recording.person_removal_begun': PersonRemovalOnLog & { readonly why: string };
  'recording.person_removal_extended': PersonRemovalOnLog;
  /** Parts that are proposed to be covered, and how many of them have no tile. `why`: the search failed. */
  'recording.tiles_looked_for':
    | { readonly persons: PersonRemovalOnLog['persons']; readonly segments: number; readonly withoutTile: number }
    | { readonly why: string };
  /** Null evidence: staff noted it, or no terms were read. */
  'lesson.objected': ObjectionOnLog & { readonly evidence: string | null };
  'lesson.objection_lifted': ObjectionOnLog;
  'course.created': { readonly sites: number; readonly classes: number };
  'course.changed': { readonly fields: readonly string[]; readonly voids: number };
  'course.terms_set': { readonly terms: string };
  'course.people_added': { readonly added: number };
  'course.participant_removed': { readonly course: Id };
  /** How many signers were asked by mail, and how many can be asked on paper only. */
  'course.asked': { readonly mailed: number; readonly unreachable: number; readonly terms: string };
  'course.reminded': { readonly mailed: number };
  'terms.archived': Binding & { readonly terms: string };
  /** How many, and how many signers were asked by it who had not been asked before. */
  'sheet.printed': { readonly sheets: number; readonly requests: number; readonly terms: string };
  /** `sheet`: the one that its code names; null: nobody knows yet. */
  'scan.page_sealed': Binding & { readonly scan: Id; readonly found: ScanFinding; readonly sheet: Id | null };
  'scan.page_assigned': { readonly sheet: Id };
  'scan.page_read': { readonly sheet: Id };
  'scan.page_confirmed': { readonly sheet: Id; readonly permission: Id };
  'scan.page_rejected': { readonly sheet: Id | null };
  'mail.accepted': MailToSigner;
  'mail.refused': MailToSigner;
  'mail.bounced': MailToSigner;
  'mail.unknown': MailToSigner;
  'signer.second_thing_wrong': { readonly attempts: number };
  'signer.locked_out': { readonly attempts: number };
  'signer.receipt_read': { readonly permission: Id };
  'school.text_set': { readonly kind: string; readonly language: string; readonly version: number };
  'lesson.changed': { readonly fields: readonly string[] };
  'lesson.announced': { readonly second: number | null };
  'roster.imported': {
    readonly format: string;
    readonly fileSha256: string;
    readonly added: number;
    readonly changed: number;
    readonly ended: number;
    readonly guardianships: number;
    readonly tasks: number;
  };
  /** Somebody's addresses were read. */
  'person.shown': { readonly contacts: number };
  'person.created': { readonly roles: readonly string[]; readonly contacts: number; readonly classes: number };
  'person.changed': { readonly fields: readonly string[] };
  /** `objects`: sealed pictures and documents; `answers`: those that stay without names. */
  'person.erased': {
    readonly why: string;
    readonly objects: number;
    readonly answers: number;
    /** Recordings that are kept, and whose captions name them; left out: none. */
    readonly captions?: number;
    readonly replayed?: true;
  };
  /** What could not go yet: objects that the store holds on to, and pseudonyms that the trail of a recording needs. */
  'person.erasure_finished': { readonly heldByStore: number; readonly pseudonyms: number };
  /** How much of the file about them is what; `gaps`: what it names and could not give. */
  'person.exported': { readonly contacts: number; readonly answers: number; readonly gaps: number };
  'guardianship.added': { readonly guardian: Person; readonly authority: string };
  'class.joined': { readonly class: Id };
  'class.left': { readonly class: Id };
  'guardianship.decided': { readonly guardian: Person; readonly authority: string; readonly ended: boolean };
  'task.done': { readonly kind: string };
  'permission.requested': PermissionChange;
  'permission.granted': PermissionChange;
  'permission.refused': PermissionChange;
  'permission.withdrawn': PermissionChange;
  'permission.expired': PermissionChange;
  'permission.invalidated': PermissionChange;
  'permission.document_sealed': Binding & { readonly documentSha256: string };
  'recording.receiving': { readonly resumable: boolean; readonly bytes: number | null };
  'recording.upload_failed': { readonly code: string; readonly reasons: readonly string[] };
  'recording.sealed': Binding & { readonly container?: string; readonly warnings?: readonly string[] };
  'recording.resealed': Binding & { readonly replaces: Id };
  'recording.checked': {
    readonly findings: number;
    /** Left out because they are below the school's threshold. */
    readonly unsure: number;
    readonly fresh: number;
    readonly notAnalysed: number;
    readonly analysedMs: number;
    /** The new findings, the first 200. */
    readonly found: readonly { readonly source: string; readonly startMs: number; readonly endMs: number }[];
  };
  'segment.declared': { readonly startMs: number; readonly endMs: number; readonly ground: string | null };
  /** Region and times only where the reviewer gave some. */
  'segment.decided': {
    readonly kind: string;
    readonly ground: string | null;
    readonly region?: Region;
    readonly startMs?: number;
    readonly endMs?: number;
  };
  /** The decision that no longer counts. */
  'segment.decision_taken_back': { readonly kind: string };
  /** The file as it came; what was read from it follows. */
  'captions.file_sealed': Binding & { readonly format: string };
  /** `notices`: what was put right. */
  'captions.taken': CaptionsOnLog & { readonly source: string; readonly notices: readonly string[] };
  /** With an upload, or inside it: the recording was kept, and these were not. */
  'captions.refused': { readonly language: string | null; readonly code: string; readonly reasons: readonly string[] };
  'captions.shown': { readonly version: number };
  'captions.changed': CaptionsOnLog;
  'captions.undone': { readonly version: number; readonly before: number | null };
  'captions.removed': { readonly before: number };
  /**
   * The segment whose decision it was; null for the recording as a whole. The note is the only text on the log that a
   * person wrote: the person who rejects a recording has to say why.
   */
  'recording.rejected': { readonly segment: Id | null; readonly note: string | null };
  /** The share of the original that reviewers played, rounded down, as their pages said; null if its length is not known. */
  'recording.cleared': { readonly segments: number; readonly edits: number; readonly playedPercent: number | null };
  'recording.quarantined': { readonly reasons: readonly ReasonOnLog[] };
  'recording.released': { readonly audience: string; readonly endsAt: string; readonly rendition: Id };
  'recording.release_ended': { readonly why: string };
  'recording.expired': { readonly at: string; readonly by: { readonly kind: string; readonly id: Id } };
  'recording.erased': { readonly why: string; readonly objects: number; readonly replayed?: true };
  'recording.erasure_finished': {
    readonly objects: number;
    readonly heldByStore: number;
    readonly heldUntil: string | null;
  };
  'recording.hold_set': { readonly endsAt: string | null; readonly reviewAt: string | null };
  'recording.exported': {
    readonly stage: 'begun' | 'ended' | 'broken_off';
    readonly format: string;
    readonly recipient?: string;
    readonly bytes?: number;
  };
  'retention.change_asked': { readonly kind: string; readonly effectiveAt: string };
  'retention.change_confirmed': { readonly kind: string };
  'retention.change_called_back': { readonly kind: string };
  'retention.policy_added': Retention;
  'retention.policy_removed': Retention;
  'rendition.made': Binding & { readonly edits?: number; readonly captions?: readonly string[] };
  'link.created': { readonly release: Id; readonly expiresAt: string };
  'media.opened': { readonly asked: Span };
  'media.served': { readonly served: Span };
  'media.stopped': { readonly served: Span };
  'detection.changed': {
    readonly names: number;
    readonly gapMs: number;
    readonly least: Readonly<Record<string, number>>;
  };
  'segment.shown': { readonly what: string };
  'segment.looked_up': { readonly host: string };
  'recording.overview_shown': { readonly what: 'waveform' | 'thumbnails' };
  'work.registered': { readonly sha256: string; readonly durationMs: number };
  'work.described': { readonly sha256: string };
  'scrub.failed': { readonly object: Id; readonly code: string };
  'scrub.recovered': { readonly object: Id; readonly was: string };
  'scrub.finished': { readonly objects: number; readonly bytes: number; readonly faults: number };
  'store.reconciled': Readonly<Record<string, number>>;
  /** `copied`: objects that the place did not have yet; `manifest`: SHA-256 of what the vault's key signed, in hex. */
  'backup.made': {
    readonly objects: number;
    readonly bytes: number;
    readonly copied: number;
    readonly manifest: string;
  };
  /** `entries`: of the log, that came after the backup and were appended again; `repeated`: what they took away. */
  'backup.restored': {
    readonly parts: readonly string[];
    readonly objects: number;
    readonly entries: number;
    readonly repeated: Readonly<Record<string, number>>;
  };
  /** `certificate`: its SHA-256, in hex. */
  'drill.passed': { readonly objects: number; readonly entries: number; readonly certificate: string };
  'drill.failed': { readonly code: string };
  /** The public key itself, so that what it signed can be verified from the log alone. */
  'runner.registered': {
    readonly invitation: Id;
    readonly fingerprint: string;
    readonly capabilities: readonly RunnerCapability[];
    readonly publicKey: string;
  };
  'runner.disabled': { readonly why: RunnerFault };
  /** `fingerprint`: of the key that the session key of the recording was sealed to. */
  'runner.key_sealed': Leased & { readonly fingerprint: string };
  'runner.body_begun': Leased;
  'runner.lease_lost': Leased & { readonly why: LeaseEnd };
  /** What the runner signed, and its signature over exactly that text; the rest binds the result as it is kept until it is used. */
  'runner.result_accepted': Binding & { readonly statement: string; readonly signature: string };
  'runner.result_refused': Leased & { readonly why: RunnerFault };
  'job.failed': { readonly task: string; readonly attempts: number };
  'audit.read': { readonly filter: Asked; readonly question?: string };
  'audit.exported': { readonly filter: Asked };
  'audit.anomalies_read': { readonly days: number };
  'audit.pack_made': {
    readonly about: 'recording' | 'participant';
    /** SHA-256 of the manifest, in hex: so the log vouches for the pack. */
    readonly manifest: string;
    readonly entries: number;
  };
  'audit.forked': { readonly where: 'store' | 'witness'; readonly day: string };
  'audit.digest_signed': { readonly day: string; readonly size: number; readonly sha256: string };
}

/** Facts only, JSON. Never a name, a contact, a network address, a token: people stand here as {@link Person}. */
export type AuditEvent = { [A in AuditAction]: EventOf<A> }[AuditAction];
type EventOf<A extends AuditAction> = {
  readonly action: A;
  readonly outcome: 'done' | 'refused' | 'failed';
  readonly object?: AuditObject | undefined;
} & (A extends keyof AuditPayloads
  ? Record<never, never> extends AuditPayloads[A]
    ? { readonly details?: AuditPayloads[A] }
    : { readonly details: AuditPayloads[A] }
  : { readonly details?: undefined });

/** Events that one entry may stand for several of. */
export type CountableEvent = {
  [A in keyof AuditPayloads]: 'times' extends keyof AuditPayloads[A] ? EventOf<A> : never;
}[keyof AuditPayloads];

export interface AuditObject {
  readonly kind: string;
  readonly id: Id;
  readonly lessonId?: Id | undefined;
  readonly recordingId?: Id | undefined;
}
