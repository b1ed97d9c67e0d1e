import type { Reason } from '../domain/reason.ts';
import { rosterLimits } from './limits.ts';
import { refuseIfAny, tooLarge } from './refusal.ts';

export interface Member {
  /** As the archive or the folder says it. */
  readonly name: string;
  /** Unpacked. */
  readonly bytes: number;
}

/** Whether the archive is a workbook (ECMA-376-2, 7.2.3: the part of content types). */
export const isWorkbook = (members: readonly Member[]): boolean =>
  members.some(({ name }) => name === '[Content_Types].xml');

/**
 * Says no to an archive or folder before anything of it is unpacked.
 * @throws Refusal `TOO_LARGE`, or `ROSTER_UNREADABLE` for archives inside, names that are paths elsewhere, and names that
 * come twice.
 */
export function checkMembers(members: readonly Member[]): void {
  const { members: most, unpackedBytes } = rosterLimits;
  if (members.length > most) throw tooLarge({ code: 'ROSTER_TOO_MANY_FILES', params: { most } });
  if (members.reduce((sum, { bytes }) => sum + bytes, 0) > unpackedBytes)
    throw tooLarge({ code: 'ROSTER_UNPACKED_TOO_LARGE', params: { mebibytes: unpackedBytes / 1024 ** 2 } });
  const reasons: Reason[] = [];
  const seen = new Set<string>();
  for (const { name: file } of members) {
    if (isElsewhere(file)) reasons.push({ code: 'ROSTER_MEMBER_NAME', params: { file } });
    if (/\.(?:zip|7z|rar|tar|gz|tgz|bz2|xz)$/i.test(file)) reasons.push(nestedArchive(file));
    if (seen.has(tableName(file)) && isTable(file)) reasons.push({ code: 'ROSTER_FILE_TWICE', params: { file } });
    seen.add(tableName(file));
  }
  refuseIfAny(reasons);
}

export const nestedArchive = (file: string): Reason => ({ code: 'ROSTER_NESTED_ARCHIVE', params: { file } });

/** The name without folders, in small letters; what an Apple computer adds to an archive has none. */
export function tableName(name: string): string {
  const last = name.split('/').at(-1) ?? '';
  return name.startsWith('__MACOSX/') || last.startsWith('.') ? '' : last.toLowerCase();
}

const isTable = (name: string) => tableName(name).endsWith('.csv');

const isElsewhere = (name: string): boolean =>
  /^(?:[/\\]|[a-z]:)/i.test(name) || name.split(/[/\\]/).some((part) => part === '..');
