import type { Grid } from './grid.ts';
import { type HeadedTable, headedTable } from './headed-table.ts';
import { isSensitive, suggest } from './headings.ts';
import { columnsOf } from './mapped-columns.ts';
import { readMapped } from './mapped-table.ts';
import type { ColumnMapping, RosterReading, TableToMap } from './roster.ts';

const sampleRows = 5;

/**
 * A list of pupils whose columns a person says the meaning of. Without a mapping it answers what the headings suggest, or
 * refuses where no heading is left that could mean what is missing.
 * @throws Refusal `ROSTER_UNREADABLE`.
 */
export function readTable(grid: Grid, mapping?: ColumnMapping): RosterReading {
  const table = headedTable(grid);
  if (mapping !== undefined) return { outcome: 'roster', roster: readMapped(table, columnsOf(table, mapping)) };
  const suggested = suggest(table.headings);
  const isOpen = ({ headings, rows }: HeadedTable) =>
    headings.some(
      (heading, at) =>
        suggested[heading] === null && !isSensitive(heading) && rows.some(({ cells }) => (cells[at] ?? '') !== ''),
    );
  if (!isOpen(table)) columnsOf(table, suggested);
  return { outcome: 'mapping', table: toMap(table, suggested) };
}

function toMap({ headings, rows }: HeadedTable, suggested: ColumnMapping): TableToMap {
  const sample = rows
    .slice(0, sampleRows)
    .map(({ cells }) => headings.map((heading, at) => (isSensitive(heading) ? '' : (cells[at] ?? ''))));
  return { headings, suggested, sample };
}
