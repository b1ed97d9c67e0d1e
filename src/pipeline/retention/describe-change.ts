import { number, object, oneOf, orNull, type Reader, text } from '../../domain/json.ts';
import { erasureReasons, lessonKinds } from '../../domain/retention.ts';
import type { ChangeKind } from '../../domain/retention-change.ts';

const policyMembers = {
  kind: orNull(oneOf(lessonKinds)),
  schoolYear: orNull(number),
  keepDays: orNull(number),
  /** RFC 3339. */
  keepUntil: orNull(text),
};

/** `retention_change.payload`, by kind: what a waiting change holds until it takes effect. */
const payloads = {
  policy_added: object(policyMembers),
  policy_removed: object({ ...policyMembers, policyId: text }),
  school_rules: object(
    {},
    { yearStartMonth: number, yearStartDay: number, expiredGraceDays: number, eraseOnWithdrawalDays: orNull(number) },
  ),
  erasure: object({ why: oneOf(erasureReasons), note: orNull(text), lessonTitle: text }),
} as const satisfies Record<ChangeKind, Reader<object>>;

export type ChangePayloads = { readonly [Kind in ChangeKind]: Readonly<ReturnType<(typeof payloads)[Kind]>> };
type PolicyPayload = ChangePayloads['policy_added'];
/** A change with what it holds, each kind with its own. */
export type Change = {
  readonly [Kind in ChangeKind]: { readonly kind: Kind; readonly payload: ChangePayloads[Kind] };
}[ChangeKind];

/** The change of a row. */
export function readChange({ kind, payload }: { readonly kind: ChangeKind; readonly payload: unknown }): Change {
  switch (kind) {
    case 'policy_added':
      return { kind, payload: payloads[kind](payload) };
    case 'policy_removed':
      return { kind, payload: payloads[kind](payload) };
    case 'school_rules':
      return { kind, payload: payloads[kind](payload) };
    case 'erasure':
      return { kind, payload: payloads[kind](payload) };
  }
}

/** One sentence on what would happen, for administrators. */
export function describeChange({ kind, payload }: Change): { tr: string; en: string } {
  switch (kind) {
    case 'policy_added': {
      const { tr, en } = policyWords(payload);
      return { tr: `Saklama kuralı eklenecek: ${tr}.`, en: `A retention policy will be added: ${en}.` };
    }
    case 'policy_removed': {
      const { tr, en } = policyWords(payload);
      return { tr: `Saklama kuralı kaldırılacak: ${tr}.`, en: `A retention policy will be removed: ${en}.` };
    }
    case 'erasure': {
      const { lessonTitle, note } = payload;
      return {
        tr: `“${lessonTitle}” kaydı kalıcı olarak silinecek: ${note ?? ''}`.trim(),
        en: `The recording of “${lessonTitle}” will be erased for good: ${note ?? ''}`.trim(),
      };
    }
    default: {
      const rules = Object.entries(payload).map(([rule, value]) => `${rule} = ${value}`);
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
