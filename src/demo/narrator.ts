import { formatPercent } from '../cli/format.ts';
import { createBar } from '../cli/progress.ts';
import type { Language } from '../domain/language.ts';

/** Tells people in their language what is going on; on a terminal, with a bar for long work. */
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
    progress: (total) => {
      const bar = createBar(out, (done) => `    ${formatPercent(done, total, language)}`, { steps: 4 });
      return { at: (done) => bar.update(done, total), end: bar.end };
    },
  };
}
