import type { Id } from '../../domain/ids.ts';

/** Where a page of a list ended that is sorted by a time, the newest first. */
export interface Moment {
  readonly at: Date;
  readonly id: Id;
}

/** What comes after a place. The first condition is implied by the second, and is what an index can begin at. */
export const after = <Column extends string>(column: Column, { at, id }: Moment) => [
  { [column]: { lte: at } },
  { OR: [{ [column]: { lt: at } }, { [column]: at, id: { lt: id } }] },
];

/** One page out of rows of which one more than `limit` was asked for, and where the next begins. */
export function pageOf<Row extends { readonly id: Id }>(
  rows: readonly Row[],
  limit: number,
  timeOf: (row: Row) => Date,
): { rows: Row[]; next: readonly [by: string, id: Id] | null } {
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return { rows: page, next: last ? [timeOf(last).toISOString(), last.id] : null };
}
