import { number, object, oneOf, orNull, type Reader, text } from '../../domain/json.ts';
import { erasureReasons, lessonKinds } from '../../domain/retention.ts';
import type { Change, ChangeKind } from '../../domain/retention-change.ts';

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
