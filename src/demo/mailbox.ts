import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../assembly/context.ts';

type Mailer = Context['mailer'];
type Letter = Parameters<Mailer['send']>[0];

/** Catches the mails of the demo: nothing leaves this machine. Each lies as a text in the folder, to be read. */
export interface DemoMailbox extends Mailer {
  /** The next letter to an address, as soon as it is there. @throws Error after a minute without one. */
  next(to: string): Promise<Letter>;
}

export function createDemoMailbox(folder: string): DemoMailbox {
  const letters: Letter[] = [];
  const waiting: (() => void)[] = [];
  let count = 0;
  const keep = async (letter: Letter) => {
    count += 1;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const name = `${String(count).padStart(3, '0')}-${letter.to.replaceAll(/[^\w.@-]/g, '_')}.txt`;
    await writeFile(join(folder, name), `${letter.to}\n${letter.subject}\n\n${letter.text}`, { mode: 0o600 });
    letters.push(letter);
    for (const look of waiting.splice(0)) look();
  };
  return {
    send: keep,
    async hand(letter) {
      await keep(letter);
      return { outcome: 'accepted', reply: '250 kept for the demo' };
    },
    async next(to) {
      for (;;) {
        const at = letters.findIndex((letter) => letter.to === to);
        const [found] = at === -1 ? [] : letters.splice(at, 1);
        if (found) return found;
        await new Promise<void>((resolve, reject) => {
          const over = setTimeout(() => reject(new Error(`no letter to ${to}`)), 60_000);
          waiting.push(() => {
            clearTimeout(over);
            resolve();
          });
        });
      }
    },
  };
}
