import type { AnomalyRule } from './anomaly.ts';
import type { Reason } from './reason.ts';
import type { ErasureReason } from './retention.ts';
import type { Change } from './retention-change.ts';
import type { RunnerFault } from './runner.ts';

/** What a person is told by mail about their own account, so that a change that is not theirs is noticed. */
export const accountNotices = [
  'locked',
  'password_changed',
  'authenticator_set',
  'authenticator_removed',
  'backup_codes_made',
  'backup_code_used',
  'passkey_added',
  'passkey_removed',
  'factor_reset_asked',
  'factor_reset',
  'roles_changed',
  'linked',
] as const;
export type AccountNotice = (typeof accountNotices)[number];

/** A mail as facts; `language/mail-text.ts` writes it in the reader's language. Days are `2026-06-30`, `url` is the server's. */
export type Mail =
  | { readonly kind: 'account'; readonly notice: AccountNotice; readonly at: string; readonly url: string }
  | { readonly kind: 'test'; readonly url: string }
  | { readonly kind: 'invitation'; readonly url: string }
  | { readonly kind: 'emergency_used'; readonly url: string }
  | { readonly kind: 'administrator_invited'; readonly name: string; readonly url: string }
  | { readonly kind: 'password_reset'; readonly url: string }
  | { readonly kind: 'factor_reset_asked'; readonly name: string; readonly url: string }
  | { readonly kind: 'change_waits'; readonly change: Change; readonly effectiveOn: string }
  | {
      readonly kind: 'retention_week';
      readonly soon: readonly {
        readonly day: string;
        readonly lesson: string;
        readonly lessonDay: string;
        readonly reason: Reason | null;
        readonly holds: readonly Reason[];
      }[];
      readonly erased: readonly {
        readonly day: string;
        readonly lesson: string;
        readonly recordingId: string;
        readonly why: ErasureReason;
      }[];
      readonly holds: readonly { readonly day: string; readonly lesson: string; readonly reason: string }[];
    }
  | { readonly kind: 'log_forked' }
  | {
      readonly kind: 'anomalies';
      readonly found: readonly {
        readonly rule: AnomalyRule;
        readonly params: Readonly<Record<string, string | number>>;
        readonly count: number;
      }[];
      readonly url: string;
    }
  | { readonly kind: 'object_damaged'; readonly id: string; readonly code: string; readonly detail: string }
  | { readonly kind: 'runner_disabled'; readonly name: string; readonly why: RunnerFault }
  /** `enclosed` stands below the words, once, whatever the languages. */
  | { readonly kind: 'log_digest'; readonly day: string; readonly enclosed: readonly string[] };
