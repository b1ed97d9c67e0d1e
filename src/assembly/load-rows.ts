import { randomUUID } from 'node:crypto';
import { migrateQueue } from '../adapters/graphile-worker/queue.ts';
import {
  clearDatabase,
  dropMarks,
  loadDump,
  markRestore,
  readTargetOfSchool,
  readTargetState,
} from '../adapters/postgres-copy/load.ts';
import { applyMigrations, MigrationFault } from '../adapters/prisma/migrate.ts';
import type { Id } from '../domain/ids.ts';
import { mustHave } from '../domain/must-have.ts';
import type { Told } from '../pipeline/backup/copy-objects.ts';
import { folderOfBackup, type Manifest } from '../pipeline/backup/manifest.ts';
import { BackupRefused } from '../pipeline/backup/refusal.ts';
import { openPart } from '../pipeline/core/sealed-message.ts';
import { AccountThere, type AppliedMigration, DumpRefused } from '../pipeline/ports/database-copy.ts';
import type { ObjectStore } from '../pipeline/ports/object-store.ts';
import type { OpeningKey } from '../vault/keyring.ts';
import { migrate } from './first-start.ts';

/** A backup, where it lies, and what opens it. */
export interface OpenBackup {
  readonly place: ObjectStore;
  readonly manifest: Manifest;
  readonly opening: readonly OpeningKey[];
}

/** Rows that were loaded; until the restore of this id is finished no process serves. */
export interface LoadedRows {
  readonly id: string;
  readonly unplaced: readonly string[];
}

/**
 * Rows of one school after the other into an empty database, in tables that the backups' own migrations make; the newer
 * migrations come afterwards. The marks that keep every process from serving are set before the first row.
 * @throws BackupRefused `DATABASE_IN_USE`, `DATABASE_NOT_EMPTY`, `OTHER_VERSION`, `NOT_A_DUMP`.
 */
export async function loadRows(
  ownerUrl: string,
  [first, ...others]: readonly [OpenBackup, ...OpenBackup[]],
  { isReplacing, tell }: { readonly isReplacing: boolean; readonly tell: Told },
): Promise<readonly LoadedRows[]> {
  const state = await readTargetState(ownerUrl);
  if (state === 'in use') throw new BackupRefused('DATABASE_IN_USE');
  if (state === 'filled' && !isReplacing) throw new BackupRefused('DATABASE_NOT_EMPTY');
  const { migrations } = first.manifest;
  for (const { manifest } of others) assertSameTables(manifest, migrations);
  if (state !== 'empty') await clearDatabase(ownerUrl);
  const loaded: LoadedRows[] = [];
  return orRefused(async () => {
    await applyMigrations(ownerUrl, undefined, migrations);
    for (const { manifest } of [first, ...others]) {
      const id = randomUUID();
      await markRestore(ownerUrl, id, manifest.id);
      loaded.push({ id, unplaced: [] });
    }
    await migrateQueue(ownerUrl);
    for (const [at, backup] of [first, ...others].entries()) {
      const isBeside = at > 0;
      const school = isBeside ? idOf(backup.manifest) : (backup.manifest.school ?? null);
      const { unplaced } = await loadDump(ownerUrl, backup.manifest, rowsOf(backup, tell), {
        school,
        isBeside,
      });
      loaded[at] = { ...mustHave(loaded[at], 'mark of a restore'), unplaced };
    }
    await migrate(ownerUrl);
    return loaded;
  });
}

/**
 * Rows of one school into a database with others, which are not touched. Nobody may be connected meanwhile.
 * @throws BackupRefused `SCHOOL_THERE`, `OTHER_INSTALLATION`, `ACCOUNT_THERE`; and as `loadRows`.
 */
export async function loadBeside(
  ownerUrl: string,
  backup: OpenBackup,
  { isReplacing, tell }: { readonly isReplacing: boolean; readonly tell: Told },
): Promise<LoadedRows> {
  const { manifest } = backup;
  const school = idOf(manifest);
  const { firstId, isThere, isUnfinished, migrations } = await readTargetOfSchool(ownerUrl, school);
  if (isThere && !isUnfinished && !isReplacing) throw new BackupRefused('SCHOOL_THERE', { id: school });
  assertSameTables(manifest, migrations);
  if (manifest.installation !== firstId) throw new BackupRefused('OTHER_INSTALLATION', { id: school });
  const id = randomUUID();
  return orRefused(async () => {
    await markRestore(ownerUrl, id, `${school}/${manifest.id}`);
    try {
      const { unplaced } = await loadDump(ownerUrl, manifest, rowsOf(backup, tell), {
        school,
        isBeside: true,
      });
      await dropMarks(ownerUrl, school, id);
      await migrate(ownerUrl);
      return { id, unplaced };
    } catch (error) {
      // The load left no row: the others go on as they were, unless one that broke off before left some.
      if (!isUnfinished) await dropMarks(ownerUrl, school, null);
      throw error;
    }
  });
}

/** Of a backup that says whose it is; those from before schools had ids are of the first one alone. */
function idOf({ school, id }: Manifest): Id {
  if (school === undefined) throw new BackupRefused('UNKNOWN_FORM', { id });
  return school;
}

/** Rows of several schools go into the same tables. */
function assertSameTables({ id, migrations }: Manifest, wanted: readonly AppliedMigration[]): void {
  const names = (list: readonly AppliedMigration[]) =>
    list.map(({ name, checksum }) => `${name} ${checksum}`).toSorted();
  const [made, there] = [names(migrations), names(wanted)];
  const other = made.find((name) => !there.includes(name)) ?? there.find((name) => !made.includes(name));
  if (other !== undefined) throw new BackupRefused('OTHER_TABLES', { id, migration: other.split(' ')[0] ?? '' });
}

const rowsOf = ({ place, manifest, opening }: OpenBackup, tell: Told) =>
  counted(openPart(place, `${folderOfBackup(manifest.id)}/database`, manifest.database, opening), tell);

async function orRefused<Done>(work: () => Promise<Done>): Promise<Done> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MigrationFault) throw new BackupRefused('OTHER_VERSION', { why: error.message }, error);
    if (error instanceof DumpRefused) throw new BackupRefused('NOT_A_DUMP', { why: error.message }, error);
    if (error instanceof AccountThere) throw new BackupRefused('ACCOUNT_THERE', { email: error.email }, error);
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
