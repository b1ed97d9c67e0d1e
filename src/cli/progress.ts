import { clock } from '../domain/decision.ts';
import type { Language } from '../domain/language.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { formatBytes, formatPercent } from './format.ts';
import type { Terminal } from './terminal.ts';

const barWidth = 24;

/** One line about an upload: percentage, bytes sent, speed, and remaining time. */
export function describeProgress(sent: number, total: number, elapsedMs: number, language: Language): string {
  const t = textsIn(language).cli.progress;
  const perSecond = elapsedMs > 0 ? (sent / elapsedMs) * 1000 : 0;
  const parts = [
    formatPercent(sent, total, language).padStart(4),
    `${formatBytes(sent, language)} / ${formatBytes(total, language)}`,
    fill(t.perSecond, { bytes: formatBytes(perSecond, language) }),
  ];
  if (sent < total && perSecond > 0) {
    const leftMs = Math.ceil((total - sent) / perSecond) * 1000;
    parts.push(fill(t.left, { time: clock(leftMs) }));
  }
  return parts.join('  ');
}

/**
 * Progress of long work. On a terminal: one line with a moving bar, at most ten times a second. Anywhere else: a line
 * at each of `steps` equal parts. `end` leaves the cursor at the start of an empty line.
 */
export function createBar(
  out: Terminal['stderr'],
  describe: (done: number, total: number) => string,
  { steps = 10 } = {},
) {
  let drawnAt = Number.NEGATIVE_INFINITY;
  let step = 0;
  let hasDrawn = false;
  return {
    update(done: number, total: number): void {
      const share = total > 0 ? Math.min(1, done / total) : 1;
      if (out.isTTY) {
        const now = performance.now();
        if (now - drawnAt < 100 && done < total) return;
        drawnAt = now;
        hasDrawn = true;
        const filled = Math.floor(share * barWidth);
        out.write(`\r\x1b[K[${'█'.repeat(filled)}${'·'.repeat(barWidth - filled)}] ${describe(done, total)}`);
      } else {
        const reached = Math.floor(share * steps);
        if (reached <= step) return;
        step = reached;
        out.write(`${describe(done, total)}\n`);
      }
    },
    end(): void {
      if (hasDrawn) out.write('\r\x1b[K');
    },
  };
}

/** Shows an upload: {@link createBar} with {@link describeProgress}; with `quiet` nothing. */
export function createProgress(
  { stderr }: Pick<Terminal, 'stderr'>,
  language: Language,
  { label, quiet }: { readonly label: string; readonly quiet: boolean },
) {
  const begunAt = performance.now();
  const bar = createBar(
    stderr,
    (sent, total) => `${label}  ${describeProgress(sent, total, performance.now() - begunAt, language)}`,
  );
  return quiet ? { update: () => {}, end: () => {} } : bar;
}
