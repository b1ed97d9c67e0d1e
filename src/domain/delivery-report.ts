/**
 * Why a message in the mailbox of bounces changes nothing. `too_large`: larger than any bounce of our mails. `no_report`: no
 * delivery status notification (RFC 3464). `broken`: one that is not whole. `not_final`: not a permanent failure of everybody it
 * is about. `of_rules`: a rule of a server (5.7.x), which says nothing of the address. `not_ours`: about no mail that went out
 * from here. `early`: about a mail whose sending is not settled yet; it is looked at again.
 */
export const reportFlaws = ['too_large', 'no_report', 'broken', 'not_final', 'of_rules', 'not_ours', 'early'] as const;
export type ReportFlaw = (typeof reportFlaws)[number];

/** A permanent failure: which mail it is about, and what the server said. */
export interface DeliveryFailure {
  readonly messageId: string;
  /** Printable ASCII. */
  readonly says: string;
}
