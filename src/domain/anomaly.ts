/** Where the school's rules of thumb begin to speak; every one is set in the configuration. */
export interface AnomalyThresholds {
  /** Different recordings that one person watches in a day. */
  readonly playbacksPerDay: number;
  /** Exports of recordings, of the log and evidence packs by one person in a day. */
  readonly exportsPerDay: number;
  /** Refused requests and failed sign-ins of one person in an hour. */
  readonly denialsPerHour: number;
  /** An approval sooner than so many minutes after the recording was sealed. */
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

/** What a rule found: a fact to look at, no verdict. */
export interface Anomaly {
  readonly rule: AnomalyRule;
  /** Pseudonym of whoever it was; null for somebody who was not signed in. */
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

/** The rule in words, with the number at which it speaks. */
export function describeRule(rule: AnomalyRule, thresholds: AnomalyThresholds): { tr: string; en: string } {
  const { from, until } = thresholds.schoolHours;
  switch (rule) {
    case 'MASS_PLAYBACK': {
      const n = thresholds.playbacksPerDay;
      return {
        tr: `Bir kişi bir günde en az ${n} ayrı kaydı izledi`,
        en: `One person watched at least ${n} different recordings in a day`,
      };
    }
    case 'MASS_EXPORT': {
      const n = thresholds.exportsPerDay;
      return {
        tr: `Bir kişi bir günde en az ${n} kez dışa aktardı`,
        en: `One person exported at least ${n} times in a day`,
      };
    }
    case 'OUTSIDE_HOURS': {
      const n = thresholds.outsideHours;
      return {
        tr: `Bir çalışan okul saatleri (hafta içi ${from}–${until}) dışında bir günde en az ${n} kayda erişti`,
        en: `A member of staff reached at least ${n} recordings in a day outside school hours (weekdays ${from}–${until})`,
      };
    }
    case 'REPEATED_DENIALS': {
      const n = thresholds.denialsPerHour;
      return {
        tr: `Bir saat içinde en az ${n} ret ya da başarısız oturum açma`,
        en: `At least ${n} refusals or failed sign-ins within an hour`,
      };
    }
    case 'HASTY_APPROVAL': {
      const n = thresholds.approvalMinutes;
      return {
        tr: `Kayıt, mühürlendikten sonra ${n} dakika dolmadan onaylandı`,
        en: `A recording was approved less than ${n} minutes after it was sealed`,
      };
    }
    case 'SHARED_LINK': {
      const n = thresholds.linkAddresses;
      return {
        tr: `Bir kişisel bağlantı en az ${n} ayrı adresten kullanıldı`,
        en: `One personal link was used from at least ${n} addresses`,
      };
    }
  }
}
