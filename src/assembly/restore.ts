import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { readTargetState, takeUnplaced } from '../adapters/postgres-copy/load.ts';
import type { Config } from '../config/env.ts';
import { ensurePrivateFolder, loadLogSigner } from '../config/secrets.ts';
import type { Id } from '../domain/ids.ts';
import { mustHave } from '../domain/must-have.ts';
import { openKeysArchive, putKeyFiles } from '../keys/backup-keys.ts';
import { readKeyFolder } from '../keys/key-folder.ts';
import { openKeyring } from '../keys/live-keyring.ts';
import { catchUpLog, entryIdOf } from '../pipeline/backup/catch-up-log.ts';
import type { Told } from '../pipeline/backup/copy-objects.ts';
import { listBackups, type Manifest, openManifest } from '../pipeline/backup/manifest.ts';
import { BackupRefused } from '../pipeline/backup/refusal.ts';
import { repeatSince, type Since } from '../pipeline/backup/repeat-since.ts';
import {
  findLost,
  findUnknown,
  type ObjectsRestored,
  restoreObjects,
  sayWhatIsErased,
} from '../pipeline/backup/restore-objects.ts';
import { publishLog } from '../pipeline/oversight/publish-log.ts';
import type { ObjectStore } from '../pipeline/ports/object-store.ts';
import type { OpeningKey } from '../vault/keyring.ts';
import { type Context, createContext } from './context.ts';
import { startDatabase } from './first-start.ts';
import { loadRows, type OpenBackup } from './load-rows.ts';
import { eraseAgain } from './run-worker.ts';

export const restoredParts = ['keys', 'database', 'objects', 'log'] as const;
export type RestoredPart = (typeof restoredParts)[number];

export interface RestoreAsked {
  /** Null: nothing is taken from a backup but the keys. */
  readonly place: ObjectStore | null;
  /** Null: the newest. */
  readonly backup: Id | null;
  readonly parts: readonly RestoredPart[];
  /** The file with the keys; null: they are there already. */
  readonly keysFile: string | null;
  /** What opens backups: the backup key. The vault's own keys do, too, where they are there. */
  readonly backupKeys: readonly OpeningKey[];
  /** The database may be emptied first. */
  readonly isReplacing: boolean;
  /** The backup may be older than another that is known. */
  readonly isOlderWanted: boolean;
  readonly tell: Told;
}

export interface Restored {
  /** How many files of keys were written; null: none was asked for. */
  readonly keys: number | null;
  readonly backup: Id | null;
  /** The moment that the rows are of. */
  readonly at: string | null;
  readonly objects: ObjectsRestored | null;
  readonly log: { readonly before: number; readonly after: number; readonly signedAt: number | null } | null;
  readonly since: Since | null;
  /** Recordings that the store has and the rows do not know. */
  readonly unknown: readonly Id[];
  /** Bodies that rows speak of and nothing has. */
  readonly lost: readonly string[];
  /** What is not erased again although it has a tombstone: of whom something is kept, or which nobody of the school signed. */
  readonly notErased: number;
}

/**
 * Brings a school back from a backup: keys, rows, objects, the log up to where its copy in the store ended, and what was taken
 * away since. Until the last step is done no process serves. Can be run again after it broke off.
 * @throws BackupRefused, VaultCorrupt, KeyRefused
 */
export async function restore(config: Config, asked: RestoreAsked): Promise<Restored> {
  const home = config.EMANET_HOME;
  await ensurePrivateFolder(home);
  const keys = asked.parts.includes('keys') ? await restoreKeys(home, asked) : null;
  if (asked.parts.every((part) => part === 'keys')) return { ...nothing, keys };
  if (config.VAULT_PRIVATE_KEY === undefined && (await readKeyFolder(home)).length === 0)
    throw new BackupRefused('NO_KEYS', { home });
  const found = asked.place === null ? null : await chooseBackup(config, asked.place, asked);
  const database = await startDatabase(config);
  try {
    const loaded = await bringRows(database.config.DATABASE_OWNER_URL, found, asked);
    const context = await createContext({ ...database.config, LOG_LEVEL: 'silent' }, { kind: 'worker' });
    try {
      return { ...(await finish(context, asked, found, loaded)), keys };
    } finally {
      await context.close();
    }
  } finally {
    if (!database.isJoined) await database.stop();
  }
}

