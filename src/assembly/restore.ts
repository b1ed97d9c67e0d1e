import { randomUUID } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  leaveTakenOut,
  listOtherSchools,
  readTargetOfSchool,
  readTargetState,
  takeUnplaced,
} from '../adapters/postgres-copy/load.ts';
import { prefixedStore } from '../adapters/prefix/prefixed-store.ts';
import type { Config } from '../config/env.ts';
import { ensurePrivateFolder, loadLogSigner } from '../config/secrets.ts';
import { type Id, isId } from '../domain/ids.ts';
import { mustHave } from '../domain/must-have.ts';
import { keysArchiveOf, openKeysArchive, putKeyFiles } from '../keys/backup-keys.ts';
import { readKeyFolder } from '../keys/key-folder.ts';
import { openKeyring } from '../keys/live-keyring.ts';
import { catchUpLog, entryIdOf } from '../pipeline/backup/catch-up-log.ts';
import type { Told } from '../pipeline/backup/copy-objects.ts';
import {
  folderOfSchool,
  listBackedUpSchools,
  listBackups,
  type Manifest,
  openManifest,
} from '../pipeline/backup/manifest.ts';
import { BackupRefused } from '../pipeline/backup/refusal.ts';
import { repeatSince, type Since } from '../pipeline/backup/repeat-since.ts';
import {
  findLost,
  findUnknown,
  type ObjectsRestored,
  restoreObjects,
  sayWhatIsErased,
} from '../pipeline/backup/restore-objects.ts';
import { isElsewhere } from '../pipeline/backup/take-out.ts';
import { findCheckpoint } from '../pipeline/oversight/integrate-log.ts';
import { publishLog } from '../pipeline/oversight/publish-log.ts';
import type { ObjectStore } from '../pipeline/ports/object-store.ts';
import type { Outside } from '../pipeline/ports/outside.ts';
import type { OpeningKey } from '../vault/keyring.ts';
import { type Context, createContext } from './context.ts';
import { startDatabase } from './first-start.ts';
import { type LoadedRows, loadOne, loadRows, type OpenBackup, type PutInAsked } from './load-rows.ts';
import { eraseAgainIn } from './run-worker.ts';
import { schoolConfig } from './schools.ts';

export const restoredParts = ['keys', 'database', 'objects', 'log'] as const;
export type RestoredPart = (typeof restoredParts)[number];

export interface RestoreAsked extends PutInAsked {
  /**
   * Only this one, beside others that are not touched, or as the first one of an empty database; null: every school of the place,
   * the first one first.
   */
  readonly school: Id | null;
  /** Null: nothing is taken from a backup but the keys. */
  readonly place: ObjectStore | null;
  /** Null: the newest. */
  readonly backup: Id | null;
  readonly parts: readonly RestoredPart[];
  /** The file with the keys, or a folder with one for each school; null: they are there already. */
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
  /** Null: the first one, or the only one. */
  readonly school: Id | null;
  /** How many files of keys were written; null: none was asked for. */
  readonly keys: number | null;
  readonly backup: Id | null;
  /** The moment that the rows are of. */
  readonly at: string | null;
  readonly objects: ObjectsRestored | null;
  readonly log: { readonly before: number; readonly after: number; readonly signedAt: number | null } | null;
  readonly since: Since | null;
  /** The head of its log that a school goes on from, which was put in; null: it was here. */
  readonly putIn: { readonly size: number; readonly root: string } | null;
  /** Recordings that the store has and the rows do not know. */
  readonly unknown: readonly Id[];
  /** Bodies that rows speak of and nothing has. */
  readonly lost: readonly string[];
  /** What is not erased again although it has a tombstone: of whom something is kept, or which nobody of the school signed. */
  readonly notErased: number;
}

/** The first school or the one that was asked for, and the others. */
export interface AllRestored extends Restored {
  readonly others: readonly Restored[];
  /** Schools of the installation of which the place has no backup. */
  readonly without: readonly Id[];
  /** Of which the place has a backup, and which go on in another installation: they are left closed. */
  readonly takenOut: readonly Id[];
}

/** A school that is brought back. */
interface Target {
  /** Null: the first one, whose keys and objects stand where those of a school alone do. */
  readonly id: Id | null;
  /** The settings with which it is served. */
  readonly config: Config;
  readonly place: ObjectStore | null;
  readonly keysFile: string | null;
}

