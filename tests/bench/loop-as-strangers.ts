/** Strangers who never stop asking. `node loop-as-strangers.ts URL HOW_MANY`; begins at once, ends when told to. */
import { Agent, request } from 'node:http';
import { setPriority } from 'node:os';

setPriority(19);
const [url = '', many = '1'] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: Number(many) });
const answers: Record<string, number> = {};
const token = 'x'.repeat(43);
const asks: readonly [path: string, body: (n: number) => object | null][] = [
  ['/api/session', (n) => ({ email: `stranger${n}@school.example`, password: 'not the password' })],
  ['/api/invitations/accept', () => ({ token, password: 'correct horse battery' })],
  ['/api/password-reset/finish', () => ({ token, password: 'correct horse battery' })],
  ['/api/session', (n) => ({ email: 'tuna.teacher@school.example', password: `guess number ${n} of many` })],
  ['/api/recordings', () => null],
];
let isOver = false;
let n = 0;

function ask(stranger: number): Promise<void> {
  const [path, body] = asks[n++ % asks.length]!;
  const content = body(n);
  const text = content === null ? null : JSON.stringify(content);
  return new Promise((resolve) => {
    const asking = request(
      url + path,
      {
        agent,
        method: text === null ? 'GET' : 'POST',
        headers: {
          'x-forwarded-for': `10.20.${stranger >> 8}.${stranger & 255}`,
          ...(text === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        },
      },
      (response) => {
        answers[response.statusCode!] = (answers[response.statusCode!] ?? 0) + 1;
        response.once('close', resolve).resume();
      },
    );
    // A server that closes the connection on a stranger has answered, too.
    asking.once('error', () => {
      answers.broken = (answers.broken ?? 0) + 1;
      setTimeout(resolve, 50);
    });
    asking.end(text ?? undefined);
  });
}

const loops = Array.from({ length: Number(many) }, async (_, stranger) => {
  while (!isOver) await ask(stranger);
});
setTimeout(() => process.send!('begun'), 1_000);
process.once('message', async () => {
  isOver = true;
  await Promise.all(loops);
  process.send!(answers, () => process.exit(0));
});
