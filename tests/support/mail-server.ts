import type { AddressInfo } from 'node:net';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { eventually } from './eventually.ts';

export interface CaughtMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
}

/** A real mail server (`smtp-server`), which may be told to refuse an address or to be busy. */
export async function startMailServer() {
  const mails: CaughtMail[] = [];
  const refused = new Set<string>();
  const turnedAway = new Set<string>();
  let isBusy = false;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    onRcptTo({ address }, _session, done) {
      if (refused.has(address)) return done(smtpError(550, '5.1.1 no such mailbox'));
      if (isBusy) turnedAway.add(address);
      done(isBusy ? smtpError(451, '4.3.0 try again later') : null);
    },
    async onData(stream, session, done) {
      const mail = await simpleParser(stream);
      mails.push({
        to: session.envelope.rcptTo[0]?.address ?? '',
        subject: mail.subject ?? '',
        text: mail.text ?? '',
        html: mail.html || '',
        messageId: mail.messageId ?? '',
      });
      done(null);
    },
  });
  server.on('error', () => {}); // a client that is cut off
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    refused,
    /** Addresses for which it was too busy. */
    turnedAway,
    setBusy(busy: boolean) {
      isBusy = busy;
    },
    /** The next mail to an address whose text fits, as soon as it arrives. */
    async next(to: string, fits = /^/): Promise<CaughtMail> {
      const isIt = (mail: CaughtMail) => mail.to === to && fits.test(mail.text);
      await eventually(() => mails.some(isIt), `a mail to ${to} that fits ${fits}`);
      return mails.splice(mails.findIndex(isIt), 1)[0]!;
    },
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

function smtpError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
