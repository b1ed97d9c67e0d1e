export interface SubtitleLine {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
}

const times = /^(\d+):(\d\d):(\d\d)[,.](\d{3}) --> (\d+):(\d\d):(\d\d)[,.](\d{3})/;

/** Reads what ffmpeg's srt muxer wrote. Markup in angle brackets and braces is taken out; empty lines are dropped. */
export function parseSrt(srt: string): SubtitleLine[] {
  return srt.split(/\r?\n\r?\n/).flatMap((block) => {
    const lines = block.split(/\r?\n/);
    const at = lines.findIndex((line) => times.test(line));
    const match = times.exec(lines[at] ?? '');
    if (match === null) return [];
    const [, h1, m1, s1, ms1, h2, m2, s2, ms2] = match.map(Number) as number[];
    const text = lines
      .slice(at + 1)
      .join('\n')
      .replace(/<[^>]*>|\{\\[^}]*\}/g, '')
      .trim();
    if (text === '') return [];
    const toMs = (h = 0, m = 0, s = 0, ms = 0) => ((h * 60 + m) * 60 + s) * 1000 + ms;
    return [{ startMs: toMs(h1, m1, s1, ms1), endMs: toMs(h2, m2, s2, ms2), text }];
  });
}
