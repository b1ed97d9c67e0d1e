import { randomUUID } from 'node:crypto';
import { migrateQueue } from '../adapters/graphile-worker/queue.ts';
import {
  clearDatabase,
  dropMarks,
  type LoadOrder,
  loadDump,
  markRestore,
  openTakenOut,
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
import { AccountThere, type AppliedMigration, DumpRefused, NoAccount } from '../pipeline/ports/database-copy.ts';
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
  /** The school was in another installation, or had been taken out of this one; null: it is where it was. */
  readonly putIn: { readonly from: Id; readonly takenOut: boolean; readonly renamed: number } | null;
}

/** What the operator says of one school that is put in. */
export interface PutInAsked {
  /** It goes on nowhere else, although nobody took it out, or somebody took it out of here. */
  readonly isOnlyHere: boolean;
  /** Other addresses for accounts of the backup. */
  readonly addresses: ReadonlyMap<string, string>;
}

/**
 * Rows of one school after the other into an empty database, in tables that the backups' own migrations make; the newer
 * migrations come afterwards. The marks that keep every process from serving are set before the first row.
 * @throws BackupRefused `DATABASE_IN_USE`, `DATABASE_NOT_EMPTY`, `TAKEN_OUT`, `OTHER_VERSION`, `NOT_A_DUMP`.
 */
export async function loadRows(
  ownerUrl: string,
  [first, ...others]: readonly [OpenBackup, ...OpenBackup[]],
  { isReplacing, tell }: { readonly isReplacing: boolean; readonly tell: Told },
): Promise<readonly LoadedRows[]> {
  const state = await readTargetState(ownerUrl);
  if (state === 'in use') throw new BackupRefused('DATABASE_IN_USE');
  if (state === 'filled' && !isReplacing) throw new BackupRefused('DATABASE_NOT_EMPTY');
  if (first.manifest.takenOut) throw new BackupRefused('TAKEN_OUT', { id: idOf(first.manifest) });
  const { migrations } = first.manifest;
  for (const { manifest } of others) assertSameTables(manifest, migrations);
  if (state !== 'empty') await clearDatabase(ownerUrl);
  const loaded: LoadedRows[] = [];
  return orRefused(async () => {
    await applyMigrations(ownerUrl, undefined, migrations);
    for (const { manifest } of [first, ...others]) {
      const id = randomUUID();
      await markRestore(ownerUrl, id, manifest.id);
      loaded.push({ id, unplaced: [], putIn: null });
    }
    await migrateQueue(ownerUrl);
    for (const [at, backup] of [first, ...others].entries()) {
      const isBeside = at > 0;
      const school = isBeside ? idOf(backup.manifest) : (backup.manifest.school ?? null);
      const { unplaced } = await loadDump(ownerUrl, backup.manifest, rowsOf(backup, tell), {
        ...asItWas,
        school,
        isBeside,
      });
      loaded[at] = { ...mustHave(loaded[at], 'mark of a restore'), unplaced };
    }
    await migrate(ownerUrl);
    return loaded;
  });
}

const asItWas: Omit<LoadOrder, 'school' | 'isBeside'> = { isElsewhere: false, addresses: new Map() };

/**
 * Rows of one school into a database with others, which are not touched, or into an empty one, whose first school it is. Nobody
 * may be connected meanwhile. A school of another installation has to have been taken out of it: it must not go on in two places.
 * @throws BackupRefused `SCHOOL_THERE`, `NOT_TAKEN_OUT`, `TAKEN_OUT`, `ACCOUNT_THERE`, `NO_ACCOUNT`; and as `loadRows`.
 */
export async function loadOne(
  ownerUrl: string,
  backup: OpenBackup,
  asked: PutInAsked & { readonly isReplacing: boolean; readonly tell: Told },
): Promise<LoadedRows> {
  const isEmpty = (await readTargetState(ownerUrl)) !== 'filled';
  return isEmpty ? loadAsFirst(ownerUrl, backup, asked) : loadBeside(ownerUrl, backup, asked);
}

async function loadAsFirst(
  ownerUrl: string,
  backup: OpenBackup,
  { isOnlyHere, addresses, tell }: Parameters<typeof loadOne>[2],
): Promise<LoadedRows> {
  const { manifest } = backup;
  const school = idOf(manifest);
  const from = manifest.installation ?? school;
  const takenOut = manifest.takenOut ?? false;
  if (!takenOut && !isOnlyHere) throw new BackupRefused('NOT_TAKEN_OUT', { id: school });
  if ((await readTargetState(ownerUrl)) === 'unfinished') await clearDatabase(ownerUrl);
  return orRefused(async () => {
    await applyMigrations(ownerUrl, undefined, manifest.migrations);
    const id = randomUUID();
    await markRestore(ownerUrl, id, manifest.id);
    await migrateQueue(ownerUrl);
    // The keys of a first school are those of its installation, too.
    const order = { school, isBeside: false, isElsewhere: from !== school, addresses };
    const { unplaced } = await loadDump(ownerUrl, manifest, rowsOf(backup, tell), order);
    await migrate(ownerUrl);
    await openTakenOut(ownerUrl, school);
    return { id, unplaced, putIn: { from, takenOut, renamed: addresses.size } };
  });
}

async function loadBeside(
  ownerUrl: string,
  backup: OpenBackup,
  { isOnlyHere, addresses, isReplacing, tell }: Parameters<typeof loadOne>[2],
): Promise<LoadedRows> {
  const { manifest } = backup;
  const school = idOf(manifest);
  const target = await readTargetOfSchool(ownerUrl, school);
  const { firstId, isThere, isUnfinished, migrations } = target;
  if (isThere && !isUnfinished && !isReplacing) throw new BackupRefused('SCHOOL_THERE', { id: school });
  assertSameTables(manifest, migrations);
  const from = manifest.installation ?? school;
  const takenOut = manifest.takenOut ?? false;
  const isElsewhere = from !== firstId;
  if (isElsewhere && !takenOut && !isOnlyHere) throw new BackupRefused('NOT_TAKEN_OUT', { id: school });
  if (!isElsewhere && (takenOut || target.isTakenOut) && !isOnlyHere)
    throw new BackupRefused('TAKEN_OUT', { id: school });
  const id = randomUUID();
  return orRefused(async () => {
    await markRestore(ownerUrl, id, `${school}/${manifest.id}`);
    try {
      const order = { school, isBeside: true, isElsewhere, addresses };
      const { unplaced } = await loadDump(ownerUrl, manifest, rowsOf(backup, tell), order);
      await dropMarks(ownerUrl, school, id);
      await migrate(ownerUrl);
      await openTakenOut(ownerUrl, school);
      const isPutIn = isElsewhere || takenOut || target.isTakenOut;
      return { id, unplaced, putIn: isPutIn ? { from, takenOut, renamed: addresses.size } : null };
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
    if (error instanceof NoAccount) throw new BackupRefused('NO_ACCOUNT', { email: error.email }, error);
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
