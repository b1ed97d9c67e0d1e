import { type Bundle, formatOf } from './bundle.ts';
import { withinLimits } from './grid.ts';
import { readOneRoster } from './oneroster.ts';
import type { RosterReading } from './roster.ts';
import { readSds } from './sds.ts';

/** Files that belong together. @throws Refusal `ROSTER_UNREADABLE`, `TOO_LARGE`. */
export function readBundle(bundle: Bundle): RosterReading {
  for (const grid of bundle.tables.values()) withinLimits(grid);
  const read = { oneroster: readOneRoster, sds: readSds }[formatOf(bundle)];
  return { outcome: 'roster', roster: read(bundle) };
}
