/** The state of the log that this browser saw and checked last. */
export interface Seen {
  /** The key that signed it. */
  readonly key: string;
  /** The signed note. */
  readonly note: string;
}

const keptAs = 'emanet-log-seen';

/** Null: this browser never saw the log. */
export function readSeen(): Seen | null {
  const text = localStorage.getItem(keptAs);
  if (text === null) return null;
  try {
    const value = JSON.parse(text) as Partial<Seen> | null;
    if (typeof value?.key === 'string' && typeof value.note === 'string') return { key: value.key, note: value.note };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return null;
}

export const keepSeen = (seen: Seen): void => localStorage.setItem(keptAs, JSON.stringify(seen));

/** After a log was set back on purpose, from a backup: what comes next is taken as the first. */
export const forgetSeen = (): void => localStorage.removeItem(keptAs);