/**
 * Brings schools back from backups: keys, rows, objects, each log up to where its copy in the store ended, and what was taken
 * away since. Until the last step is done no process serves. Can be run again after it broke off.
 * @throws BackupRefused, VaultCorrupt, KeyRefused
 */
export async function restore(config: Config, asked: RestoreAsked): Promise<AllRestored> {
  await ensurePrivateFolder(config.EMANET_HOME);
  const isOfWhatIsThere = asked.place === null && asked.parts.includes('log');
  // Keys come before the database: without them nothing is begun.
  if (asked.school === null && !isOfWhatIsThere)
    return bringBack(config, asked, await findTargets(config, asked, undefined), null);
  const database = await startDatabase(config);
  const { DATABASE_OWNER_URL: ownerUrl } = database.config;
  try {
    const targets =
      asked.school === null
        ? await findTargets(config, asked, ownerUrl)
        : [await findTarget(config, asked, asked.school, ownerUrl)];
    return await bringBack(config, asked, targets, database);
  } finally {
    if (!database.isJoined) await database.stop();
  }
}

async function bringBack(
  config: Config,
  asked: RestoreAsked,
  targets: readonly Target[],
  running: Awaited<ReturnType<typeof startDatabase>> | null,
): Promise<AllRestored> {
  const written = new Map<Id | null, number | null>();
  for (const target of targets)
    written.set(target.id, asked.parts.includes('keys') ? await restoreKeys(target, asked) : null);
  let without: readonly Id[] = [];
  const takenOut: Id[] = [];
  const withKeys = (found: readonly Restored[]) => {
    const [first = nothing, ...others] = found.map((one) => ({ ...one, keys: written.get(one.school) ?? null }));
    return { ...first, others, without, takenOut };
  };
  if (asked.parts.every((part) => part === 'keys'))
    return withKeys(targets.map(({ id }) => ({ ...nothing, school: id })));
  const chosen: Chosen[] = [];
  for (const target of targets) chosen.push(await chooseBackup(target, asked));
  if (asked.school === null) {
    const there = new Set(chosen.map(({ target, found }) => target.id ?? found?.newest.school));
    without = (chosen[0]?.found?.newest.schools ?? []).filter((id) => !there.has(id));
  }
  const database = running ?? (await startDatabase(config));
  try {
    const loaded = await bringRows(database.config.DATABASE_OWNER_URL, chosen, asked);
    const context = await createContext({ ...database.config, LOG_LEVEL: 'silent' }, { kind: 'worker' });
    try {
      const restored: Restored[] = [];
      for (const [at, one] of chosen.entries()) {
        const { id } = one.target;
        const rows = loaded[at] ?? null;
        // The first one comes first: its log says which schools went elsewhere, also after the backup.
        if (asked.school === null && id !== null && rows !== null && (await isLeft(context.outside, id))) {
          await leaveTakenOut(mustHave(database.config.DATABASE_OWNER_URL, 'DATABASE_OWNER_URL'), id, rows.id);
          takenOut.push(id);
          continue;
        }
        if (id !== null && !(await context.outside.schools.list()).includes(id))
          throw new BackupRefused('NO_SUCH_SCHOOL', { school: id });
        restored.push(await finish(context, asked, one, rows));
      }
      return withKeys(restored);
    } finally {
      await context.close();
    }
  } finally {
    if (running === null && !database.isJoined) await database.stop();
  }
}

/** Of a school whose rows are there: it went to another installation. */
async function isLeft(first: Outside, id: Id): Promise<boolean> {
  const { database } = await first.schools.of(id);
  return (await database.read.school.findFirstOrThrow()).takenOutAt !== null || isElsewhere(first, id);
}

/** What was taken out takes no entry of its log. @throws BackupRefused `TAKEN_OUT`. */
async function assertAtWork({ database }: Outside): Promise<void> {
  const school = await database.read.school.findFirst();
  if (school !== null && school.takenOutAt !== null) throw new BackupRefused('TAKEN_OUT', { id: school.id });
}

