import type { Reason } from '../domain/reason.ts';
import type { ColumnMeaning } from '../domain/roster.ts';
import type { HeadedTable } from './headed-table.ts';
import { isSensitive } from './headings.ts';
import { refuseIfAny } from './refusal.ts';
import type { ColumnMapping } from './roster.ts';

export interface Column {
  readonly heading: string;
  /** Place in a row, from 0. */
  readonly at: number;
}

/** The columns that are read, by what they mean. */
export type Columns = ReadonlyMap<ColumnMeaning, readonly Column[]>;

/** What may stand in several columns: grade and section, first and second given name. */
const severalColumns: readonly ColumnMeaning[] = ['class', 'name', 'given', 'family'];

/**
 * The columns of a mapping, which comes from a person and may not fit.
 * @throws Refusal `ROSTER_UNREADABLE` with everything that does not fit.
 */
export function columnsOf({ file, headings }: HeadedTable, mapping: ColumnMapping): Columns {
  const reasons: Reason[] = [];
  const columns = new Map<ColumnMeaning, Column[]>();
  for (const [heading, meaning] of Object.entries(mapping)) {
    if (meaning === null) continue;
    const at = headings.indexOf(heading);
    const known = columns.get(meaning) ?? [];
    if (at < 0) reasons.push({ code: 'ROSTER_COLUMN_UNKNOWN', params: { file, column: heading } });
    if (isSensitive(heading)) reasons.push({ code: 'ROSTER_COLUMN_SENSITIVE', params: { file, column: heading } });
    if (known.length > 0 && !severalColumns.includes(meaning))
      reasons.push({ code: 'ROSTER_COLUMN_TWICE', params: { file, column: heading } });
    columns.set(
      meaning,
      [...known, { heading, at }].sort((one, other) => one.at - other.at),
    );
  }
  refuseIfAny([...reasons, ...missing(file, columns)]);
  return columns;
}

/** Who has no name or no class cannot be told from others. */
function missing(file: string, columns: Columns): Reason[] {
  const names: readonly ColumnMeaning[] = columns.has('name') ? ['name'] : ['given', 'family'];
  return [...names, 'class' as const]
    .filter((meaning) => !columns.has(meaning))
    .map((meaning) => ({ code: 'ROSTER_COLUMN_MISSING', params: { file, column: meaning } }));
}
