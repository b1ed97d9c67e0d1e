import type { ErasureReason, LessonKind } from '../../domain/retention.ts';
import type { ChangeKind, ErasingRules } from '../../domain/retention-change.ts';

interface PolicyPayload {
  readonly kind: LessonKind | null;
  readonly schoolYear: number | null;
  readonly keepDays: number | null;
  /** RFC 3339. */
  readonly keepUntil: string | null;
}

/** What a waiting change holds until it takes effect. */
export interface ChangePayloads {
  readonly policy_added: PolicyPayload;
  readonly policy_removed: PolicyPayload & { readonly policyId: string };
  readonly school_rules: Partial<ErasingRules>;
  readonly erasure: { readonly why: ErasureReason; readonly note: string | null; readonly lessonTitle: string };
}

/** One sentence on what would happen, for administrators. */
export function describeChange<K extends ChangeKind>(kind: K, payload: ChangePayloads[K]): { tr: string; en: string } {
  switch (kind) {
    case 'policy_added': {
      const { tr, en } = policyWords(payload as PolicyPayload);
      return { tr: `Saklama kuralı eklenecek: ${tr}.`, en: `A retention policy will be added: ${en}.` };
    }
    case 'policy_removed': {
      const { tr, en } = policyWords(payload as PolicyPayload);
      return { tr: `Saklama kuralı kaldırılacak: ${tr}.`, en: `A retention policy will be removed: ${en}.` };
    }
    case 'erasure': {
      const { lessonTitle, note } = payload as ChangePayloads['erasure'];
      return {
        tr: `“${lessonTitle}” kaydı kalıcı olarak silinecek: ${note ?? ''}`.trim(),
        en: `The recording of “${lessonTitle}” will be erased for good: ${note ?? ''}`.trim(),
      };
    }
    default: {
      const rules = Object.entries(payload as Partial<ErasingRules>).map(([rule, value]) => `${rule} = ${value}`);
      return {
        tr: `Okulun kuralları değişecek: ${rules.join(', ')}.`,
        en: `The school’s rules will change: ${rules.join(', ')}.`,
      };
    }
  }
}

function policyWords({ kind, schoolYear, keepDays, keepUntil }: PolicyPayload): { tr: string; en: string } {
  const year = schoolYear === null ? null : `${schoolYear}–${schoolYear + 1}`;
  const until = keepUntil?.slice(0, 10);
  return {
    tr: `${kind ?? 'her tür'}, ${year ?? 'her öğretim yılı'}, ${keepDays === null ? `${until} tarihine kadar` : `${keepDays} gün`}`,
    en: `${kind ?? 'any kind'}, ${year ?? 'any school year'}, ${keepDays === null ? `until ${until}` : `${keepDays} days`}`,
  };
}
