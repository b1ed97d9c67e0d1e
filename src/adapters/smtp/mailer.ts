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
}): {
  send(letter: Letter): Promise<void>;
  /** Sends and says what the server answered; throws never. */
  hand(letter: Letter): Promise<Handed>;
} {
  const { smtpUrl, from, needsTls } = options;
  if (smtpUrl === null) {
    const cause = new Error('no mail server is configured');
    return { send: async () => {}, hand: async () => ({ outcome: 'unsent', cause }) };
  }
  const transport = createTransport({
    ...addressOf(smtpUrl),
    ...(needsTls ? { requireTLS: true, tls: { rejectUnauthorized: true } } : {}),
    // A server that says nothing holds up the letters behind this one.
    connectionTimeout: 30_000,
    greetingTimeout: 30_000,
    socketTimeout: 60_000,
  });
  return {
    async send(letter) {
      await transport.sendMail({ from, ...letter });
    },
    async hand(letter) {
      try {
        const { response } = await transport.sendMail({ from, ...letter });
        return { outcome: 'accepted', reply: short(response) };
      } catch (error) {
        return toHanded(error);
      }
    },
  };
}

/**
 * A code of 500 and more is final (RFC 5321, 4.2.1). Without any code the letter may have arrived only if its text had been
 * sent, which is the last thing that a client does.
 */
function toHanded(error: unknown): Handed {
  const { responseCode, response, command } = error as { responseCode?: number; response?: string; command?: string };
  if (responseCode !== undefined && responseCode >= 500) return { outcome: 'refused', reply: short(response ?? '') };
  if (responseCode === undefined && command === 'DATA') return { outcome: 'unknown', reply: short(String(error)) };
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
