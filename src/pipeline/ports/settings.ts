import type { AnomalyThresholds } from '../../domain/anomaly.ts';

/** What the operator may set that changes how use cases behave. */
export interface Settings {
  readonly maxRecordingBytes: number;
  /** How long a receiving process may be silent before its upload counts as abandoned. */
  readonly receivingLeaseMs: number;
  /** How long a resumable upload is kept on which nothing arrives any more. */
  readonly uploadKeepMs: number;
  /** How long an operation waits for a database or store that is away before it gives up. */
  readonly outageMs: number;
  /** Whether there is a mail server; without one nothing is queued that would go nowhere. */
  readonly sendsMail: boolean;
  /** How browsers reach the server, for links in mails. */
  readonly baseUrl: () => string;
  /** How long a session lasts that nobody uses, and how long one lasts at most. */
  readonly sessionIdleMs: number;
  readonly sessionMs: number;
  /** How fast the scrub may read from the store, and how long a whole object may stay unread. */
  readonly scrubBytesPerSecond: number;
  readonly scrubEveryMs: number;
  /** Pages of an hour of a recording that are read for notices, at most. */
  readonly pagesPerHour: number;
  readonly anomalies: AnomalyThresholds;
  /** Who gets the daily digest of the log. */
  readonly auditorMail: string | null;
  /** How long the mirror of the log is locked in a store that can. */
  readonly logLockMs: number;
}
