import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reportFlaws } from '../../../src/domain/delivery-report.ts';
import { readReport } from '../../../src/pipeline/signing/read-report.ts';
import { deliveryReport } from '../../support/delivery-reports.ts';

const messageId = '<019a-1@okul.example>';
const read = (text: string) => readReport(Buffer.from(text, 'latin1'));
const report = (parts: Parameters<typeof deliveryReport>[0] = {}) => deliveryReport({ messageId, ...parts });

describe('a permanent failure', () => {
  test('names its mail and says what the server said', () => {
    expect(read(report())).toEqual({
      messageId,
      says: '5.1.1 smtp; 550 5.1.1 <veli@aile.example>: no such mailbox',
    });
  });

  test.each([
    ['with line feeds alone', (text: string) => text.replaceAll('\r\n', '\n')],
    ['with the whole mail returned', (text: string) => text.replace('text/rfc822-headers', 'message/rfc822')],
    ['international', (text: string) => text.replace('message/delivery-status', 'message/global-delivery-status')],
    ['with a boundary that is not quoted', (text: string) => text.replace('"4Z/mx.example"', '4Z/mx.example')],
    [
      'with names in other letters',
      (text: string) => text.replace('Action: failed', 'ACTION:Failed (no)').replace('Message-ID', 'message-id'),
    ],
    [
      'with its header in base64',
      (text: string) =>
        text
          .replace('text/rfc822-headers\r\n', 'text/rfc822-headers\r\nContent-Transfer-Encoding: base64\r\n')
          .replace(/From: okul@[\s\S]*Subject: Okul/, (header) => Buffer.from(header).toString('base64')),
    ],
    [
      'with its header quoted-printable, broken in the middle',
      (text: string) =>
        text
          .replace('text/rfc822-headers\r\n', 'text/rfc822-headers\r\nContent-Transfer-Encoding: quoted-printable\r\n')
          .replace('019a-1@okul', '019a=2D1=\r\n@okul'),
    ],
  ])('is read %s', (_, change) => {
    const text = report();
    expect(change(text)).not.toBe(text);
    expect(read(change(text))).toMatchObject({ messageId });
  });

  test('says nothing but printable ASCII, and not for ever', () => {
    const said = read(report({ says: `smtp; 550 yok \u0000\u001b[31m\u00fe\u00ff ${'x'.repeat(9_999)}` }));
    expect(said).toMatchObject({ says: expect.stringMatching(/^5\.1\.1 smtp; 550 yok \?\[31m\? x{400,}$/) });
    expect((said as { says: string }).says.length).toBe(500);
  });
});

test.each([
  ['a mail of a person', 'Subject: Merhaba\r\n\r\n5.1.1 failed <019a-1@okul.example>', 'no_report'],
  ['a receipt of reading', report().replace('delivery-status;', 'disposition-notification;'), 'no_report'],
  ['nothing', '', 'no_report'],
  [
    'a report inside of something else',
    `Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\n${report()}\r\n--a--`,
    'no_report',
  ],
  ['half of a report', report().slice(0, report().indexOf('Undelivered Message Headers')), 'broken'],
  ['a report without boundary', report().replace(/;\r\n\tboundary=.*/, ';'), 'broken'],
  ['a report that returns nothing', report({ returned: 'Subject: Okul' }), 'broken'],
  [
    'a report that returns two names',
    report({ returned: `Message-ID: ${messageId}\r\nMessage-ID: <other@okul.example>` }),
    'broken',
  ],
  ['a report about nobody', report().replace(/Final-Recipient[\s\S]*?no such mailbox\r\n/, ''), 'broken'],
  ['a name that no database can look for', report({ messageId: '<a\u0000b@okul.example>' }), 'broken'],
  ['a delay', report({ action: 'delayed', status: '4.4.1' }), 'not_final'],
  ['a delay that says 5.1.1', report({ action: 'delayed' }), 'not_final'],
  ['a failure that is not permanent', report({ status: '4.2.2' }), 'not_final'],
  ['a delivery', report({ action: 'delivered', status: '2.0.0' }), 'not_final'],
  ['a status of its own', report({ status: '5.1' }), 'not_final'],
  [
    'a list of which one failed',
    report().replace(
      '\r\n--4Z/mx.example\r\nContent-Description: Undelivered',
      '\r\nFinal-Recipient: rfc822; b@aile.example\r\nAction: delivered\r\nStatus: 2.0.0\r\n\r\n--4Z/mx.example\r\nContent-Description: Undelivered',
    ),
    'not_final',
  ],
  ['a rule of the server', report({ status: '5.7.1' }), 'of_rules'],
] as const)('%s changes nothing', (_, text, flaw) => {
  expect(read(text)).toBe(flaw);
});

test('parts without end, and reports in reports, are read in time', () => {
  const begun = performance.now();
  const deep = Array.from(
    { length: 2_000 },
    (_, at) => `Content-Type: multipart/report; report-type=delivery-status; boundary=b${at}\r\n\r\n--b${at}\r\n`,
  ).join('');
  expect(read(deep)).toBe('broken');
  expect(read(`${report().split('--4Z')[0]}${'--4Z/mx.example\r\n\r\n'.repeat(40_000)}`)).toBe('broken');
  expect(read(`Content-Type: multipart/report; report-type=delivery-status; boundary="${' '.repeat(900_000)}`)).toBe(
    'broken',
  );
  expect(read(`${'A: '.repeat(300_000)}\r\n${'\r\n\t'.repeat(100_000)}`)).toBe('no_report');
  expect(performance.now() - begun).toBeLessThan(5_000);
});

test('whatever comes is a failure or a flaw, and no cut of a report names another mail', () => {
  const octets = Buffer.from(report(), 'latin1');
  const isOne = (said: ReturnType<typeof readReport>) =>
    typeof said === 'string' ? reportFlaws.includes(said) : said.messageId === messageId;
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => isOne(readReport(noise))));
  fc.assert(fc.property(fc.nat(octets.length), (end) => isOne(readReport(octets.subarray(0, end)))));
});
