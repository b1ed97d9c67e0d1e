import type { Permission } from './permission.ts';

const dayMs = 24 * 60 * 60_000;

/**
 * What a signer said before and after, by the time at which the school received it. A no (a refusal or a withdrawal) covers
 * every yes of the same signer for the same subject that is not given after it: received after it and dated after it. The
 * date on a paper is what somebody wrote; the time of receipt is the server's. Table of cases: docs/permission-record.md.
 */

/**
 * Who signed, as far as a no reaches; null when that is not known. All who sign for a site are one signer: the site.
 */
export function signerOf({ subject, signer }: Pick<Permission, 'subject' | 'signer'>): string | null {
  if (signer === null) return null;
  if (subject.kind === 'site') return 'site';
  if (signer.capacity !== 'guardian') return signer.capacity;
  return signer.guardianId === null ? null : `guardian ${signer.guardianId}`;
}

/** Whether a no in one record covers a yes in the other. A no whose signer is not known covers every signer. */
export function isCoveredBy(yes: Permission, no: Permission): boolean {
  const [of, by] = [signerOf(yes), signerOf(no)];
  return of === null || by === null || of === by;
}

/** Whether a no was ever received in this record, whatever became of it since. */
export function holdsNo(permission: Permission): boolean {
  return permission.noAt.length > 0 || permission.status === 'refused' || permission.status === 'withdrawn';
}

/** When the noes of a record were received, in milliseconds. One whose receipt is not known covers all time. */
export function noTimes(permission: Permission): number[] {
  if (permission.noAt.length > 0) return permission.noAt.map((at) => at.getTime());
  return holdsNo(permission) ? [Number.POSITIVE_INFINITY] : [];
}

/** Whether it was received after each of these noes and is dated after each of them, both strictly. */
export function isGivenAfter(yes: Permission, noes: readonly number[]): boolean {
  if (noes.length === 0) return true;
  const last = Math.max(...noes);
  return isLater(yes.receivedAt, last) && isLater(yes.signedAt, last);
}

/**
 * Whether a yes stood when the lesson began: dated before it, and given after every no that had been received when the yes
 * was, or when the lesson began. After such a no the date alone is not enough: the yes was received before the lesson too.
 *
 * A date on paper has no time: dated on the day of the lesson, the paper was in hand before it began, or does not count.
 */
export function isInTime(yes: Permission, noes: readonly number[], start: Date): boolean {
  if (yes.signedAt === null || yes.signedAt >= start) return false;
  if (yes.isDatedByDay && start.getTime() < yes.signedAt.getTime() + dayMs) {
    const inHand = yes.inHandAt ?? yes.receivedAt;
    if (inHand === null || inHand >= start) return false;
  }
  const { receivedAt } = yes;
  const earlier = noes.filter((no) => no < start.getTime() || receivedAt === null || no < receivedAt.getTime());
  if (earlier.length === 0) return true;
  return isGivenAfter(yes, earlier) && receivedAt !== null && receivedAt < start;
}

/**
 * Whether a record is a yes that stood when the lesson began and was in force until a no took it back: what a later yes of
 * the same signer may renew for a recording that exists. What it was given for is not looked at here.
 */
export function isRenewable(taken: Permission, noes: readonly number[], start: Date): boolean {
  const { receivedAt, validUntil } = taken;
  if (receivedAt === null || !isInTime(taken, noes, start)) return false;
  const takenAt = Math.min(...noes.filter((no) => no > receivedAt.getTime()));
  return Number.isFinite(takenAt) && (validUntil === null || validUntil.getTime() > takenAt);
}

function isLater(date: Date | null, than: number): boolean {
  return date !== null && date.getTime() > than;
}
