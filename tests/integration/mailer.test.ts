import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createMailer } from '../../src/adapters/smtp/mailer.ts';

const letter = { to: 'veli@aile.example', subject: 'Okul', text: 'Merhaba', messageId: '<1@okul.example>' };
let server: Server | undefined;
const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server?.close();
});

type Said = string | 'cut' | 'silence';

/** A mail server that says something else at one place, or falls silent, or cuts the line. Returns what became of a letter. */
async function handTo(said: Partial<Record<'greeting' | 'MAIL' | 'RCPT' | 'DATA' | 'text', Said>>) {
  let texts = 0;
  server = createServer((socket) => {
    sockets.add(socket);
    const say = (place: keyof typeof said, usual: string) => {
      const line = said[place] ?? usual;
      if (line === 'cut') socket.destroy();
      else if (line !== 'silence') socket.write(`${line}\r\n`);
    };
    let held = '';
    let isText = false;
    say('greeting', '220 okul');
    socket.setEncoding('utf8').on('data', (piece: string) => {
      held += piece;
      for (;;) {
        const mark = isText ? '\r\n.\r\n' : '\r\n';
        const end = held.indexOf(mark);
        if (end === -1) return;
        const line = held.slice(0, end);
        held = held.slice(end + mark.length);
        if (isText) {
          isText = false;
          texts++;
          say('text', '250 kept');
        } else if (line.startsWith('MAIL')) say('MAIL', '250 ok');
        else if (line.startsWith('RCPT')) say('RCPT', '250 ok');
        else if (line.startsWith('DATA')) {
          isText = !said.DATA;
          say('DATA', '354 go on');
        } else socket.write('250 ok\r\n');
      }
    });
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const mailer = createMailer({
    smtpUrl: `smtp://127.0.0.1:${port}`,
    from: 'okul@okul.example',
    needsTls: false,
    silenceMs: 300,
  });
  const { outcome } = await mailer.hand(letter);
  return { outcome, texts };
}

test('a letter that is taken is accepted', async () => {
  expect(await handTo({})).toEqual({ outcome: 'accepted', texts: 1 });
});

test.each(['cut', 'silence'])(
  'a server that has the text and then: %s, may have kept it: nobody sends it again',
  async (end) => {
    expect(await handTo({ text: end })).toEqual({ outcome: 'unknown', texts: 1 });
  },
);

test.each([
  { RCPT: 'cut' },
  { MAIL: 'silence' },
  { DATA: 'cut' },
  { RCPT: '451 4.3.0 later' },
  { text: '451 4.3.0 later' },
])('%j: it has not got it, and is asked again', async (said) => {
  expect((await handTo(said)).outcome).toBe('unsent');
});

test.each([{ RCPT: '550 5.1.1 no such mailbox' }, { text: '550 5.1.1 no such mailbox' }])(
  '%j is said of the address',
  async (said) => {
    expect((await handTo(said)).outcome).toBe('refused');
  },
);

test.each([
  { greeting: '554 5.3.2 no service here' },
  { MAIL: '535 5.7.8 authentication failed' },
  { MAIL: '550 5.1.8 bad sender' },
  { RCPT: '550 5.7.1 relaying denied' },
])('%j is said of the school and of no family', async (said) => {
  expect((await handTo(said)).outcome).toBe('unsent');
});