/**
 * The rows of the backup; or, where only the log is asked for, those that are there, which somebody has set back by other
 * means. Null: the rows are as they should be.
 */
async function bringRows(
  ownerUrl: string | undefined,
  found: Chosen | null,
  asked: RestoreAsked,
): Promise<{ id: string; unplaced: readonly string[] } | null> {
  const needed = () => mustHave(ownerUrl, 'DATABASE_OWNER_URL');
  if (found !== null && asked.parts.includes('database')) return loadRows(needed(), found.place, found, asked);
  if (!asked.parts.includes('log')) return null;
  const state = await readTargetState(needed());
  if (state === 'empty') throw new BackupRefused('DATABASE_EMPTY');
  if (state === 'in use') throw new BackupRefused('DATABASE_IN_USE');
  return takeUnplaced(needed(), randomUUID());
}

const nothing: Restored = {
  keys: null,
  backup: null,
  at: null,
  objects: null,
  log: null,
  since: null,
  unknown: [],
  lost: [],
  notErased: 0,
};

interface Chosen extends OpenBackup {
  readonly place: ObjectStore;
  readonly newest: Manifest;
}

async function restoreKeys(home: string, { keysFile, backupKeys }: RestoreAsked): Promise<number | null> {
  if (keysFile === null) return null;
  const { files } = await openKeysArchive(await readFile(keysFile), backupKeys);
  return (await putKeyFiles(home, files)).written;
}

async function chooseBackup(config: Config, place: ObjectStore, asked: RestoreAsked): Promise<Chosen> {
  const keyring = await openKeyring(config, () => {});
  try {
    const opening = [...asked.backupKeys, ...keyring.openingKeys];
    const keys = { opening, verifying: keyring.verifyingKeys };
    const newestId = (await listBackups(place)).at(-1);
    if (newestId === undefined) throw new BackupRefused('NO_BACKUP');
    const newest = await openManifest(place, newestId, keys);
    const manifest =
      asked.backup === null || asked.backup === newestId ? newest : await openManifest(place, asked.backup, keys);
    if (manifest.id !== newestId && !asked.isOlderWanted) throw new BackupRefused('NEWER_BACKUP', { id: newestId });
    const { name } = await loadLogSigner(config);
    for (const { origin } of [manifest, newest])
      if (origin !== name) throw new BackupRefused('ANOTHER_SCHOOL', { origin });
    return { place, manifest, newest, opening };
  } finally {
    keyring.close();
  }
}

async function finish(
  context: Context,
  { parts, isOlderWanted, tell }: RestoreAsked,
  found: Chosen | null,
  loaded: { id: string; unplaced: readonly string[] } | null,
): Promise<Restored> {
  const { outside } = context;
  if (loaded === null) await sayWhatIsErased(outside);
  const objects =
    found !== null && parts.includes('objects') ? await restoreObjects(outside, { ...found, tell }) : null;
  let log: Restored['log'] = null;
  let since: Since | null = null;
  if (loaded !== null) {
    tell({ stage: 'log', done: 0, total: 0 });
    log = await catchUpLog(outside, loaded.unplaced);
    const { before: after, after: until } = log;
    const backup = found?.manifest.id ?? null;
    const known = new Set(loaded.unplaced.map(entryIdOf));
    since = await repeatSince(outside, { after, until, known, newerThan: isOlderWanted ? null : backup });
  }
  tell({ stage: 'erase', done: 0, total: 0 });
  const { notErased } = await eraseAgain(context);
  await outside.database.transact({ actor: { kind: 'system', id: 'restore' } }, async (tx) => {
    if (loaded !== null) {
      // Whoever was signed in at that time may not be any more.
      await tx.db.session.deleteMany();
      const data = { finishedAt: outside.clock(), unplaced: [] };
      await tx.db.restore.update({ where: { id: loaded.id }, data });
    }
    await tx.log({
      action: 'backup.restored',
      outcome: 'done',
      ...(found === null ? {} : { object: { kind: 'backup', id: found.manifest.id } }),
      details: {
        parts,
        objects: objects?.written ?? 0,
        entries: log === null ? 0 : log.after - log.before,
        repeated: since?.repeated ?? {},
      },
    });
  });
  await publishLog(outside);
  return {
    keys: null,
    backup: found?.manifest.id ?? null,
    at: found?.manifest.at ?? null,
    objects,
    log,
    since,
    unknown: await findUnknown(outside),
    lost: await findLost(outside),
    notErased,
  };
}
