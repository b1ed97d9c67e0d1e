import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Database, Transaction } from '../ports/database.ts';

type Db = Database['read'] | Transaction['db'];

const withVersions = {
  versions: { orderBy: { number: 'asc' }, include: { sealed: true } },
} as const satisfies Prisma.CaptionsInclude;
export type CaptionsRow = Prisma.CaptionsGetPayload<{ include: typeof withVersions }>;
export type VersionRow = CaptionsRow['versions'][number];

/** All captions of a recording, also those that were removed. */
export const findCaptions = (db: Db, recordingId: Id): Promise<CaptionsRow[]> =>
  db.captions.findMany({ where: { recordingId }, include: withVersions, orderBy: { createdAt: 'asc' } });

/** @throws Refusal `NOT_FOUND`. */
export async function findLanguage(db: Db, recordingId: Id, language: string): Promise<CaptionsRow> {
  const where = { recordingId_language: { recordingId, language } };
  const row = await db.captions.findUnique({ where, include: withVersions });
  if (!row) throw new Refusal('NOT_FOUND');
  return row;
}

/** @throws Refusal `NOT_FOUND`: there is no such version. */
export function versionOf(row: CaptionsRow, number: number): VersionRow {
  const version = row.versions.find((one) => one.number === number);
  if (!version)
    throw new Refusal('NOT_FOUND', { reasons: [{ code: 'CAPTIONS_NO_VERSION', params: { version: number } }] });
  return version;
}

/** Null where none is in force. */
export const currentOf = (row: CaptionsRow): VersionRow | null =>
  row.versions.find(({ number }) => number === row.current) ?? null;

/** Refuses a change by somebody who has read another version. @throws Refusal `STATE_CHANGED`, `NOT_FOUND`. */
export function assertRead({ current }: { readonly current: number | null }, read: number | null): void {
  if (current === read) return;
  if (current === null) throw new Refusal('NOT_FOUND');
  throw new Refusal('STATE_CHANGED', { reasons: [{ code: 'CAPTIONS_CHANGED', params: { version: current } }] });
}
