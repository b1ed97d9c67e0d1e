import type { AnomalyThresholds } from '../../domain/anomaly.ts';

/** A setting as an administrator may see it. `value` is null for a secret, and where there is none. */
export interface SettingInForce {
  readonly name: string;
  readonly about: string;
  readonly isSecret: boolean;
  /** It differs from its default. */
  readonly isSet: boolean;
  readonly value: string | null;
}

/** What the operator may set that changes how use cases behave. */
export interface Settings {
  readonly maxRecordingBytes: number;
  /** Lease of an upload in progress: after it, the upload counts as abandoned. */
  readonly receivingLeaseMs: number;
  /** How long a silent resumable upload is kept. */
  readonly uploadKeepMs: number;
  /** Timeout of an operation while the database or the store is away. */
  readonly outageMs: number;
  /** Whether there is a mail server; without one no mail is queued. */
  readonly sendsMail: boolean;
  /** Whether a mailbox is read for mails that come back. */
  readonly readsBounces: boolean;
  /** How browsers reach the server, for links in mails. */
  readonly baseUrl: () => string;
  /** Whether people sign in with passwords and passkeys of this server; if not, the account for emergencies alone does. */
  readonly localSignIn: boolean;
  /** Idle timeout and absolute timeout of a session. */
  readonly sessionIdleMs: number;
  readonly sessionMs: number;
  /** How fast the scrub may read from the store, and how long a whole object may stay unread. */
  readonly scrubBytesPerSecond: number;
  readonly scrubEveryMs: number;
  /** Maximum number of pages read for notices per hour of recording. */
  readonly pagesPerHour: number;
  /** How long a runner has a job without a sign of life, and how long a job waits for one; 0: none is waited for. */
  readonly runnerLeaseMs: number;
  readonly runnerWaitMs: number;
  /** One in so many results of runners is measured again; 0: none. */
  readonly runnerSpotCheck: number;
  readonly anomalies: AnomalyThresholds;
  /** Address that receives the daily digest of the log. */
  readonly auditorMail: string | null;
  /** How long the mirror of the log is locked in a store that can. */
  readonly logLockMs: number;
  /** Every setting, for administrators to look at. */
  readonly inForce: readonly SettingInForce[];
}
