import { Readable } from 'node:stream';
import { createTransport } from 'nodemailer';
import type { Handed } from '../../pipeline/ports/mail.ts';

export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly messageId?: string;
}

/**
 * Mail by SMTP. Without a server configured, mail is dropped on purpose: the inviting person is shown the invitation.
 */
export function createMailer(options: {
  smtpUrl: string | null;
  from: string;
  /** Sends no mail to a server that does not offer TLS or cannot prove its name. RFC 3207, RFC 8314. */
  needsTls: boolean;
  /** How long a server may say nothing in the middle of a letter. */
  silenceMs?: number;
}): {
  send(letter: Letter): Promise<void>;
  /** Sends and says what the server answered; throws never. */
  hand(letter: Letter): Promise<Handed>;
  /** Whether the server lets us in: connects, and signs in where the address says as whom. @throws what was in the way. */
  verify(): Promise<void>;
} {
  const { smtpUrl, from, needsTls, silenceMs = 60_000 } = options;
  if (smtpUrl === null) {
    const cause = new Error('no mail server is configured');
    return {
      send: async () => {},
      hand: async () => ({ outcome: 'unsent', cause }),
      verify: () => Promise.reject(cause),
    };
  }
  const open = () =>
    createTransport({
      ...addressOf(smtpUrl),
      ...(needsTls ? { requireTLS: true, tls: { rejectUnauthorized: true } } : {}),
      // A server that says nothing holds up the letters behind this one.
      connectionTimeout: 30_000,
      greetingTimeout: 30_000,
      socketTimeout: silenceMs,
    });
  const transport = open();
  return {
    async verify() {
      await open().verify();
    },
    async send(letter) {
      await transport.sendMail({ from, ...letter });
    },
    async hand(letter) {
      let isTextOut = false;
      const own = open().use('stream', (mail, done) => {
        // The text is read when the server has said that it takes it, and not before.
        const text = mail.message.createReadStream.bind(mail.message);
        mail.message.createReadStream = () =>
          Readable.from(
            (async function* () {
              isTextOut = true;
              yield* text();
            })(),
            { objectMode: false },
          );
        done();
      });
      try {
        const { response } = await own.sendMail({ from, ...letter });
        return { outcome: 'accepted', reply: short(response) };
      } catch (error) {
        return toHanded(error, isTextOut);
      }
    },
  };
}

/**
 * A code of 500 and more is final (RFC 5321, 4.2.1), and says something of the address only where the address or the text was
 * refused, and not for a rule of the server (RFC 3463, 3.8: 5.7.x): a wrong password of the school is no family's fault.
 * Without any code the letter may have arrived if its text had begun to go out.
 */
function toHanded(error: unknown, isTextOut: boolean): Handed {
  const {
    responseCode,
    response = '',
    command = '',
  } = error as {
    responseCode?: number;
    response?: string;
    command?: string;
  };
  const isOfAddress = ['RCPT TO', 'DATA'].includes(command) && !/^5\d\d[ -]5\.7\./.test(response);
  if (responseCode !== undefined && responseCode >= 500 && isOfAddress)
    return { outcome: 'refused', reply: short(response) };
  if (responseCode === undefined && isTextOut) return { outcome: 'unknown', reply: short(String(error)) };
  return { outcome: 'unsent', cause: error };
}

const short = (reply: string) => reply.slice(0, 500);

function addressOf(smtpUrl: string) {
  const url = new URL(smtpUrl);
  const isSecure = url.protocol === 'smtps:';
  const user = decodeURIComponent(url.username);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || (isSecure ? 465 : 587)),
    secure: isSecure,
    ...(user === '' ? {} : { auth: { user, pass: decodeURIComponent(url.password) } }),
  };
}
