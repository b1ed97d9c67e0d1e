import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createDatabaseCopier, removeJobs } from '../adapters/postgres-copy/dump.ts';
import { prefixedStore } from '../adapters/prefix/prefixed-store.ts';
import type { Config } from '../config/env.ts';
import { Refusal } from '../domain/errors.ts';
import type { Id } from '../domain/ids.ts';
import { mustHave } from '../domain/must-have.ts';
import {
  digestKeys,
  keysArchiveOf,
  readBackupKeys,
  readForeignKeys,
  readKeyFiles,
  writeKeysArchive,
} from '../keys/backup-keys.ts';
import type { Told } from '../pipeline/backup/copy-objects.ts';
import { type BackupMade, makeBackup } from '../pipeline/backup/make-backup.ts';
import { folderOfSchool } from '../pipeline/backup/manifest.ts';
import { BackupRefused } from '../pipeline/backup/refusal.ts';
import { takeOut } from '../pipeline/backup/take-out.ts';
import type { Outside } from '../pipeline/ports/outside.ts';
import { type Context, createContext } from './context.ts';
import { type DrillPassed, runDrill } from './drill.ts';
import { startDatabase } from './first-start.ts';
import { openPlace } from './open-place.ts';
import { schoolConfig } from './schools.ts';

export interface BackupAsked {
  readonly to: string;
  /** Only this one, by its id or its name; null: each school, the first one first. */
  readonly school: string | null;
  /**
   * A file for the keys, apart from the backups, or a folder for one of each school; null: they are not written.
   */
  readonly keysTo: string | null;
  /** How many backups of a school stay; null: all. */
  readonly keep: number | null;
  /** The school goes on in another installation: this is its last backup here. Null: it stays. */
  readonly takeOut: TakeOut | null;
  readonly tell: Told;
}

export interface TakeOut {
  /** Where it goes on, in words, for the log. */
  readonly to: string;
  /** The public key for which the other installation wants backups; null: the backup key of this one. */
  readonly keyFile: string | null;
}

/** The backup of a school, whose id is null for the first one. */
export interface BackupOfSchool extends BackupMade {
  readonly school: Id | null;
  /** Where its keys were written. */
  readonly keysTo: string | null;
  /** Its id, where it was taken out. */
  readonly takenOut: Id | null;
}

/**
 * Makes a backup of each school of these settings, one after the other, beside a running server or without one. One that is
 * refused ends it; those before it are made.
 * @throws BackupRefused, NoSuchPlace
 */
export async function makeBackupsOf(
  given: Config,
  asked: BackupAsked,
): Promise<BackupOfSchool & { readonly others: readonly BackupOfSchool[] }> {
  const { takeOut: leaving } = asked;
  const backupKeys =
    leaving === null || leaving.keyFile === null
      ? await readBackupKeys(given.EMANET_HOME)
      : await readForeignKeys(leaving.keyFile);
  const place = await openPlace(given, asked.to, { mayMake: true });
  return withContext(given, async ({ outside, config }) => {
    const [firstId = '', ...others] = await outside.schools.list();
    const wanted = asked.school === null ? [firstId, ...others] : [await findSchool(outside, asked.school)];
    const isFolder =
      asked.keysTo !== null && ((asked.school === null && others.length > 0) || (await isDirectory(asked.keysTo)));
    if (asked.keysTo !== null && isFolder) await mkdir(asked.keysTo, { recursive: true, mode: 0o700 });
    const made: BackupOfSchool[] = [];
    for (const one of wanted) {
      const school = one === firstId ? null : one;
      const ofSchool = school === null ? outside : await outside.schools.of(school);
      const row = await ofSchool.database.read.school.findFirst();
      if (leaving !== null && row === null) throw new BackupRefused('NO_SUCH_SCHOOL', { school: one });
      if (leaving === null && row !== null && row.takenOutAt !== null)
        throw new BackupRefused('TAKEN_OUT', { id: one });
      // What happens to the installation is on its log.
      if (leaving !== null && school === null && others.length > 0)
        throw new BackupRefused('FIRST_OF_SEVERAL', { count: others.length });
      const files = await readKeyFiles(school === null ? given : schoolConfig(given, school), {
        isFirst: school === null,
      });
      const keysTo = asked.keysTo !== null && isFolder ? join(asked.keysTo, keysArchiveOf(school)) : asked.keysTo;
      if (keysTo !== null)
        await writeKeysArchive(keysTo, files, { at: outside.clock(), recipients: backupKeys, school, id: one });
      const backup = await makeBackup(ofSchool, {
        copier: createDatabaseCopier(mustHave(config.DATABASE_URL, 'DATABASE_URL'), school),
        place: school === null ? place : prefixedStore(place, folderOfSchool(school)),
        backupKeys,
        keys: { digest: digestKeys(files), isSaved: keysTo !== null },
        keep: asked.keep,
        takeOut:
          leaving === null
            ? null
            : () => takeOut(ofSchool, { to: leaving.to, first: school === null ? null : outside }),
        tell: asked.tell,
      });
      // They are in the backup, and go on from there.
      if (leaving !== null) await removeJobs(mustHave(config.DATABASE_URL, 'DATABASE_URL'), one);
      made.push({ ...backup, school, keysTo, takenOut: leaving === null ? null : one });
    }
    const [first, ...more] = made;
    return { ...mustHave(first, 'backup'), others: more };
  });
}

/** By its id or its name. @throws BackupRefused `NO_SUCH_SCHOOL`. */
export async function findSchool(outside: Outside, named: string): Promise<Id> {
  for (const id of await outside.schools.list()) {
    const school = await (await outside.schools.of(id)).database.read.school.findFirst();
    if (id === named || school?.name === named) return id;
  }
  if (await isTakenOut(outside, named)) return named;
  throw new BackupRefused('NO_SUCH_SCHOOL', { school: named });
}

/** It is no school of the list any more, and its rows are there. */
async function isTakenOut({ schools }: Outside, id: Id): Promise<boolean> {
  try {
    await schools.of(id);
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.code === 'NOT_FOUND') return false;
    throw error;
  }
}

const isDirectory = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );

/** A drill of these settings, beside a running server or without one; null: of the first school. @throws as `runDrill`. */
export function drillOf(
  given: Config,
  named: string | null,
  asked: Omit<Parameters<typeof runDrill>[1], 'school'>,
): Promise<DrillPassed> {
  return withContext(given, async ({ outside }) => {
    const [firstId] = await outside.schools.list();
    const found = named === null ? null : await findSchool(outside, named);
    if (found === null || found === firstId) return runDrill(outside, { ...asked, school: null });
    const place = prefixedStore(asked.place, folderOfSchool(found));
    return runDrill(await outside.schools.of(found), { ...asked, place, school: found });
  });
}

async function withContext<Done>(given: Config, work: (context: Context) => Promise<Done>): Promise<Done> {
  const database = await startDatabase(given);
  try {
    const context = await createContext({ ...database.config, LOG_LEVEL: 'silent' }, { kind: 'worker' });
    try {
      return await work(context);
    } finally {
      await context.close();
    }
  } finally {
    if (!database.isJoined) await database.stop();
  }
}