/** As its own log says. @throws BackupRefused `TAKEN_OUT`. */
async function assertNotLeft(outside: Outside): Promise<void> {
  const school = await outside.database.read.school.findFirst();
  if (school !== null && (await isElsewhere(outside, school.id)))
    throw new BackupRefused('TAKEN_OUT', { id: school.id });
}

/** Every school: of the place, or whose keys are to come, or that is there. */
async function findTargets(
  config: Config,
  { place, keysFile }: RestoreAsked,
  ownerUrl: string | undefined,
): Promise<Target[]> {
  const isFolder = keysFile !== null && (await stat(keysFile).catch(noKeysFile(keysFile))).isDirectory();
  const ids =
    place !== null
      ? await listBackedUpSchools(place)
      : isFolder
        ? (await readdir(keysFile)).map((name) => name.replace(/\.pgp$/, '')).filter(isId)
        : ownerUrl === undefined
          ? []
          : await listOtherSchools(ownerUrl);
  if (ids.length > 0 && keysFile !== null && !isFolder)
    throw new BackupRefused('KEYS_OF_EACH', { count: ids.length + 1 });
  const first = {
    id: null,
    config,
    place,
    keysFile: isFolder ? join(keysFile, keysArchiveOf(null)) : keysFile,
  };
  const others = ids.map((id) => ({
    id,
    config: schoolConfig(config, id),
    place: place === null ? null : prefixedStore(place, folderOfSchool(id)),
    keysFile: keysFile === null ? null : join(keysFile, keysArchiveOf(id)),
  }));
  return [first, ...others];
}

/** One school: beside others, or the first one of an empty database. */
async function findTarget(
  config: Config,
  { place, keysFile }: RestoreAsked,
  id: Id,
  ownerUrl: string | undefined,
): Promise<Target> {
  const owner = mustHave(ownerUrl, 'DATABASE_OWNER_URL');
  const state = await readTargetState(owner);
  if (state === 'in use') throw new BackupRefused('DATABASE_IN_USE');
  const isFirst = state !== 'filled' || (await readTargetOfSchool(owner, id)).firstId === id;
  const isAlone = place === null || !(await listBackedUpSchools(place)).includes(id);
  const isFolder = keysFile !== null && (await stat(keysFile).catch(noKeysFile(keysFile))).isDirectory();
  return {
    id: isFirst ? null : id,
    config: isFirst ? config : schoolConfig(config, id),
    place: place === null || isAlone ? place : prefixedStore(place, folderOfSchool(id)),
    keysFile: isFolder ? join(keysFile, keysArchiveOf(isAlone ? null : id)) : keysFile,
  };
}

/**
 * The rows of the backups; or, where only the log is asked for, those that are there, which somebody has set back by other
 * means. Empty: the rows are as they should be.
 */
async function bringRows(
  ownerUrl: string | undefined,
  chosen: readonly Chosen[],
  asked: RestoreAsked,
): Promise<readonly LoadedRows[]> {
  const needed = () => mustHave(ownerUrl, 'DATABASE_OWNER_URL');
  if (asked.parts.includes('database')) {
    const [first, ...others] = chosen.map(({ found }) => mustHave(found, 'backup of a school'));
    const backups = [mustHave(first, 'backup'), ...others] as const;
    return asked.school === null ? loadRows(needed(), backups, asked) : [await loadOne(needed(), backups[0], asked)];
  }
  if (!asked.parts.includes('log')) return [];
  const state = await readTargetState(needed());
  if (state === 'empty') throw new BackupRefused('DATABASE_EMPTY');
  if (state === 'in use') throw new BackupRefused('DATABASE_IN_USE');
  const there = await listOtherSchools(needed());
  for (const { target } of chosen)
    if (target.id !== null && !there.includes(target.id))
      throw new BackupRefused('NO_SUCH_SCHOOL', { school: target.id });
  const taken: LoadedRows[] = [];
  for (const { target } of chosen)
    taken.push({ ...(await takeUnplaced(needed(), randomUUID(), target.id)), putIn: null });
  return taken;
}

const nothing: Restored = {
  school: null,
  keys: null,
  backup: null,
  at: null,
  objects: null,
  log: null,
  since: null,
  putIn: null,
  unknown: [],
  lost: [],
  notErased: 0,
};

