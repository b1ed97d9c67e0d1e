import type { Language } from '../domain/language.ts';

/** Tells people in their language what is going on; a bar for long work where there is a terminal. */
export interface Narrator {
  readonly language: Language;
  step(text: string): void;
  line(text: string): void;
  refusal(title: string): void;
  progress(total: number): { at(done: number): void; end(): void };
}

export function createNarrator(language: Language, out: NodeJS.WriteStream = process.stdout): Narrator {
  const colour = (code: number, text: string) => (out.isTTY ? `\u001b[${code}m${text}\u001b[0m` : text);
  let step = 0;
  return {
    language,
    step(text) {
      step++;
      out.write(`\n${colour(1, `${String(step).padStart(2)}. ${text}`)}\n`);
    },
    line: (text) => {
      out.write(`    ${text}\n`);
    },
    refusal: (title) => {
      out.write(`    ${colour(33, `✋ ${title}`)}\n`);
    },
    progress(total) {
      let shown = -1;
      const show = (done: number) => {
        const percent = total > 0 ? Math.min(100, Math.floor((100 * done) / total)) : 100;
        // Without a terminal a line every quarter is enough.
        if (percent === shown || (!out.isTTY && percent < shown + 25)) return;
        shown = percent;
        const bar = '█'.repeat(Math.floor(percent / 4)).padEnd(25, '░');
        out.write(out.isTTY ? `\r    ${bar} ${percent}% ` : `    ${bar} ${percent}%\n`);
      };
      return {
        at: show,
        end: () => {
          if (out.isTTY && shown >= 0) out.write('\n');
        },
      };
    },
  };
}
