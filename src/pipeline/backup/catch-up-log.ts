import { openCheckpoint } from '../../audit/checkpoint.ts';
import { leafHash } from '../../audit/merkle.ts';
import { parseVerifierKey } from '../../audit/signed-note.ts';
import { TileEdge } from '../../audit/tiles.ts';
import { getText } from '../core/signed-text.ts';
import { findCheckpoint, integrateLog, readPartialTiles } from '../oversight/integrate-log.ts';
import { ownKey } from '../oversight/note-reading.ts';
import { mirrorPrefix } from '../oversight/publish-log.ts';
import { readKeptEntries } from '../oversight/sealed-entries.ts';
import type { Outside } from '../ports/outside.ts';
import { BackupRefused } from './refusal.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'logSigner'>;

const caller = { actor: { kind: 'system', id: 'restore' } } as const;
const mostAtOnce = 2_000;

/**
 * Brings the log of a restored database to where its copy in the store ended: the entries that came after the backup are
 * appended again, word for word, after their hashes gave the root that the log had signed. So the log goes on, and says what
 * happened since the backup. Repeatable.
 * @throws BackupRefused `LOG_DIFFERS` when the copy does not continue this log; `LOG_AHEAD` when it lacks texts.
 */
export async function catchUpLog(
  outside: Needs,
  /** Entries without a place that the backup held: those that are not in the copy come last. */
  unplaced: readonly string[],
): Promise<{ readonly before: number; readonly after: number; readonly signedAt: number | null }> {
  const { database } = outside;
  const own = await findCheckpoint(database.read);
  const before = own?.size ?? 0;
  const copy = await readCopy(outside);
  if (copy !== null && copy.size <= before) await assertSame(outside, copy);
  const missing = copy === null || copy.size <= before ? [] : await readMissing(outside, before, copy);
  for (let at = 0; at < missing.length; at += mostAtOnce) await append(outside, missing.slice(at, at + mostAtOnce));
  const there = new Set(missing.map(entryIdOf));
  if (copy !== null && copy.size > before) {
    const now = await integrateLog(outside);
    if (now.size !== copy.size || !now.root.equals(copy.root)) throw new BackupRefused('LOG_DIFFERS');
  }
  await append(
    outside,
    unplaced.filter((entry) => !there.has(entryIdOf(entry))),
  );
  const { size } = await integrateLog(outside);
  return { before, after: size, signedAt: copy?.size ?? null };
}

/**
 * Whether the store has a head of this log over more entries than the database has: it was set back to an earlier moment. A
 * head that this log did not sign says nothing about that; publishing reports it (`oversight/publish-log.ts`).
 */
export async function isSetBack(outside: Needs): Promise<boolean> {
  try {
    const copy = await readCopy(outside);
    return copy !== null && copy.size > ((await findCheckpoint(outside.database.read))?.size ?? 0);
  } catch (error) {
    if (error instanceof BackupRefused) return false;
    throw error;
  }
}

interface LogCopy {
  readonly size: number;
  readonly root: Buffer;
}

/** The newest head in the store. Null: there is none, as in a store that was lost. */
async function readCopy(outside: Pick<Needs, 'objects' | 'logSigner'>): Promise<LogCopy | null> {
  const note = await getText(outside, `${mirrorPrefix}checkpoint`);
  if (note === null) return null;
  try {
    return openCheckpoint(note, { log: [parseVerifierKey(ownKey(outside))] });
  } catch (cause) {
    // Of another log, or by nobody: what it says is not about this one.
    throw new BackupRefused('LOG_DIFFERS', {}, cause);
  }
}

/** A copy that is not ahead is of this log, too. */
async function assertSame({ database }: Needs, { size, root }: LogCopy): Promise<void> {
  if (size === 0) return;
  const own = await database.read.auditCheckpoint.findFirst({ where: { size } });
  if (!own || !root.equals(own.root)) throw new BackupRefused('LOG_DIFFERS');
}

/** Entries `(before, copy.size]`, once they are known to be those. */
async function readMissing(outside: Needs, before: number, copy: LogCopy): Promise<string[]> {
  const edge = await outside.database.transact(
    caller,
    async (tx) => new TileEdge(before, await readPartialTiles(tx.db, before)),
  );
  const missing: string[] = [];
  for await (const entry of readKeptEntries(outside, before)) {
    if (edge.size === copy.size) break;
    for (const _ of edge.append(leafHash(entry)));
    missing.push(entry);
  }
  if (edge.size < copy.size) throw new BackupRefused('LOG_AHEAD', { have: before, found: edge.size, want: copy.size });
  if (!edge.root().equals(copy.root)) throw new BackupRefused('LOG_DIFFERS');
  return missing;
}

async function append({ database }: Needs, entries: readonly string[]): Promise<void> {
  if (entries.length === 0) return;
  await database.transact(caller, async (tx) => {
    await tx.db.$executeRaw`
      INSERT INTO audit_arrival (canonical)
      SELECT one.canonical FROM unnest(${[...entries]}::text[]) WITH ORDINALITY AS one (canonical, n) ORDER BY one.n
      ON CONFLICT DO NOTHING`;
  });
}

/** The id of an entry. */
export const entryIdOf = (entry: string) => String((JSON.parse(entry) as { id?: unknown }).id);
