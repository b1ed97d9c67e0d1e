import { type LogFilter, readFilter } from './log-filter.ts';

interface SavedFilter {
  readonly name: string;
  readonly filter: LogFilter;
}

const keptAs = 'emanet-log-filters';

/** Filters that somebody gave a name on this device, in the order of their names. */
export function savedFilters(): readonly SavedFilter[] {
  const text = localStorage.getItem(keptAs);
  if (text === null) return [];
  try {
    const value: unknown = JSON.parse(text);
    if (!Array.isArray(value)) return [];
    return value.flatMap((one: Partial<SavedFilter> | null) =>
      typeof one?.name === 'string' && typeof one.filter === 'object'
        ? [{ name: one.name, filter: readFilter(one.filter) }]
        : [],
    );
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

/** Another filter of the same name gives way. */
export function saveFilter(saved: SavedFilter): readonly SavedFilter[] {
  const others = savedFilters().filter(({ name }) => name !== saved.name);
  return keep([...others, saved].sort((a, b) => a.name.localeCompare(b.name, 'tr')));
}

export const removeFilter = (name: string): readonly SavedFilter[] =>
  keep(savedFilters().filter((one) => one.name !== name));

function keep(all: readonly SavedFilter[]): readonly SavedFilter[] {
  localStorage.setItem(keptAs, JSON.stringify(all));
  return all;
}
