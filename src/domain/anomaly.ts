/** Thresholds of the school's rules of thumb. Each is set in the configuration. */
export interface AnomalyThresholds {
  /** Different recordings that one person watches in a day. */
  readonly playbacksPerDay: number;
  /** Exports of recordings, of the log and evidence packs by one person in a day. */
  readonly exportsPerDay: number;
  /** Refused requests and failed sign-ins of one person in an hour. */
  readonly denialsPerHour: number;
  /** Minutes between sealing and approval below which an approval stands out. */
  readonly approvalMinutes: number;
  /** Network addresses from which one personal link was used. */
  readonly linkAddresses: number;
  /** Accesses to recordings by one member of staff outside school hours in a day. */
  readonly outsideHours: number;
  /** Local time of the school; Saturday and Sunday are outside. */
  readonly schoolHours: { readonly from: string; readonly until: string; readonly timeZone: string };
}

export const anomalyRules = [
  'MASS_PLAYBACK',
  'MASS_EXPORT',
  'OUTSIDE_HOURS',
  'REPEATED_DENIALS',
  'HASTY_APPROVAL',
  'SHARED_LINK',
] as const;
export type AnomalyRule = (typeof anomalyRules)[number];

/** What a rule found: a fact to look at, not a verdict. */
export interface Anomaly {
  readonly rule: AnomalyRule;
  /** Pseudonym of the person; null if they were not signed in. */
  readonly actor: string | null;
  readonly recordingId: string | null;
  /** RFC 3339, UTC. */
  readonly firstAt: string;
  readonly lastAt: string;
  /** In the unit of the rule. */
  readonly count: number;
  readonly threshold: number;
  /** Numbers of entries that it was found in, the first twenty. */
  readonly entries: number[];
}

/** The threshold of a rule, and the hours that it uses. */
export function anomalyParams(
  rule: AnomalyRule,
  thresholds: AnomalyThresholds,
): Readonly<Record<string, string | number>> {
  const { from, until } = thresholds.schoolHours;
  const n = {
    MASS_PLAYBACK: thresholds.playbacksPerDay,
    MASS_EXPORT: thresholds.exportsPerDay,
    OUTSIDE_HOURS: thresholds.outsideHours,
    REPEATED_DENIALS: thresholds.denialsPerHour,
    HASTY_APPROVAL: thresholds.approvalMinutes,
    SHARED_LINK: thresholds.linkAddresses,
  }[rule];
  return { n, from, until };
}
