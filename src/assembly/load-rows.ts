import { randomUUID } from 'node:crypto';
import { migrateQueue } from '../adapters/graphile-worker/queue.ts';
import { clearDatabase, loadDump, markRestore, readTargetState } from '../adapters/postgres-copy/load.ts';
import { applyMigrations, MigrationFault } from '../adapters/prisma/migrate.ts';
import type { Told } from '../pipeline/backup/copy-objects.ts';
import { folderOfBackup, type Manifest } from '../pipeline/backup/manifest.ts';
import { BackupRefused } from '../pipeline/backup/refusal.ts';
import { openPart } from '../pipeline/core/sealed-message.ts';
import { DumpRefused } from '../pipeline/ports/database-copy.ts';
import type { ObjectStore } from '../pipeline/ports/object-store.ts';
import type { OpeningKey } from '../vault/keyring.ts';
import { migrate } from './first-start.ts';

/** A backup, and what opens it. */
export interface OpenBackup {
  readonly manifest: Manifest;
  readonly opening: readonly OpeningKey[];
}

/**
 * Rows into an empty database, in tables that the backup's own migrations make; the newer migrations come afterwards. The
 * mark that keeps every process from serving is set before the first row.
 * @throws BackupRefused `DATABASE_IN_USE`, `DATABASE_NOT_EMPTY`, `OTHER_VERSION`, `NOT_A_DUMP`.
 */
export async function loadRows(
  ownerUrl: string,
  place: ObjectStore,
  { manifest, opening }: OpenBackup,
  { isReplacing, tell }: { readonly isReplacing: boolean; readonly tell: Told },
): Promise<{ id: string; unplaced: readonly string[] }> {
  const state = await readTargetState(ownerUrl);
  if (state === 'in use') throw new BackupRefused('DATABASE_IN_USE');
  if (state === 'filled' && !isReplacing) throw new BackupRefused('DATABASE_NOT_EMPTY');
  if (state !== 'empty') await clearDatabase(ownerUrl);
  const id = randomUUID();
  try {
    await applyMigrations(ownerUrl, undefined, manifest.migrations);
    await markRestore(ownerUrl, id, manifest.id);
    await migrateQueue(ownerUrl);
    const rows = openPart(place, `${folderOfBackup(manifest.id)}/database`, manifest.database, opening);
    const { unplaced } = await loadDump(ownerUrl, manifest, counted(rows, tell));
    await migrate(ownerUrl);
    return { id, unplaced };
  } catch (error) {
    if (error instanceof MigrationFault) throw new BackupRefused('OTHER_VERSION', { why: error.message }, error);
    if (error instanceof DumpRefused) throw new BackupRefused('NOT_A_DUMP', { why: error.message }, error);
    throw error;
  }
}

async function* counted(octets: AsyncIterable<Uint8Array>, tell: Told): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const piece of octets) {
    done += piece.length;
    tell({ stage: 'load', done, total: 0 });
    yield piece;
  }
}
