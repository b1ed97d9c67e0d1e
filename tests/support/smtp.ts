import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';

/** A mail server for tests: takes every mail over SMTP (RFC 5321) and keeps it. */
export async function startMailCatcher() {
  const mails: { to: string; text: string }[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    const say = (line: string) => socket.write(`${line}\r\n`);
    let to = '';
    let held = '';
    let isData = false;
    say('220 catcher');
    socket.setEncoding('utf8').on('data', (piece: string) => {
      held += piece;
      for (;;) {
        const end = isData ? held.indexOf('\r\n.\r\n') : held.indexOf('\r\n');
        if (end === -1) return;
        const line = held.slice(0, end);
        held = held.slice(end + (isData ? 5 : 2));
        if (isData) {
          isData = false;
          mails.push({ to, text: readable(line) });
          say('250 kept');
        } else if (/^RCPT TO:/i.test(line)) {
          to = /<(.*)>/.exec(line)![1]!;
          say('250 ok');
        } else if (/^DATA/i.test(line)) {
          isData = true;
          say('354 go on');
        } else if (/^QUIT/i.test(line)) {
          say('221 bye');
          socket.end();
        } else say('250 ok');
      }
    });
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mails,
    /** The next matching mail to an address, as soon as it arrives. */
    async next(to: string, fits: RegExp, timeoutMs = 60_000): Promise<string> {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const at = mails.findIndex((mail) => mail.to === to && fits.test(mail.text));
        if (at !== -1) return mails.splice(at, 1)[0]!.text;
        if (Date.now() > deadline) throw new Error(`no mail to ${to} that fits ${fits}: ${JSON.stringify(mails)}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Subject and text, decoded. */
function readable(mail: string): string {
  const [head = '', ...rest] = mail.split('\r\n\r\n');
  const body = rest.join('\n');
  if (/base64/i.test(head)) return Buffer.from(body, 'base64').toString('utf8');
  if (!/quoted-printable/i.test(head)) return body;
  const octets = body
    .replaceAll('=\r\n', '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(octets, 'latin1').toString('utf8');
}
