import { Refusal } from './errors.ts';
import type { Id } from './ids.ts';
import type { Reason } from './reason.ts';

/** Why a release is over: somebody ended it, its time was over, or what became of the recording. */
export const releaseEnds = ['ended', 'expired', 'erased', 'reopen_review', 'lift_quarantine'] as const;
export type ReleaseEnd = (typeof releaseEnds)[number];

/** Everybody who had a hand in a recording, including earlier decisions and reviews. */
export interface RecordingHands {
  /** The uploader: only they can supply its bytes. */
  readonly uploaderId: Id;
  /** Who declared third-party material in it, or brought, corrected or removed captions. */
  readonly declaredByIds: readonly Id[];
  /** Who decided a segment, cleared it, or had a rendition made. */
  readonly reviewerIds: readonly Id[];
}

/** An approver must not have uploaded, changed or reviewed the recording. Policy P9. @throws Refusal `SAME_PERSON`. */
export function assertApproverIsSomebodyElse(recording: RecordingHands, approverId: Id): void {
  const reasons: Reason[] = [];
  if (recording.uploaderId === approverId) reasons.push({ code: 'APPROVER_IS_UPLOADER' });
  if (recording.declaredByIds.includes(approverId)) reasons.push({ code: 'APPROVER_CHANGED_IT' });
  if (recording.reviewerIds.includes(approverId)) reasons.push({ code: 'APPROVER_IS_REVIEWER' });
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
