import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';

/** The input and output of a command. */
export interface Terminal {
  readonly stdin: Readable & { isTTY?: boolean; setRawMode?: (on: boolean) => unknown };
  readonly stdout: Writable & { isTTY?: boolean };
  readonly stderr: Writable & { isTTY?: boolean; columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The person pressed Ctrl-C or closed the input at a question. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

/** Questions go to stderr, so that stdout holds answers only. @throws Cancelled. */
export async function ask({ stdin, stderr }: Terminal, question: string): Promise<string> {
  const lines = createInterface({ input: stdin, output: stderr, terminal: stdin.isTTY === true });
  try {
    return await new Promise((resolve, reject) => {
      lines.once('close', () => reject(new Cancelled()));
      lines.once('SIGINT', () => reject(new Cancelled()));
      lines.question(question).then((answer) => resolve(answer.trim()), reject);
    });
  } finally {
    lines.close();
  }
}

/** Reads a secret without showing it. Only on a terminal. @throws Cancelled. */
export async function askHidden({ stdin, stderr }: Terminal, question: string): Promise<string> {
  stderr.write(question);
  stdin.setRawMode?.(true);
  stdin.setEncoding('utf8');
  try {
    return await new Promise((resolve, reject) => {
      let secret = '';
      const settle = (then: () => void) => {
        stdin.off('data', onData);
        stdin.off('end', onEnd);
        then();
      };
      const onEnd = () => settle(() => reject(new Cancelled()));
      const onData = (text: string) => {
        for (const key of text) {
          if (key === '\r' || key === '\n') return settle(() => resolve(secret));
          if (key === '\u0003' || key === '\u0004') return settle(() => reject(new Cancelled()));
          secret = key === '\u007f' || key === '\b' ? [...secret].slice(0, -1).join('') : secret + key;
        }
      };
      stdin.on('data', onData);
      stdin.once('end', onEnd);
      stdin.resume();
    });
  } finally {
    stdin.setRawMode?.(false);
    stdin.pause();
    stderr.write('\n');
  }
}

/** The whole of a piped input. */
export async function readAll(stdin: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
