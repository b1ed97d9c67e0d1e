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

/** A real mail server (`smtp-server`), which may be told to refuse an address, to be busy, or to hang before it answers. */
export async function startMailServer() {
  const mails: CaughtMail[] = [];
  const refused = new Set<string>();
  let isBusy = false;
  let hanging: Promise<void> | null = null;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    onRcptTo({ address }, _session, done) {
      if (refused.has(address)) return done(smtpError(550, '5.1.1 no such mailbox'));
      done(isBusy ? smtpError(451, '4.3.0 try again later') : null);
    },
    async onData(stream, session, done) {
      const mail = await simpleParser(stream);
      await hanging;
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
    setBusy(busy: boolean) {
      isBusy = busy;
    },
    /** Mail is taken and not answered until this is called back. */
    hang(): () => void {
      const { promise, resolve } = Promise.withResolvers<void>();
      hanging = promise;
      return () => {
        hanging = null;
        resolve();
      };
    },
    async next(to: string): Promise<CaughtMail> {
      await eventually(() => mails.some((mail) => mail.to === to), `a mail to ${to}`);
      const at = mails.findIndex((mail) => mail.to === to);
      return mails.splice(at, 1)[0]!;
    },
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

function smtpError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