interface Chosen {
  readonly target: Target;
  readonly found: (OpenBackup & { readonly newest: Manifest }) | null;
}

/** The installation's: it opens the second factors of every school. */
const authSecret = 'secrets/auth';

const noKeysFile = (file: string) => (error: NodeJS.ErrnoException) => {
  throw error.code === 'ENOENT' ? new BackupRefused('NO_KEYS_FILE', { file }) : error;
};

async function restoreKeys(
  { id, config, keysFile }: Target,
  { backupKeys, school: asked }: RestoreAsked,
): Promise<number | null> {
  if (keysFile === null) return null;
  const held = await readFile(keysFile).catch(noKeysFile(keysFile));
  const archive = await openKeysArchive(held, backupKeys);
  // Whoever is the first one of an installation need not be the first one of another.
  if (archive.school !== id && (asked === null || archive.id !== asked))
    throw new BackupRefused('KEYS_OF_ANOTHER', { file: keysFile });
  const { [authSecret]: auth, ...own } = archive.files;
  const files = id === null && auth !== undefined ? { ...own, [authSecret]: auth } : own;
  await ensurePrivateFolder(config.EMANET_HOME);
  return (await putKeyFiles(config.EMANET_HOME, files)).written;
}

async function chooseBackup(target: Target, asked: RestoreAsked): Promise<Chosen> {
  const { config, place } = target;
  if (config.VAULT_PRIVATE_KEY === undefined && (await readKeyFolder(config.EMANET_HOME)).length === 0)
    throw new BackupRefused('NO_KEYS', { home: config.EMANET_HOME });
  if (place === null) return { target, found: null };
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
    for (const { origin, school } of [manifest, newest]) {
      const wanted = asked.school ?? target.id ?? school;
      if (origin !== name || school !== wanted) throw new BackupRefused('ANOTHER_SCHOOL', { origin });
    }
    return { target, found: { place, manifest, newest, opening } };
  } finally {
    keyring.close();
  }
}

async function finish(
  context: Context,
  { parts, isOlderWanted, tell }: RestoreAsked,
  { target, found }: Chosen,
  loaded: LoadedRows | null,
): Promise<Restored> {
  const outside = target.id === null ? context.outside : await context.outside.schools.of(target.id);
  await assertAtWork(outside);
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
    // The copy in the store may be from after the school left, and the backup from before.
    if (loaded.putIn === null) await assertNotLeft(outside);
  }
  const putIn =
    loaded === null || loaded.putIn === null || found === null ? null : await putInBy(outside, found, loaded.putIn);
  tell({ stage: 'erase', done: 0, total: 0 });
  const notErased = await eraseAgainIn(outside, context.log);
  await outside.database.transact({ actor: { kind: 'system', id: 'restore' } }, async (tx) => {
    if (loaded !== null) {
      // Whoever was signed in at that time may not be any more.
      await tx.db.session.deleteMany();
      const data = { finishedAt: outside.clock(), unplaced: [] };
      await tx.db.restore.update({ where: { id: loaded.id }, data });
    }
    if (putIn !== null) await tx.log(putIn);
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
  if (putIn !== null && target.id !== null) {
    await context.outside.database.transact({ actor: { kind: 'system', id: 'restore' } }, (tx) => tx.log(putIn));
    await publishLog(context.outside);
  }
  return {
    school: target.id,
    keys: null,
    backup: found?.manifest.id ?? null,
    at: found?.manifest.at ?? null,
    objects,
    log,
    since,
    putIn: putIn === null ? null : { size: putIn.details.size, root: putIn.details.root },
    unknown: await findUnknown(outside),
    lost: await findLost(outside),
    notErased,
  };
}

/** What the log says of a school that was in another installation: which backup it comes from, and the head that it goes on from. */
async function putInBy(
  { database }: Pick<Outside, 'database'>,
  { manifest: { id: backup, school = '' } }: OpenBackup,
  { from, takenOut, renamed }: NonNullable<LoadedRows['putIn']>,
) {
  const head = mustHave(await findCheckpoint(database.read), 'head of the log');
  const details = { from, backup, size: head.size, root: Buffer.from(head.root).toString('hex'), takenOut, renamed };
  return { action: 'school.put_in', outcome: 'done', object: { kind: 'school', id: school }, details } as const;
}
