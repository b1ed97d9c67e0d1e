import { createTransport } from 'nodemailer';

/**
 * Mail by SMTP. Without a server configured, mail is dropped on purpose: the inviting person is shown the invitation.
 */
export function createMailer(options: {
  smtpUrl: string | null;
  from: string;
  /** Sends no mail to a server that does not offer TLS or cannot prove its name. RFC 3207, RFC 8314. */
  needsTls: boolean;
}): {
  send(mail: { to: string; subject: string; text: string }): Promise<void>;
} {
  const { smtpUrl, from, needsTls } = options;
  if (smtpUrl === null) return { send: async () => {} };
  const transport = createTransport({
    ...addressOf(smtpUrl),
    ...(needsTls ? { requireTLS: true, tls: { rejectUnauthorized: true } } : {}),
  });
  return {
    async send(mail) {
      await transport.sendMail({ from, ...mail });
    },
  };
}

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
