import { buffer } from 'node:stream/consumers';
import { checkMembers, nestedArchive, tableName } from '../../rosters/archive-members.ts';
import { bundleFiles } from '../../rosters/bundle.ts';
import { kindOf } from '../../rosters/file-kind.ts';
import type { Grid } from '../../rosters/grid.ts';
import { readBundle } from '../../rosters/read-bundle.ts';
import { unreadable } from '../../rosters/refusal.ts';
import type { RosterReading } from '../../rosters/roster.ts';
import type { Archive, ArchiveReader, RosterFile, TableReader } from '../ports/readers.ts';
import { readText } from './roster-text.ts';

export interface BundleTools {
  readonly archives: ArchiveReader;
  readonly tables: TableReader;
}

/** Unpacks the members that are read, and no other. @throws Refusal `ROSTER_UNREADABLE`, `TOO_LARGE`. */
export async function readArchive(tools: BundleTools, archive: Archive): Promise<RosterReading> {
  checkMembers(archive.entries);
  const files: RosterFile[] = [];
  for (const entry of archive.entries)
    if (isRead(entry.name)) files.push({ name: entry.name, bytes: await buffer(archive.read(entry)) });
  return read(tools, files, archive.entries);
}

/** Files of one folder. @throws Refusal `ROSTER_UNREADABLE`, `TOO_LARGE`. */
export function readFolder(tools: BundleTools, files: readonly RosterFile[]): RosterReading {
  checkMembers(files.map(({ name, bytes }) => ({ name, bytes: bytes.length })));
  return read(
    tools,
    files.filter(({ name }) => isRead(name)),
    files,
  );
}

const isRead = (name: string) => bundleFiles.some((file) => file === tableName(name));

function read(
  { tables }: BundleTools,
  files: readonly RosterFile[],
  all: readonly { readonly name: string }[],
): RosterReading {
  const nested = files.filter(({ bytes }) => kindOf(bytes) === 'archive');
  if (nested.length > 0) throw unreadable(...nested.map(({ name }) => nestedArchive(name)));
  const grids = files.map((file): [string, Grid] => {
    const name = tableName(file.name);
    return [name, readText(tables, { name, bytes: file.bytes })];
  });
  const unread = all.filter(({ name }) => !isRead(name)).map(({ name }) => name.split('/').at(-1) ?? name);
  return readBundle({ tables: new Map(grids), unread });
}
