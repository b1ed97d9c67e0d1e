import { createTransport } from 'nodemailer';

/** Mail by SMTP. Without a server configured, mail is dropped on purpose: the invitation is shown to who invites. */
export function createMailer(options: { smtpUrl: string | null; from: string }): {
  send(mail: { to: string; subject: string; text: string }): Promise<void>;
} {
  const { smtpUrl, from } = options;
  if (smtpUrl === null) return { send: async () => {} };
  const transport = createTransport(smtpUrl);
  return {
    async send(mail) {
      await transport.sendMail({ from, ...mail });
    },
  };
}
