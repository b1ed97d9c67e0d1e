import { createDatabaseCopier } from '../adapters/postgres-copy/dump.ts';
import type { Config } from '../config/env.ts';
import { mustHave } from '../domain/must-have.ts';
import { digestKeys, readBackupKeys, readKeyFiles, writeKeysArchive } from '../keys/backup-keys.ts';
import type { Told } from '../pipeline/backup/copy-objects.ts';
import { type BackupMade, makeBackup } from '../pipeline/backup/make-backup.ts';
import { type Context, createContext } from './context.ts';
import { type DrillPassed, runDrill } from './drill.ts';
import { startDatabase } from './first-start.ts';
import { openPlace } from './open-place.ts';

export interface BackupAsked {
  readonly to: string;
  /** A file for the keys, apart from the backups; null: they are not written. */
  readonly keysTo: string | null;
  /** How many backups stay; null: all. */
  readonly keep: number | null;
  readonly tell: Told;
}

/** Makes one backup of what these settings say, beside a running server or without one. @throws BackupRefused, NoSuchPlace */
export async function makeBackupOf(given: Config, asked: BackupAsked): Promise<BackupMade> {
  const backupKeys = await readBackupKeys(given.EMANET_HOME);
  const place = await openPlace(given, asked.to, { mayMake: true });
  return withContext(given, async ({ outside, config }) => {
    const files = await readKeyFiles(given);
    if (asked.keysTo !== null)
      await writeKeysArchive(asked.keysTo, files, { at: outside.clock(), recipients: backupKeys });
    return makeBackup(outside, {
      copier: createDatabaseCopier(mustHave(config.DATABASE_URL, 'DATABASE_URL')),
      place,
      backupKeys,
      keys: { digest: digestKeys(files), isSaved: asked.keysTo !== null },
      keep: asked.keep,
      tell: asked.tell,
    });
  });
}

/** A drill of these settings, beside a running server or without one. @throws as `runDrill`. */
export function drillOf(given: Config, asked: Parameters<typeof runDrill>[1]): Promise<DrillPassed> {
  return withContext(given, ({ outside }) => runDrill(outside, asked));
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
