import type { Reason } from '../domain/reason.ts';
import type { Grid } from './grid.ts';
import { type Records, readRecords } from './records.ts';
import { unreadable } from './refusal.ts';

/** Files that belong together, as OneRoster and SDS write them: by name in small letters, without a folder. */
export interface Bundle {
  readonly tables: ReadonlyMap<string, Grid>;
  /** Members that are there and were not unpacked. */
  readonly unread: readonly string[];
}

/** What is read of a bundle. */
export const bundleFiles = [
  'manifest.csv',
  'orgs.csv',
  'users.csv',
  'roles.csv',
  'classes.csv',
  'enrollments.csv',
  'relationships.csv',
] as const;
export type BundleFile = (typeof bundleFiles)[number];

/** Demographics and credentials: never unpacked, and named in what is dropped. */
const dropped = ['demographics.csv', 'userprofiles.csv'];
const droppedColumns = ['password', 'userIds', 'userId', 'pronouns'];

/** @throws Refusal `ROSTER_UNREADABLE` if neither format has such files. */
export function formatOf({ tables }: Bundle): 'oneroster' | 'sds' {
  const headings = tables.get('users.csv')?.rows[0]?.cells ?? [];
  if (tables.has('manifest.csv') || headings.includes('enabledUser')) return 'oneroster';
  if (tables.has('users.csv') && tables.has('roles.csv')) return 'sds';
  throw unreadable({
    code: 'ROSTER_FILE_MISSING',
    params: { file: tables.has('users.csv') ? 'manifest.csv' : 'users.csv' },
  });
}

/** The records of one file, with no row where there is no such file. */
export function recordsOf({ tables }: Bundle, file: BundleFile, needed: readonly string[], reasons: Reason[]): Records {
  const grid = tables.get(file);
  return grid === undefined ? readRecords({ file, rows: [] }, [], reasons) : readRecords(grid, needed, reasons);
}

/** Names of what was dropped unread. */
export const droppedOf = ({ unread }: Bundle, users: Records): string[] => [
  ...droppedColumns.filter((column) => users.isUsed(column)),
  ...unread.filter((name) => dropped.includes(name.toLowerCase())),
];
