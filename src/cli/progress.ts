import type { Language } from '../domain/language.ts';
import { fill, textsIn } from '../language/catalogue.ts';
import { formatBytes, formatPercent } from './format.ts';
import type { Terminal } from './terminal.ts';

const barWidth = 24;

/** One line about an upload: percentage, what has left, speed, and how long it still takes. */
export function describeProgress(sent: number, total: number, elapsedMs: number, language: Language): string {
  const t = textsIn(language).cli.progress;
  const perSecond = elapsedMs > 0 ? (sent / elapsedMs) * 1000 : 0;
  const parts = [
    formatPercent(sent, total, language).padStart(4),
    `${formatBytes(sent, language)} / ${formatBytes(total, language)}`,
    fill(t.perSecond, { bytes: formatBytes(perSecond, language) }),
  ];
  if (sent < total && perSecond > 0) {
    const seconds = Math.ceil((total - sent) / perSecond);
    const left = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    parts.push(fill(t.left, { time: left }));
  }
  return parts.join('  ');
}

/** Shows an upload on a terminal as one line that moves; anywhere else as a line for every tenth part. */
export function createProgress(
  { stderr }: Pick<Terminal, 'stderr'>,
  language: Language,
  { label, quiet }: { readonly label: string; readonly quiet: boolean },
) {
  const begunAt = performance.now();
  let drawnAt = Number.NEGATIVE_INFINITY;
  let tenth = 0;
  let hasDrawn = false;
  return {
    update(sent: number, total: number): void {
      if (quiet) return;
      const now = performance.now();
      const line = () => `${label}  ${describeProgress(sent, total, now - begunAt, language)}`;
      if (stderr.isTTY) {
        if (now - drawnAt < 100 && sent < total) return;
        drawnAt = now;
        hasDrawn = true;
        const filled = total > 0 ? Math.floor((sent / total) * barWidth) : barWidth;
        stderr.write(`\r\x1b[K[${'█'.repeat(filled)}${'·'.repeat(barWidth - filled)}] ${line()}`);
      } else {
        const reached = total > 0 ? Math.floor((sent / total) * 10) : 10;
        if (reached <= tenth) return;
        tenth = reached;
        stderr.write(`${line()}\n`);
      }
    },
    /** Leaves the cursor at the start of an empty line. */
    end(): void {
      if (hasDrawn) stderr.write('\r\x1b[K');
    },
  };
}
