/** Findings of lines in one text or recording. A file can claim rights in every line: a person reads no thousand. */
export const mostLines = 200;

/** A stretch in which lines were found; `more` lines are in it that are not shown. */
export interface LineStretch {
  readonly startMs: number;
  readonly endMs: number;
  readonly more: number;
}

/** At most `mostLines`, in order of time: the last one stands for itself and for all that follow. */
export function fewLines<Stretch extends LineStretch>(stretches: readonly Stretch[]): readonly Stretch[] {
  const last = stretches[mostLines - 1];
  if (last === undefined || stretches.length === mostLines) return stretches;
  const rest = stretches.slice(mostLines);
  return [
    ...stretches.slice(0, mostLines - 1),
    {
      ...last,
      endMs: rest.reduce((end, one) => Math.max(end, one.endMs), last.endMs),
      more: rest.reduce((more, one) => more + 1 + one.more, last.more),
    },
  ];
}
