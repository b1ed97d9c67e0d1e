/** What differs in a delivery report from that of a mailbox that does not exist. */
export interface ReportParts {
  readonly messageId?: string;
  readonly action?: string;
  readonly status?: string;
  readonly says?: string;
  /** Header fields of the returned mail, instead of one with that Message-ID. */
  readonly returned?: string;
  readonly to?: string;
}

/** A delivery status notification as Postfix sends it. */
export function deliveryReport(parts: ReportParts = {}): string {
  const { messageId = '<unknown@okul.example>', action = 'failed', status = '5.1.1', to = 'okul@okul.example' } = parts;
  const { says = 'smtp; 550 5.1.1 <veli@aile.example>: no such mailbox' } = parts;
  const { returned = `From: ${to}\r\nTo: veli@aile.example\r\nMessage-ID: ${messageId}\r\nSubject: Okul` } = parts;
  return [
    'Return-Path: <>',
    'From: MAILER-DAEMON@mx.example (Mail Delivery System)',
    `To: ${to}`,
    'Subject: Undelivered Mail Returned to Sender',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status;',
    '\tboundary="4Z/mx.example"',
    '',
    'This is a MIME-encapsulated message.',
    '',
    '--4Z/mx.example',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'I am sorry to have to tell you that your message could not be delivered.',
    '',
    '--4Z/mx.example',
    'Content-Description: Delivery report',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example',
    'Arrival-Date: Sun, 29 Nov 2026 10:00:00 +0300 (TRT)',
    '',
    'Final-Recipient: rfc822; veli@aile.example',
    'Original-Recipient: rfc822;veli@aile.example',
    `Action: ${action}`,
    `Status: ${status}`,
    'Remote-MTA: dns; mx.aile.example',
    `Diagnostic-Code: ${says}`,
    '',
    '--4Z/mx.example',
    'Content-Description: Undelivered Message Headers',
    'Content-Type: text/rfc822-headers',
    '',
    returned,
    '',
    '--4Z/mx.example--',
    '',
  ].join('\r\n');
}
