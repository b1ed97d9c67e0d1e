import { type Reason, Refusal } from './errors.ts';
import type { Id } from './ids.ts';

/**
 * Nobody approves what they uploaded or reviewed. Policy P9.
 * @throws Refusal `SAME_PERSON`.
 */
export function assertApproverIsSomebodyElse(
  recording: { readonly uploaderId: Id; readonly clearedById: Id | null; readonly reviewerIds: readonly Id[] },
  approverId: Id,
): void {
  const reasons: Reason[] = [];
  if (recording.uploaderId === approverId)
    reasons.push({
      code: 'APPROVER_IS_UPLOADER',
      tr: 'Bu kaydı siz yüklediniz; başka bir yönetici onaylamalı.',
      en: 'You uploaded this recording; another administrator has to approve it.',
    });
  if (recording.clearedById === approverId || recording.reviewerIds.includes(approverId))
    reasons.push({
      code: 'APPROVER_IS_REVIEWER',
      tr: 'Bu kaydı siz incelediniz; başka bir yönetici onaylamalı.',
      en: 'You reviewed this recording; another administrator has to approve it.',
    });
  if (reasons.length > 0) throw new Refusal('SAME_PERSON', { reasons });
}

/** A link counts until it ends, is revoked, or its release ends; each boundary instant is already too late. */
export function isLinkValid(
  link: { readonly expiresAt: Date; readonly revokedAt: Date | null },
  release: { readonly endsAt: Date; readonly endedAt: Date | null },
  at: Date,
): boolean {
  return link.revokedAt === null && release.endedAt === null && at < link.expiresAt && at < release.endsAt;
}
